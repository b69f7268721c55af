import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One restricted call in a JVM that is started in four ways.
 *
 * <p>It prints:
 *
 * <pre>
 * ---- without options
 * WARNING: A restricted method in java.lang.foreign.MemorySegment has been called
 * WARNING: java.lang.foreign.MemorySegment::reinterpret has been called by Demo in an unnamed module (file:[..])
 * WARNING: Use --enable-native-access=ALL-UNNAMED to avoid a warning for callers in this module
 * WARNING: Restricted methods will be blocked in a future release unless native access is enabled
 *
 * the call was made
 * ---- allowed
 * the call was made
 * ---- denied to all
 * denied: Illegal native access from an unnamed module (file:[..])
 * ---- allowed to another module
 * denied: Illegal native access from an unnamed module (file:[..])
 * </pre>
 */
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
