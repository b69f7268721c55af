import java.lang.foreign.MemorySegment;
import java.util.List;

/** One restricted call in a JVM that is started in four ways. */
@SuppressWarnings("restricted")
public class Demo {

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            call();
            return;
        }
        // region ways
        run("without options", List.of());
        run("allowed", List.of("--enable-native-access=ALL-UNNAMED"));
        run("denied to all", List.of("--illegal-native-access=deny"));
        run("allowed to another module",
                List.of("--illegal-native-access=deny", "--enable-native-access=java.logging"));
        // endregion
    }

    // region call
    static void call() {
        try {
            MemorySegment.ofAddress(4096).reinterpret(100);
            System.out.println("the call was made");
        } catch (IllegalCallerException denied) {
            System.out.println("denied: " + denied.getMessage());
        }
    }
    // endregion

    static void run(String name, List<String> options) throws Exception {
        System.out.println("---- " + name);
        Peer.start(options, Demo.class, "call").waitFor();
    }
}
