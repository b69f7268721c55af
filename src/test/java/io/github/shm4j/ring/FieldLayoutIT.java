package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a thread writes for each message, in the Java objects of its role, shares no cache line with any other object: the
 * consumer does not take a line away from a producer in the same process, nor one producer's thread from another's.
 *
 * <p>The garbage collector may put any object beside any other one, and at any address. So each field that is not final has to
 * be 128 bytes from both ends of its object: those are two lines, which processors fetch in pairs. Where the JVM has put each
 * field is asked of it, as it moves fields of subclasses into gaps of superclasses. The exceptions are fields that are not
 * written for each message.
 *
 * <p>What this does not cover is the elements of arrays, and a {@link Claim}, which lies where its user makes it.
 */
class FieldLayoutIT {

    private static final int PAIR_OF_LINES = 128;

    private static final String WITH_THE_ROLE = "when a role is taken or given back";
    private static final String WITH_ASSERTIONS = "where assertions are enabled";
    private static final String BY_PEEK = "by who peeks, in whose arrays the elements lie anywhere, too";

    /** The fields that may lie anywhere, and when they are written. */
    private static final Map<String, String> RARE = Map.ofEntries(
            Map.entry("Backing.unknown", "once for each piece of the ring"),
            Map.entry("FutexWaiters.wakeCalls", "with a system call"),
            Map.entry("MpscRingBuffer$AllSlots.open", WITH_THE_ROLE),
            Map.entry("MpscRingBuffer.opening", WITH_THE_ROLE),
            Map.entry("OneThread.handedOver", WITH_ASSERTIONS),
            Map.entry("OneThread.user", WITH_ASSERTIONS),
            Map.entry("PeekedMessages.bytes", BY_PEEK),
            Map.entry("PeekedMessages.ends", BY_PEEK),
            Map.entry("PeekedMessages.first", BY_PEEK),
            Map.entry("PeekedMessages.last", BY_PEEK),
            Map.entry("RingRole.last", WITH_THE_ROLE),
            Map.entry("RoleSignature.count", WITH_THE_ROLE),
            Map.entry("RoleSignature.field", WITH_THE_ROLE),
            Map.entry("RoleSignature.memory", WITH_THE_ROLE),
            Map.entry("RoleSignature.nextUnsure", WITH_THE_ROLE),
            Map.entry("RoleSignature.signing", WITH_THE_ROLE),
            Map.entry("RoleSignature.state", WITH_THE_ROLE),
            Map.entry("RoleSignature.unconfirmed", WITH_THE_ROLE),
            Map.entry("RoleSignature.uncounted", WITH_THE_ROLE),
            Map.entry("RoleSignature.unwaited", WITH_THE_ROLE),
            Map.entry("Signers.forgotten", WITH_THE_ROLE),
            Map.entry("Signers.signings", WITH_THE_ROLE),
            Map.entry("Signers.unsure", WITH_THE_ROLE),
            Map.entry("Slots.abandoned", "when something is thrown"),
            Map.entry("Slots.closed", WITH_THE_ROLE),
            Map.entry("Slots.signing", WITH_THE_ROLE));

    /** A field of an object, as {@link Layout} prints it. */
    private record Place(String object, String field, long begin, long end, boolean isFinal) {

        static Place parse(String line) {
            String[] words = line.split(" ");
            long begin = Long.parseLong(words[2]);
            long end = begin + Long.parseLong(words[3]);
            return new Place(words[0], words[1], begin, end, Boolean.parseBoolean(words[4]));
        }

        boolean isPadding() {
            return field.matches("Padding\\..*|.*\\.after\\d+");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseCompressedOops", "-XX:-UseCompressedOops", "-XX:ObjectAlignmentInBytes=16",
        "-XX:+UseCompactObjectHeaders"})
    void shouldKeepApartWhatIsWrittenForEachMessage(String layout) {
        List<String> lines = Child.java(Layout.class)
                .jvm("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", "-XX:+IgnoreUnrecognizedVMOptions",
                        "-XX:+UnlockExperimentalVMOptions", layout)
                .run()
                .ok()
                .lines()
                .toList();
        Map<String, List<Place>> objects =
                lines.stream().map(Place::parse).collect(Collectors.groupingBy(Place::object, TreeMap::new,
                        Collectors.toList()));
        Set<String> apart = new TreeSet<>();
        Set<String> rare = new TreeSet<>();
        Map<String, String> exposed = new TreeMap<>();
        objects.forEach((object, places) -> {
            // What lies behind the object begins there or later.
            long end = places.stream().mapToLong(Place::end).max().getAsLong();
            for (Place place : places) {
                if (place.isFinal() || place.isPadding()) {
                    continue;
                }
                if (place.begin() >= PAIR_OF_LINES && end - place.end() >= PAIR_OF_LINES) {
                    apart.add(place.field());
                } else if (RARE.containsKey(place.field())) {
                    rare.add(place.field());
                } else {
                    exposed.put(place.field(),
                            "from " + place.begin() + " to " + place.end() + " in " + end + " bytes");
                }
            }
        });
        assertEquals(Map.of(), exposed, "too near an end of their object");
        assertEquals(new TreeSet<>(RARE.keySet()), rare, "the exceptions");
        assertTrue(apart.containsAll(Set.of("AwaitedRecord.emptyReads", "MpscRoom.free", "ReadCursor.consumed",
                "SlotState.state", "SpscWriteCursor.position", "StreamState.readWhenSeen")), apart::toString);
    }

    /** Prints where the JVM has put the fields of all objects that roles refer to, through whatever objects. */
    static final class Layout {

        private static final Set<String> PACKAGES =
                Set.of("io.github.shm4j.ring", "io.github.shm4j.structure", "io.github.shm4j.internal");

        private Layout() {}

        public static void main(String... arguments) throws Exception {
            // Accesses nothing by it: it is where the JVM says this.
            Class<?> unsafe = Class.forName("jdk.internal.misc.Unsafe");
            Object instance = unsafe.getMethod("getUnsafe").invoke(null);
            Method offset = unsafe.getMethod("objectFieldOffset", Field.class);
            long reference = ((Number) unsafe.getMethod("arrayIndexScale", Class.class)
                    .invoke(instance, Object[].class)).longValue();
            Set<Class<?>> types = new LinkedHashSet<>();
            for (Class<?> role : List.of(RingConsumer.class, SpscProducer.class, MpscProducer.class)) {
                collect(role, types);
            }
            for (Class<?> type : types) {
                if (!Modifier.isAbstract(type.getModifiers())) {
                    for (Field field : fields(type)) {
                        System.out.println(name(type) + " " + name(field.getDeclaringClass()) + "." + field.getName()
                                + " " + offset.invoke(instance, field)
                                + " " + (field.getType().isPrimitive() ? size(field.getType()) : reference)
                                + " " + Modifier.isFinal(field.getModifiers()));
                    }
                }
            }
        }

        private static void collect(Class<?> type, Set<Class<?>> found) {
            if (type.isArray()) {
                collect(type.getComponentType(), found);
            } else if (isOurs(type) && !type.isEnum() && found.add(type)) {
                fields(type).forEach(field -> collect(field.getType(), found));
                if (type.isSealed()) {
                    for (Class<?> subclass : type.getPermittedSubclasses()) {
                        collect(subclass, found);
                    }
                }
            }
        }

        private static boolean isOurs(Class<?> type) {
            return type != null && PACKAGES.contains(type.getPackageName());
        }

        private static List<Field> fields(Class<?> type) {
            List<Field> fields = new ArrayList<>();
            for (Class<?> each = type; isOurs(each); each = each.getSuperclass()) {
                for (Field field : each.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())) {
                        fields.add(field);
                    }
                }
            }
            return fields;
        }

        private static String name(Class<?> type) {
            return type.getName().substring(type.getPackageName().length() + 1);
        }

        private static int size(Class<?> primitive) {
            return primitive == long.class || primitive == double.class
                    ? 8
                    : primitive == int.class || primitive == float.class
                            ? 4
                    : primitive == boolean.class || primitive == byte.class ? 1 : 2;
        }
    }
}
