package io.github.shm4j.structure;

import io.github.shm4j.internal.Attachments;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The objects of this process that sign fields of shared memory. One of them does so at a time. */
final class Signers {

    /**
     * Something that several objects can sign, through mappings of their own.
     *
     * @param block the id of the block that it is in; -1 if that is not known
     * @param offset where it is in the block, or in the structure if the block is not known
     */
    record Field(int block, long offset) {

        // By hand: the first call of what a record has of itself makes the JVM generate it, with all that this takes.
        @Override
        public boolean equals(Object other) {
            return other instanceof Field that && block == that.block && offset == that.offset;
        }

        @Override
        public int hashCode() {
            return 31 * block + Long.hashCode(offset);
        }
    }

    private static final int NO_BLOCK = -1;

    private static final Map<Long, Signers> ALL = new ConcurrentHashMap<>();

    /** The last one out of whose call something was thrown when it signed. */
    private RoleSignature unsure;

    /** How often an object has signed. */
    private long signings;

    /** The number of the last signature of each field, until it is given back. */
    private final Map<Field, Long> latest = new HashMap<>();

    private Signers() {}

    /** Links what this class calls, where there is stack for it. */
    static void prepare() {
        Signers none = new Signers();
        none.latest.put(new Field(NO_BLOCK, 0), 0L);
        none.latest.remove(new Field(NO_BLOCK, 0), 0L);
    }

    /** {@return the process that signs in this way: there are two ways, one for memory of other namespaces} */
    static Signers of(long self) {
        Signers known = ALL.get(self);
        if (known == null) {
            known = new Signers();
            Signers other = ALL.putIfAbsent(self, known);
            return other != null ? other : known;
        }
        return known;
    }

    void add(RoleSignature signature) {
        signature.nextUnsure = unsure;
        unsure = signature;
    }

    void remove(RoleSignature signature) {
        if (unsure == signature) {
            unsure = signature.nextUnsure;
        } else {
            for (RoleSignature each = unsure; each != null; each = each.nextUnsure) {
                if (each.nextUnsure == signature) {
                    each.nextUnsure = signature.nextUnsure;
                }
            }
        }
    }

    /** Takes note of an object that is about to sign. */
    void number(RoleSignature signature, MemorySegment memory) {
        Attachments.Place place = Attachments.place(memory);
        signature.field = place == null
                ? new Field(NO_BLOCK, signature.offset)
                : new Field(place.id(), place.offset() + signature.offset);
        signature.signing = ++signings;
        latest.put(signature.field, signings);
    }

    /** {@return whether certainly no other object of the process has signed the same field since} */
    boolean isLatest(RoleSignature signature) {
        return latest.getOrDefault(signature.field, 0L) == signature.signing;
    }

    /** Takes note of an object that has not signed, or has given back what it had signed. */
    void drop(RoleSignature signature) {
        if (signature.field != null) {
            latest.remove(signature.field, signature.signing);
        }
    }

    /**
     * Finds out which of the calls have not signed out of which something was thrown, where the calling thread may look.
     *
     * @param offset where the field is that is to be signed next
     */
    void reconcileAll(long offset) {
        RoleSignature next;
        for (RoleSignature each = unsure; each != null; each = next) {
            next = each.nextUnsure;
            if (each.state != RoleSignature.UNSURE) {
                // Something was thrown when it was known already.
                each.becomeSure(each.state == RoleSignature.HELD);
                continue;
            }
            boolean signed = false;
            try {
                signed = each.isSigned(each.memory);
            } catch (WrongThreadException ofAnotherThread) {
                // It may be the same field, in another mapping: once that is signed, it says nothing about this signature. If it
                // is another field that names this process, it does so until the process terminates.
                signed = each.offset != offset;
            } catch (RuntimeException | InternalError gone) {
                // The memory has gone: the field stays as it is until the process terminates.
            }
            // What is signed is another field. Its object does the rest, unless it is robbed before.
            if (!signed) {
                each.becomeSure(false);
            }
        }
    }
}
