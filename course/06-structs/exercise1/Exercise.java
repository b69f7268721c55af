import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

class Exercise {

    /**
     * <pre>
     * struct ipc_perm {
     *     key_t __key;                     int, like uid_t, gid_t and mode_t
     *     uid_t uid;
     *     gid_t gid;
     *     uid_t cuid;
     *     gid_t cgid;
     *     mode_t mode;
     *     unsigned short int __seq;
     *     unsigned short int __pad2;
     *     unsigned long int __glibc_reserved1;
     *     unsigned long int __glibc_reserved2;
     * };
     * </pre>
     */
    static final StructLayout IPC_PERM = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("__key"),
            ValueLayout.JAVA_INT.withName("uid"),
            ValueLayout.JAVA_INT.withName("gid"),
            ValueLayout.JAVA_INT.withName("cuid"),
            ValueLayout.JAVA_INT.withName("cgid"),
            ValueLayout.JAVA_INT.withName("mode"),
            // TODO Here the rest is missing.
            ValueLayout.JAVA_SHORT.withName("__seq"));
            // END TODO
}
