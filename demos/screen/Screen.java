import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts an X server that keeps its screen in a block, lets a program draw on it, attaches to the block read-only, and writes
 * the screen to a file: without a word of the X protocol, and without a library of X.
 *
 * <p>Xvfb leaves the block behind when it ends. The command line then shows it and removes it.
 */
class Screen {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;
    private static final String LOGO = "300x300+170+50";
    private static final String INK = "#e76f51";
    private static final String PAPER = "#264653";

    private static final Pattern BLOCK = Pattern.compile("screen 0 shmid (\\d+)");

    private final List<Process> started = new ArrayList<>();
    private SharedMemory memory;
    private volatile long server = -1;
    private final Instant began = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 1 || (arguments.length == 1 && arguments[0].startsWith("-"))) {
            System.err.println("usage: demos/screen/run [FILE.png]");
            System.exit(2);
        }
        new Screen().run(Path.of(arguments.length == 1 ? arguments[0] : "screen.png"));
    }

    private void run(Path file) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(this::leave));
        // It chooses a free display, and writes its number to standard output once it listens.
        Process xvfb = start("Xvfb", "-displayfd", "1", "-shmem", "-nolisten", "tcp", "-screen", "0",
                WIDTH + "x" + HEIGHT + "x24");
        memory = SharedMemory.ofId(findBlock(xvfb));
        if (memory.status().creatorPid() != server) {
            throw new IllegalStateException("block " + memory.id() + " is not Xvfb's");
        }
        String display = xvfb.inputReader().readLine();
        if (display == null) {
            throw new IllegalStateException("Xvfb has ended with exit code " + xvfb.waitFor());
        }
        System.out.println("Xvfb, process " + server + ", has display :" + display + " and keeps its screen in block "
                + memory.id());
        start("xlogo", "-display", ":" + display, "-geometry", LOGO, "-fg", INK, "-bg", PAPER);
        look(file);
        for (Process process : started.reversed()) {
            process.destroy(); // SIGTERM
            process.waitFor();
        }
        showOrphan();
        System.out.println("checked: the logo was on the screen, and Xvfb's block is removed");
    }

    // @start region="look"
    private void look(Path file) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment screen = memory.attach(AttachMode.READ_ONLY, arena);
            Header header = Header.of(screen);
            awaitLogo(screen, header);
            Picture.write(header.picture(screen), file);
            System.out.println("read " + header.width + " x " + header.height + " pixels of " + header.bitsPerPixel
                    + " bits, read-only; the picture is in " + file);
        }
    }
    // @end region="look"

    // @start region="header"
    /** The header of a window dump, 25 numbers, big-endian on every machine. The colors and then the pixels follow. */
    private record Header(int width, int height, int bitsPerPixel, int bytesPerLine, ByteOrder order, long pixels) {

        private static final ValueLayout.OfInt NUMBER = ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);

        static Header of(MemorySegment screen) {
            require(number(screen, 1), 7, "version");
            require(number(screen, 2), 2, "format, a pixmap of whole pixels");
            require(number(screen, 11), 32, "bits of a pixel");
            require(number(screen, 14), 0xff0000, "mask of red");
            long pixels = number(screen, 0) + 12L * number(screen, 19); // Behind the header's and the colors' bytes.
            Header header = new Header(number(screen, 4), number(screen, 5), number(screen, 11), number(screen, 12),
                    number(screen, 7) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN, pixels);
            // Whatever the server says, no pixel lies outside of the block.
            if (header.width < 1 || header.height < 1 || header.bytesPerLine / 4 < header.width || pixels < 100
                    || pixels + header.height * (long) header.bytesPerLine > screen.byteSize()) {
                throw new IllegalStateException("the block holds no such screen: " + header);
            }
            return header;
        }

        private static int number(MemorySegment screen, int index) {
            return screen.get(NUMBER, 4L * index);
        }

        private static void require(int actual, int expected, String what) {
            if (actual != expected) {
                throw new IllegalStateException("this is not the dump of a screen: " + actual + ", not " + expected
                        + ", as the " + what);
            }
        }

        /** The color of a pixel, 0xRRGGBB. */
        int color(MemorySegment screen, int x, int y) {
            long offset = pixels + y * (long) bytesPerLine + 4L * x;
            return screen.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(order), offset) & 0xffffff;
        }
        // @end region="header"

        BufferedImage picture(MemorySegment screen) {
            BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    picture.setRGB(x, y, color(screen, x, y));
                }
            }
            return picture;
        }
    }

    /** Waits until the window is there with the logo in it, and nothing more is drawn. */
    private void awaitLogo(MemorySegment screen, Header header) throws InterruptedException {
        int ink = Integer.decode(INK);
        int paper = Integer.decode(PAPER);
        int before = 0;
        while (true) {
            int inked = 0;
            int blank = 0;
            for (int y = 0; y < header.height; y++) {
                for (int x = 0; x < header.width; x++) {
                    int color = header.color(screen, x, y);
                    inked += color == ink ? 1 : 0;
                    blank += color == paper ? 1 : 0;
                }
            }
            if (inked > 0 && blank > 0 && inked == before) {
                return;
            }
            before = inked;
            requireAlive();
            Thread.sleep(100);
        }
    }

    private void requireAlive() {
        for (Process process : started) {
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        process.info().command().orElse("a program") + " has ended with exit code "
                                + process.exitValue());
            }
        }
    }

    /** Xvfb does not remove its block. The command line says so, and removes it. */
    private void showOrphan() throws Exception {
        System.out.println("Xvfb has ended, and its block is an orphan:");
        String id = "id:" + memory.id();
        shm4j("list", "--orphans", "--key", id, "--output", "id,perms,size,status");
        shm4j("remove", id);
    }

    private void shm4j(String... words) throws Exception {
        System.out.println("$ ./shm4j " + String.join(" ", words));
        List<String> command = new ArrayList<>(List.of(System.getProperty("demo.shm4j")));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process.getOutputStream().close();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("shm4j " + words[0] + " has ended with exit code " + process.exitValue());
        }
    }

    /** Finds the id of the block in what Xvfb says, and goes on reading, as Xvfb may say more. */
    private static int findBlock(Process xvfb) throws Exception {
        CompletableFuture<Integer> id = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            StringBuilder said = new StringBuilder();
            xvfb.errorReader().lines().forEach(line -> {
                Matcher block = BLOCK.matcher(line);
                if (block.find()) {
                    id.complete(Integer.parseInt(block.group(1)));
                }
                said.append(line).append('\n');
            });
            id.completeExceptionally(new IllegalStateException("Xvfb names no block:\n" + said));
        });
        return id.get();
    }

    /** Whatever happened: neither a process nor the block stays, of which this process may not know yet. */
    private synchronized void leave() {
        // With SIGTERM first, as Xvfb has files to delete.
        started.forEach(Process::destroy);
        for (Process process : started) {
            try {
                process.waitFor(5, TimeUnit.SECONDS);
            } catch (InterruptedException hurried) {
                // Then at once.
            }
            process.destroyForcibly();
        }
        try {
            for (ShmStatus block : SharedMemory.list()) {
                // The kernel counts the times of blocks in whole seconds. An older block is somebody else's.
                if (block.creatorPid() == server && !block.changeTime().isBefore(began)) {
                    SharedMemory.ofId(block.id()).remove();
                }
            }
        } catch (ShmNotFoundException gone) {
            // As it should be.
        } catch (ShmException failed) {
            System.err.println("screen: the block of process " + server + " may be left: " + failed.getMessage());
        }
    }

    private synchronized Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        started.add(process);
        if (server == -1) {
            server = process.pid();
        }
        return process;
    }
}
