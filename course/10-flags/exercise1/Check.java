import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/*
 * Hint 1: Read the warning: it says which option avoids it. What is the name of the module of a program on the class path?
 * Hint 2: silent is --enable-native-access=ALL-UNNAMED. forbidden is --illegal-native-access=deny, alone.
 */
@SuppressWarnings("restricted")
class Check {

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            MemorySegment.ofAddress(4096).reinterpret(100);
            System.out.println("called");
            return;
        }
        String said = run(Exercise.silent());
        Judge.that(said.contains("called"), "silent: the program did not come to its end: " + said.lines().findFirst());
        Judge.that(!said.contains("WARNING"),
                "silent: there is a warning, so the option is not about the module to which the program belongs");
        said = run(Exercise.forbidden());
        Judge.that(said.contains("IllegalCallerException"), "forbidden: the program may make the call");
        Judge.passed("you decide who makes restricted calls");
    }

    static String run(List<String> options) throws Exception {
        List<String> words = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        words.addAll(options);
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), "Check", "call"));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            return new String(out.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
