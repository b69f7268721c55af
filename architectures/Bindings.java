import java.io.File;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Prints a C program that compiles only where C agrees with the generated classes, in every constant, in the size of every
 * structure and function result, and in the place and size of every field. The command line's own numbers are held to C too.
 *
 * <p>Arguments: the folder of the classes, and "common" or "ppc64le", which has two structures of its own. The compiler is told
 * the number of the system call futex as FUTEX.
 */
class Bindings {

    private static final String INTERNAL = "io.github.shm4j.internal.";

    public static void main(String[] arguments) throws Exception {
        System.out.println("""
                #include "sysv_shm.h"
                #include "posix.h"
                #include <stddef.h>
                #include <sys/syscall.h>
                #include <sys/ioctl.h>
                #include <errno.h>
                #include <poll.h>
                #include <signal.h>
                #include <termios.h>
                #define CHECK(e, v) _Static_assert((e) == (v), #e " is not " #v);
                CHECK(SYS_futex, FUTEX)""");
        List<String> others = arguments[1].equals("common") ? List.of() : classes(arguments[0], arguments[1]);
        int checks = 0;
        for (String part : List.of("sysv", "posix")) {
            for (String name : classes(arguments[0], part)) {
                checks += print(Class.forName(INTERNAL + (others.contains(name) ? arguments[1] : part) + "." + name));
            }
        }
        checks += printConstants("Tty", "SIGTTOU", "EINTR", "EIO", "TCSANOW");
        checks += printConstants("Poll", "POLLIN", "POLLERR", "POLLHUP");
        Method request = commandLine("Tty").getDeclaredMethod("windowSizeRequest", String.class);
        request.setAccessible(true);
        System.out.println("CHECK(TIOCGWINSZ, " + request.invoke(null, arguments[1]) + ")");
        if (checks < 128) {
            throw new AssertionError("only " + checks + " checks: are these the generated classes?");
        }
    }

    /** Constants that a class of the command line has under their names in C. */
    private static int printConstants(String name, String... constants) throws Exception {
        for (String constant : constants) {
            Field field = commandLine(name).getDeclaredField(constant);
            field.setAccessible(true);
            System.out.println("CHECK(" + constant + ", " + ((Number) field.get(null)).longValue() + ")");
        }
        return constants.length;
    }

    private static Class<?> commandLine(String name) throws ClassNotFoundException {
        return Class.forName("io.github.shm4j.cli.terminal." + name);
    }

    private static List<String> classes(String folder, String part) {
        String[] files = new File(folder, INTERNAL.replace('.', '/') + part).list();
        return Arrays.stream(files)
                .filter(file -> file.endsWith(".class") && !file.contains("$"))
                .map(file -> file.replace(".class", ""))
                .sorted()
                .toList();
    }

    private static int print(Class<?> generated) throws Exception {
        String struct = "struct " + generated.getSimpleName();
        List<String> checks = new ArrayList<>();
        for (Method method : generated.getDeclaredMethods()) {
            String name = method.getName();
            if (!Modifier.isPublic(method.getModifiers()) || method.getParameterCount() > 0) {
                continue;
            }
            if (name.equals("layout")) {
                MemoryLayout layout = (MemoryLayout) method.invoke(null);
                checks.add("sizeof(" + struct + "), " + layout.byteSize());
                checks.add("_Alignof(" + struct + "), " + layout.byteAlignment());
            } else if (name.endsWith("$offset")) {
                String field = name.replace("$offset", "");
                MemoryLayout layout = (MemoryLayout) generated.getMethod(field + "$layout").invoke(null);
                checks.add("offsetof(" + struct + ", " + field + "), " + method.invoke(null));
                checks.add("sizeof(((" + struct + " *) 0)->" + field + "), " + layout.byteSize());
            } else if (name.endsWith("$descriptor")) {
                FunctionDescriptor function = (FunctionDescriptor) method.invoke(null);
                // Nothing is called in sizeof. The compiler refuses a wrong number of arguments.
                String zeros = String.join(", ", Collections.nCopies(function.argumentLayouts().size(), "0"));
                checks.add("sizeof(" + name.replace("$descriptor", "(") + zeros + ")), "
                        + function.returnLayout().orElseThrow().byteSize());
            } else if (isConstant(generated, method)) {
                checks.add(name + ", " + ((Number) method.invoke(null)).longValue());
            }
        }
        checks.forEach(check -> System.out.println("CHECK(" + check + ")"));
        return checks.size();
    }

    /** Constants are methods without parameters that return a number, and no function has the name. */
    private static boolean isConstant(Class<?> generated, Method method) {
        String name = method.getName();
        return method.getReturnType().isPrimitive()
                && !name.contains("$")
                && !name.equals("sizeof")
                && Arrays.stream(generated.getDeclaredMethods())
                        .noneMatch(other -> other.getName().equals(name + "$descriptor"));
    }
}
