import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

class Exercise {

    /** Returns a confined arena that adds the size of each thing it allocates. */
    static Arena counting(AtomicLong bytes) {
        // TODO Return an Arena of your own, around this one.
        Arena inner = Arena.ofConfined();
        return new Arena() {
            @Override
            public MemorySegment allocate(long byteSize, long byteAlignment) {
                bytes.addAndGet(byteSize);
                return inner.allocate(byteSize, byteAlignment);
            }

            @Override
            public MemorySegment.Scope scope() {
                return inner.scope();
            }

            @Override
            public void close() {
                inner.close();
            }
        };
        // END TODO
    }
}
