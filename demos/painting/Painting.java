import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Several processes paint one picture of the Mandelbrot set in one block. This process starts them, shows the picture while
 * it grows, kills some of them if it is told to, and writes the picture to a file.
 *
 * <p>The picture is divided into tiles. A painter takes the next one by adding 1 to a number in the block. What a killed
 * painter had taken is given back, and another one takes it.
 */
class Painting {

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    // What is written by many has cache lines of its own.
    private static final long WIDTH = 0;
    private static final long HEIGHT = 4;
    private static final long NEXT_TILE = 128;

    /** Painters stop in the middle of this tile and of all behind it. */
    private static final long STOP_AT = 256;

    /** One number for each tile: {@link #FREE}, the pid of the painter that has it, or {@link #PAINTED}. */
    private static final long STATES = 384;

    private static final int FREE = 0;
    private static final int PAINTED = -1;

    private static final int TILE = 16;
    private static final int DEPTH = 3000;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 2 && arguments[0].equals("paint")) {
            try (Arena arena = Arena.ofShared()) {
                endWithTheParent();
                paint(new Painting(Integer.parseInt(arguments[1]), arena));
            }
            return;
        }
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException wrong) {
            System.err.println("painting: " + wrong.getMessage());
            System.err.println(
                    "usage: demos/painting/run [--painters N] [--kill N] [--size WIDTHxHEIGHT] [--check] [FILE.png]");
            System.exit(2);
            return;
        }
        new Studio(options, arguments.length).run();
    }

    // ---- The block.

    private final MemorySegment block;
    private final int width;
    private final int height;
    private final int columns;
    private final int tiles;
    private final long pixels;

    /** Attaches to a picture. */
    private Painting(int id, Arena arena) throws IOException {
        this(SharedMemory.ofId(id).attach(AttachMode.READ_WRITE, arena));
    }

    private Painting(MemorySegment block) {
        this.block = block;
        width = block.get(ValueLayout.JAVA_INT, WIDTH);
        height = block.get(ValueLayout.JAVA_INT, HEIGHT);
        columns = Math.ceilDiv(width, TILE);
        tiles = tiles(width, height);
        pixels = pixels(tiles);
    }

    private static int tiles(int width, int height) {
        return Math.ceilDiv(width, TILE) * Math.ceilDiv(height, TILE);
    }

    private static long pixels(int tiles) {
        return STATES + 4L * Math.ceilDiv(tiles, 32) * 32;
    }

    private static long size(int width, int height) {
        return pixels(tiles(width, height)) + 4L * width * height;
    }

    private int state(int tile) {
        return (int) INT.getAcquire(block, STATES + 4L * tile); // No load of a pixel comes earlier.
    }

    private boolean changeState(int tile, int from, int to) {
        return INT.compareAndSet(block, STATES + 4L * tile, from, to); // No store of a pixel comes later.
    }

    int width() {
        return width;
    }

    int height() {
        return height;
    }

    int tiles() {
        return tiles;
    }

    /** What is there of a pixel by now, 0xRRGGBB in the lower bytes. */
    int color(int x, int y) {
        return block.get(ValueLayout.JAVA_INT, pixels + 4L * (y * (long) width + x));
    }

    private int painted() {
        int painted = 0;
        for (int tile = 0; tile < tiles; tile++) {
            painted += state(tile) == PAINTED ? 1 : 0;
        }
        return painted;
    }

    // ---- The painters.

    private static void paint(Painting picture) throws InterruptedException {
        int self = (int) ProcessHandle.current().pid();
        // @start region="take"
        int tile;
        while ((tile = (int) INT.getAndAdd(picture.block, NEXT_TILE, 1)) < picture.tiles) {
            picture.paint(tile, self);
        }
        // @end region="take"
        // @start region="rest"
        // All are taken. What a painter had that was killed becomes free, for as long as one is not painted.
        while (picture.painted() < picture.tiles) {
            for (tile = 0; tile < picture.tiles; tile++) {
                picture.paint(tile, self);
            }
            Thread.sleep(2);
        }
        // @end region="rest"
    }

    /** Paints a tile, unless somebody else has it. */
    private void paint(int tile, int self) throws InterruptedException {
        if (!changeState(tile, FREE, self)) {
            return;
        }
        int left = tile % columns * TILE;
        int top = tile / columns * TILE;
        int bottom = Math.min(top + TILE, height);
        int middle = (top + bottom) / 2;
        for (int y = top; y < bottom; y++) {
            while (y == middle && tile >= (int) INT.getVolatile(block, STOP_AT)) {
                Thread.sleep(1);
            }
            for (int x = left; x < Math.min(left + TILE, width); x++) {
                block.set(ValueLayout.JAVA_INT, pixels + 4L * (y * (long) width + x), compute(x, y, width, height));
            }
        }
        changeState(tile, self, PAINTED);
    }

    /** The color of a pixel, 0xffRRGGBB. */
    private static int compute(int x, int y, int width, int height) {
        double scale = 0.009 / Math.max(width, height);
        double cr = -0.7436 + (x - width / 2.0) * scale;
        double ci = 0.1318 + (y - height / 2.0) * scale;
        double r = 0;
        double i = 0;
        int steps = 0;
        while (r * r + i * i < 256 && steps < DEPTH) {
            double next = r * r - i * i + cr;
            i = 2 * r * i + ci;
            r = next;
            steps++;
        }
        if (steps == DEPTH) {
            return 0xff000000;
        }
        // StrictMath gives the same to the last bit, however the code was compiled.
        double smooth = steps + 1 - StrictMath.log(StrictMath.log(r * r + i * i) / 2) / StrictMath.log(2);
        double turn = StrictMath.sqrt(smooth) * 0.85;
        return 0xff << 24 | wave(turn, 4.2) << 16 | wave(turn, 3.6) << 8 | wave(turn, 2.6);
    }

    private static int wave(double turn, double phase) {
        return (int) (127.5 + 127.5 * StrictMath.cos(turn + phase));
    }

    /** Ends this process when its parent has ended, even by SIGKILL: the input ends then. */
    private static void endWithTheParent() {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                System.in.read();
            } catch (IOException broken) {
                // The parent has ended.
            }
            Runtime.getRuntime().halt(1);
        });
    }

    // ---- The process that starts them.

    private record Options(int painters, int kills, int width, int height, boolean check, Path file) {

        static Options parse(String[] words) {
            int painters = 4;
            int kills = 0;
            int[] size = {2400, 1600};
            boolean check = false;
            Path file = null;
            for (int i = 0; i < words.length; i++) {
                switch (words[i]) {
                    case "--painters" -> painters = number(words, ++i, 1, 64);
                    case "--kill" -> kills = number(words, ++i, 0, 63);
                    case "--check" -> check = true;
                    case "--size" -> {
                        if (i + 1 == words.length || !words[++i].matches("[1-9]\\d{1,3}x[1-9]\\d{1,3}")) {
                            throw new IllegalArgumentException("--size takes WIDTHxHEIGHT, both from 10 to 9999");
                        }
                        size[0] = Integer.parseInt(words[i].split("x")[0]);
                        size[1] = Integer.parseInt(words[i].split("x")[1]);
                    }
                    default -> {
                        if (words[i].startsWith("-") || file != null) {
                            throw new IllegalArgumentException("what is '" + words[i] + "'?");
                        }
                        file = Path.of(words[i]);
                    }
                }
            }
            if (kills >= painters) {
                throw new IllegalArgumentException("one of " + painters + " painters has to live; --kill is " + kills);
            }
            if (kills >= tiles(size[0], size[1])) {
                throw new IllegalArgumentException("the picture has fewer tiles than there are painters to kill");
            }
            return new Options(painters, kills, size[0], size[1], check, file);
        }

        private static int number(String[] words, int i, int least, int most) {
            if (i == words.length || !words[i].matches("\\d{1,3}")) {
                throw new IllegalArgumentException(words[i - 1] + " takes a number");
            }
            int number = Integer.parseInt(words[i]);
            if (number < least || number > most) {
                throw new IllegalArgumentException(words[i - 1] + " takes a number from " + least + " to " + most);
            }
            return number;
        }
    }

    private static final class Studio {

        private final Options options;
        private final int argumentCount;
        private final List<Process> painters = new ArrayList<>();
        private final Viewer viewer;
        private int killed;
        private int takenOver;

        Studio(Options options, int argumentCount) {
            this.options = options;
            this.argumentCount = argumentCount;
            viewer = new Viewer(options.width, options.height, options.kills);
        }

        void run() throws Exception {
            Runtime.getRuntime().addShutdownHook(new Thread(this::leave));
            try (Arena arena = Arena.ofConfined()) {
                // @start region="block"
                SharedMemory memory = SharedMemory.createPrivate(size(options.width, options.height));
                MemorySegment block;
                try {
                    // The kernel removes it with the last process that has it attached, however they end.
                    block = memory.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
                } catch (ShmException notAttached) {
                    memory.remove();
                    throw notAttached;
                }
                // @end region="block"
                block.set(ValueLayout.JAVA_INT, WIDTH, options.width);
                block.set(ValueLayout.JAVA_INT, HEIGHT, options.height);
                Painting picture = new Painting(block);
                INT.setVolatile(block, STOP_AT, stop(picture.tiles));
                for (int i = 0; i < options.painters; i++) {
                    startPainter(memory.id());
                }
                viewer.say((options.painters == 1 ? "1 process paints " : options.painters + " processes paint ")
                        + options.width + " x " + options.height
                        + " pixels in " + picture.tiles + " tiles");
                watch(picture);
                finish(picture);
            } finally {
                leave();
            }
        }

        /** The tile at which the painters stop for the next kill. They never do if there is none. */
        private int stop(int tiles) {
            return killed == options.kills ? Integer.MAX_VALUE : (int) (tiles * (killed + 1L) / (options.kills + 1));
        }

        private void watch(Painting picture) throws Exception {
            int painted;
            while ((painted = picture.painted()) < picture.tiles) {
                viewer.show(picture, painted, painters.stream().filter(Process::isAlive).count());
                for (Process painter : painters) {
                    if (!painter.isAlive()) {
                        giveBack(picture, painter);
                    }
                }
                requireOne(picture);
                if (killed < options.kills) {
                    killOne(picture);
                }
                Thread.sleep(20);
            }
            viewer.show(picture, painted, painters.size() - killed);
        }

        private void requireOne(Painting picture) throws InterruptedException {
            if (painters.stream().noneMatch(Process::isAlive) && picture.painted() < picture.tiles) {
                // Ctrl-C ends the painters and this process in any order.
                Thread.sleep(1000);
                throw new IllegalStateException("no painter is left, and the picture is not finished");
            }
        }

        // @start region="kill"
        /** Kills a painter in the middle of a tile, once there is one that has stopped there. */
        private void killOne(Painting picture) throws InterruptedException {
            int stop = stop(picture.tiles);
            for (int tile = stop; tile < picture.tiles; tile++) {
                int owner = picture.state(tile);
                for (int i = 0; i < painters.size(); i++) {
                    if (painters.get(i).pid() == owner && painters.get(i).isAlive()) {
                        painters.get(i).destroyForcibly().waitFor(); // SIGKILL
                        killed++;
                        viewer.say("killed painter " + i + " (process " + owner + ") in the middle of tile " + tile);
                        INT.setVolatile(picture.block, STOP_AT, stop(picture.tiles)); // The others go on.
                        return;
                    }
                }
            }
        }

        /** Frees what a painter had that is dead: the kernel has told so, to its parent, and it will store nothing more. */
        private void giveBack(Painting picture, Process dead) {
            for (int tile = 0; tile < picture.tiles; tile++) {
                if (picture.changeState(tile, (int) dead.pid(), FREE)) {
                    takenOver++;
                }
            }
        }
        // @end region="kill"

        private void finish(Painting picture) throws Exception {
            BufferedImage image = new BufferedImage(picture.width, picture.height, BufferedImage.TYPE_INT_RGB);
            int wrong = 0;
            for (int y = 0; y < picture.height; y++) {
                for (int x = 0; x < picture.width; x++) {
                    int color = picture.color(x, y);
                    image.setRGB(x, y, color);
                    if (options.check && color != compute(x, y, picture.width, picture.height)) {
                        wrong++;
                    }
                }
            }
            viewer.say(picture.tiles + " tiles are painted; " + takenOver
                    + " were taken over from painters that were killed");
            if (options.file != null) {
                Picture.write(image, options.file);
                viewer.say("the picture is in " + options.file);
            }
            for (Process painter : painters) {
                painter.waitFor();
            }
            if (killed < options.kills) {
                throw new AssertionError(killed + " painters were killed, and not " + options.kills);
            }
            if (wrong > 0) {
                throw new AssertionError(wrong + " pixels are not as one process paints them");
            }
            if (options.check) {
                viewer.say("checked: each pixel is as one process paints it");
            }
        }

        /** Leaves neither a painter nor a terminal that looks odd. */
        private synchronized void leave() {
            painters.forEach(Process::destroyForcibly);
            viewer.close();
        }

        /** Starts this program once more, as a painter of the block. */
        private synchronized Process startPainter(int id) throws IOException {
            ProcessHandle.Info self = ProcessHandle.current().info();
            List<String> words = List.of(self.arguments().orElseThrow());
            List<String> command = new ArrayList<>();
            command.add(self.command().orElseThrow());
            command.addAll(words.subList(0, words.size() - argumentCount));
            command.addAll(List.of("paint", Integer.toString(id)));
            Process painter = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            painters.add(painter);
            return painter;
        }
    }
}
