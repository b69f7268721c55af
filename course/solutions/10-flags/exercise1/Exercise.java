import java.util.List;

/** Options for a JVM that runs a program from the class path. */
class Exercise {

    /** The program makes restricted calls, and nobody warns. */
    static List<String> silent() {
        // TODO This names a module. Is it the program's?
        return List.of("--enable-native-access=ALL-UNNAMED");
        // END TODO
    }

    /** A restricted call is an exception, whoever makes it. */
    static List<String> forbidden() {
        // TODO Nothing forbids it yet.
        return List.of("--illegal-native-access=deny");
        // END TODO
    }
}
