import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts another JVM that runs a class of the same program. */
class Peer {

    private Peer() {}

    /** Starts it, with the usual option, so that its output goes where this one's goes. */
    static Process start(Class<?> main, Object... arguments) throws IOException {
        return start(List.of("--enable-native-access=ALL-UNNAMED"), main, arguments);
    }

    /** Starts it with other options. */
    static Process start(List<String> options, Class<?> main, Object... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        words.addAll(options);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.INHERIT).start();
    }
}
