import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Shows the picture in the terminal: two pixels in each character, the upper half of a block and what is behind it. */
final class Viewer {

    private static final int FRAME_MILLIS = 200;
    private static final int MOST_MESSAGES = 8;

    private final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, UTF_8);
    private final List<String> messages = new ArrayList<>();
    private final boolean manyColors = System.getProperty("demo.colors", "").matches("truecolor|24bit");
    private final int columns;
    private final int rows;
    private long lastFrame;
    private int quarters;
    private boolean drawn;
    private boolean closed;

    Viewer(int width, int height, int kills) {
        // Empty unless this is a terminal that shows colors.
        String[] terminal = System.getProperty("demo.terminal", "").split(" ");
        int free = terminal.length == 2
                ? Integer.parseInt(terminal[0]) - Math.min(kills, MOST_MESSAGES) - 6
                : 0;
        double scale = free < 4
                ? 0
                : Math.min(Double.parseDouble(terminal[1]) / width, 2.0 * free / height);
        columns = (int) (width * scale);
        rows = (int) (height * scale / 2);
    }

    private boolean isTerminal() {
        return columns > 0 && rows > 0;
    }

    synchronized void say(String message) {
        if (isTerminal() && drawn) {
            messages.add(message);
            out.print("\033[K" + message + "\r\n\033[K");
        } else {
            out.println(message);
        }
        out.flush();
    }

    synchronized void show(Painting picture, int painted, long painters) {
        int now = (int) (4L * painted / picture.tiles());
        boolean last = painted == picture.tiles();
        if (!isTerminal()) {
            if (now > quarters && !last) {
                out.println(now + " quarters of the tiles are painted");
                out.flush();
            }
            quarters = now;
        } else if (!closed && (last || System.nanoTime() - lastFrame > FRAME_MILLIS * 1_000_000L)) {
            lastFrame = System.nanoTime();
            List<String> below = messages.subList(Math.max(0, messages.size() - MOST_MESSAGES), messages.size());
            StringBuilder frame = new StringBuilder();
            // Without a cursor, and without a new line where one is too long.
            frame.append(drawn ? "\r\033[" + (rows + below.size()) + "A" : "\033[?25l\033[?7l");
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    frame.append(color(38, average(picture, column, 2 * row)));
                    frame.append(color(48, average(picture, column, 2 * row + 1)));
                    frame.append('\u2580');
                }
                frame.append("\033[0m\033[K\r\n");
            }
            below.forEach(message -> frame.append(message).append("\033[K\r\n"));
            frame.append(String.format(Locale.ROOT, "%d painters, %d of %d tiles\033[K", painters, painted,
                    picture.tiles()));
            out.print(frame);
            out.flush();
            drawn = true;
        }
    }

    /** The average color of the pixels that come to lie on one. */
    private int average(Painting picture, int column, int line) {
        int left = (int) ((long) column * picture.width() / columns);
        int right = Math.max(left + 1, (int) ((column + 1L) * picture.width() / columns));
        int top = (int) ((long) line * picture.height() / (2 * rows));
        int bottom = Math.max(top + 1, (int) ((line + 1L) * picture.height() / (2 * rows)));
        long red = 0;
        long green = 0;
        long blue = 0;
        int count = (right - left) * (bottom - top);
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                int color = picture.color(x, y);
                red += color >> 16 & 0xff;
                green += color >> 8 & 0xff;
                blue += color & 0xff;
            }
        }
        return (int) (red / count << 16 | green / count << 8 | blue / count);
    }

    /** What sets a color: with 24 bits or as the nearest of the cube of 6 x 6 x 6 that terminals with 256 colors have. */
    private String color(int which, int rgb) {
        int red = rgb >> 16;
        int green = rgb >> 8 & 0xff;
        int blue = rgb & 0xff;
        return manyColors
                ? "\033[" + which + ";2;" + red + ";" + green + ";" + blue + "m"
                : "\033[" + which + ";5;" + (16 + 36 * cube(red) + 6 * cube(green) + cube(blue)) + "m";
    }

    private static int cube(int value) {
        return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
    }

    synchronized void close() {
        if (drawn && !closed) {
            out.print("\033[0m\033[?7h\033[?25h");
            out.flush();
        }
        closed = true;
    }
}
