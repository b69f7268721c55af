package io.github.shm4j.structure;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The objects of this process out of whose call something was thrown when they signed, the last one first. */
final class Signers {

    private static final Map<Long, Signers> ALL = new ConcurrentHashMap<>();

    private RoleSignature unsure;

    /** How often an object has signed. */
    long signings;

    private Signers() {}

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

    /**
     * Finds out what the calls have stored out of which something was thrown, where the calling thread may look.
     *
     * @param offset where the field is that is to be signed next
     */
    void reconcileAll(long offset) {
        RoleSignature next;
        for (RoleSignature each = unsure; each != null; each = next) {
            next = each.nextUnsure;
            boolean signed = each.state == RoleSignature.HELD;
            try {
                // It may be here still although it is known, as something was thrown then, too.
                if (each.state == RoleSignature.UNSURE) {
                    signed = each.isSigned(each.memory);
                }
            } catch (WrongThreadException ofAnotherThread) {
                if (each.offset != offset) {
                    // That thread finds out itself.
                    continue;
                }
                // It may be the same field, in another mapping: once that is signed, it says nothing about this signature. If it
                // is another field that names this process, it does so until the process terminates.
            } catch (RuntimeException | InternalError gone) {
                // The memory has gone: the field stays as it is until the process terminates.
            }
            each.becomeSure(signed);
        }
    }
}
