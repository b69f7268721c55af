import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.imageio.ImageIO;

/** What the demonstrations show, as a file. */
class Picture {

    private Picture() {}

    /** Writes a picture to a file, of which nobody ever finds a half. */
    static void write(BufferedImage picture, Path file) throws IOException {
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw new IOException(file + " is there, and is no file that a picture could replace");
        }
        Path beside = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".tmp");
        beside.toFile().deleteOnExit(); // On Ctrl-C, too.
        try {
            // This makes the file anew, with the mode of any new file, which a temporary one has not.
            ImageIO.write(picture, "png", beside.toFile());
            Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
