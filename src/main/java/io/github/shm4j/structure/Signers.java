package io.github.shm4j.structure;

import io.github.shm4j.internal.Attachments;
import io.github.shm4j.internal.LibraryCopies;
import io.github.shm4j.internal.MappedPlaces;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The objects of this process that sign fields of shared memory. One of them does so at a time. */
final class Signers {

    /**
     * Something that several objects can sign, through mappings of their own.
     *
     * @param block the id of the block that it is in, if the library has attached it; or {@link #NO_BLOCK} or {@link #IN_ARRAY}
     * @param offset where it is in the block; its address if there is none
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

    /** Memory that can be mapped at other addresses, too. */
    private static final int NO_BLOCK = -1;

    /** Memory of the heap, where different fields can have the same address. */
    private static final int IN_ARRAY = -2;

    /** Of more fields, those that were signed first are forgotten. */
    private static final int MOST_FIELDS = 4096;

    private static final Map<Long, Signers> ALL = new ConcurrentHashMap<>();

    /** The last one out of whose call something was thrown when it signed. */
    private RoleSignature unsure;

    /** How often an object has signed. */
    private long signings;

    /** The number of the last signature of each field, until it is given back, in the order of these numbers. */
    private final Map<Field, Long> latest = new LinkedHashMap<>();

    /** The number of the last signature that was forgotten. */
    private long forgotten;

    private Signers() {}

    /** Links what this class calls, where there is stack for it. */
    static void prepare() {
        Signers none = new Signers();
        none.latest.put(new Field(NO_BLOCK, 0), 0L);
        none.latest.remove(new Field(NO_BLOCK, 0), 0L);
        LibraryCopies.prepare();
        MappedPlaces.prepare();
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

    /** {@return which field is at an offset of some memory} */
    static Field field(MemorySegment memory, long offset) {
        Attachments.Place place = Attachments.place(memory);
        return place != null
                ? new Field(place.id(), place.offset() + offset)
                : new Field(memory.isNative() ? NO_BLOCK : IN_ARRAY, memory.address() + offset);
    }

    /** Takes note of an object that is about to sign its field. */
    void number(RoleSignature signature) {
        signature.signing = ++signings;
        latest.remove(signature.field);
        latest.put(signature.field, signings);
        if (latest.size() > MOST_FIELDS) {
            Iterator<Long> first = latest.values().iterator();
            forgotten = first.next();
            first.remove();
        }
    }

    /** {@return whether certainly no other object of the process has signed the same field since} */
    boolean isLatest(RoleSignature signature) {
        if (latest.getOrDefault(signature.field, 0L) != signature.signing
                || forgotten > signature.signing
                || !LibraryCopies.isOnly()) {
            return false;
        }
        MappedPlaces mapped = null;
        for (Map.Entry<Field, Long> each : latest.entrySet()) {
            if (each.getValue() > signature.signing && canBeSame(each.getKey(), signature.field)) {
                mapped = mapped != null ? mapped : MappedPlaces.now();
                MappedPlaces.Place place = place(each.getKey(), mapped);
                // What is not mapped any more may have been the same place.
                if (place == null || isAt(place, signature.field, mapped)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** {@return whether two different fields, by what is known of them here, can be two mappings of one} */
    private static boolean canBeSame(Field one, Field other) {
        return one.block != IN_ARRAY && other.block != IN_ARRAY && (one.block == NO_BLOCK || other.block == NO_BLOCK);
    }

    private static boolean isAt(MappedPlaces.Place place, Field field, MappedPlaces mapped) {
        MappedPlaces.Place other = place(field, mapped);
        return other == null || place.isSameAs(other);
    }

    private static MappedPlaces.Place place(Field field, MappedPlaces mapped) {
        return field.block == NO_BLOCK ? mapped.of(field.offset) : MappedPlaces.inBlock(field.block, field.offset);
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
     * @param field what is to be signed next
     * @param offset where that is in its memory
     */
    void reconcileAll(Field field, long offset) {
        RoleSignature next;
        for (RoleSignature each = unsure; each != null; each = next) {
            next = each.nextUnsure;
            if (each.state != RoleSignature.UNSURE) {
                // Something was thrown when it was known already.
                each.becomeSure(each.state == RoleSignature.HELD);
                continue;
            }
            MemorySegment memory = each.memory.get();
            boolean signed = false;
            try {
                // Without its memory, nobody can use the object, but the end of an arena may give back what it has signed.
                signed = memory == null ? !mayBe(each, field, offset) : each.isSigned(memory);
            } catch (WrongThreadException ofAnotherThread) {
                signed = !mayBe(each, field, offset);
            } catch (RuntimeException | InternalError gone) {
                // The memory has gone: the field stays as it is until the process terminates.
            }
            // What is signed is another field. Its object does the rest, unless it is robbed before.
            if (!signed) {
                each.becomeSure(false);
            }
        }
    }
    /**
     * {@return whether an object has wanted to sign the field that is signed next, in whatever mapping} Once that is signed, it says
     * nothing about this object's signature. Another field that names this process does so until it is given back, or the process
     * terminates.
     */
    private static boolean mayBe(RoleSignature unsure, Field next, long offset) {
        return unsure.field.block < 0 || next.block < 0
                ? unsure.offset == offset
                : unsure.field.equals(next);
    }
}
