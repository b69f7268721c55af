package io.github.shm4j.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The course's runner in one JVM for many commands, which compiles a program in a fifth of the processor time once it has
 * warmed up. Only the script {@code course/learn} is left out, and the runner's own start.
 */
public final class Lessons implements AutoCloseable {

    private static final String RUN = "course/learn ";

    private final Child.Running runner;

    /**
     * Starts the runner that the script has compiled.
     *
     * @param directory the directory with the course
     * @param empty a directory for the class that reads the commands: the runner's compiler must not see the library beside it
     */
    public Lessons(ProjectDirectory directory, Path empty) throws IOException {
        String name = Session.class.getName();
        Path file = empty.resolve(name.replace('.', '/') + ".class");
        Files.createDirectories(file.getParent());
        try (InputStream in = Session.class.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
            Files.copy(in, file);
        }
        String java = System.getProperty("java.home") + "/bin/java";
        runner = directory.shell("ulimit -c 0 || true\nexec '" + java + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
                + " -XX:-UsePerfData --enable-native-access=ALL-UNNAMED -Xlog:disable"
                + " -XX:SharedArchiveFile=course/my/.learn/javac.jsa -Dcourse=\"$PWD/course\""
                + " -cp course/my/.learn:'" + empty + "' '" + name + "' 2>&1").start();
    }

    /** Whether a command is one for the runner that writes to standard output and reads nothing. */
    public static boolean canRun(String command) {
        return command.matches(RUN + "(?:demo|wrong|try) [\\w. -]+");
    }

    /** Does what a command does. */
    public Child.Result run(String command) {
        runner.send(command.substring(RUN.length()));
        List<String> lines = new ArrayList<>();
        for (String line = runner.line(); true; line = runner.line()) {
            if (line.startsWith(Session.END)) {
                return new Child.Result(
                        Integer.parseInt(line.substring(Session.END.length())), String.join("\n", lines) + "\n", "");
            }
            lines.add(line);
        }
    }

    @Override
    public void close() {
        runner.close();
    }

    /** What runs in the other JVM. */
    static final class Session {

        static final String END = "end of the command, exit code ";

        private Session() {}

        public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
            Method command = Class.forName("Learn").getDeclaredMethod("command", String[].class);
            command.setAccessible(true);
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Object exit = command.invoke(null, (Object) line.split(" "));
                System.out.println(END + exit);
            }
        }
    }
}
