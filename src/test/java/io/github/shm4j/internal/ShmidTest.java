package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.sysv.ipc_perm;
import io.github.shm4j.internal.sysv.shmid_ds;
import java.lang.foreign.MemoryLayout;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** That the structures of ppc64le differ from the others where {@link Shmid} says so and nowhere else. */
class ShmidTest {

    @Test
    void shouldChooseForAllFieldsThatLieElsewhere() throws ReflectiveOperationException {
        TreeMap<String, String> common = fields(shmid_ds.class);
        TreeMap<String, String> ppc64le = fields(io.github.shm4j.internal.ppc64le.shmid_ds.class);
        assertEquals(common.keySet(), ppc64le.keySet());
        Set<String> elsewhere = new TreeSet<>();
        common.forEach((field, place) -> {
            if (!place.equals(ppc64le.get(field))) {
                elsewhere.add(field);
            }
        });
        assertEquals(Set.of("shm_segsz", "shm_atime", "shm_dtime", "shm_ctime"), elsewhere);
        assertEquals(
                shmid_ds.layout().byteSize(),
                io.github.shm4j.internal.ppc64le.shmid_ds.layout().byteSize());
    }

    @Test
    void shouldFindOwnersAndModeAtTheSamePlace() throws ReflectiveOperationException {
        TreeMap<String, String> common = fields(ipc_perm.class);
        TreeMap<String, String> ppc64le = fields(io.github.shm4j.internal.ppc64le.ipc_perm.class);
        for (String field : List.of("__key", "uid", "gid", "cuid", "cgid", "mode")) {
            assertTrue(common.containsKey(field), field);
            assertEquals(common.get(field), ppc64le.get(field), field);
        }
    }

    /** The fields of a structure that have names of their own, with where they are and of what size. */
    private static TreeMap<String, String> fields(Class<?> struct) throws ReflectiveOperationException {
        TreeMap<String, String> fields = new TreeMap<>();
        for (Method method : struct.getMethods()) {
            String field = method.getName().replace("$offset", "");
            if (method.getName().endsWith("$offset") && !field.contains("reserved")) {
                MemoryLayout layout =
                        (MemoryLayout) struct.getMethod(field + "$layout").invoke(null);
                fields.put(field, method.invoke(null) + ", " + layout.byteSize());
            }
        }
        return fields;
    }
}
