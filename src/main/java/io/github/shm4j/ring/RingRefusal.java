package io.github.shm4j.ring;

import io.github.shm4j.structure.RoleSignature;

/** What a ring throws where a role in it cannot be had. */
final class RingRefusal implements RoleSignature.Refusal {

    static final RingRefusal OF_ROLES = new RingRefusal();

    private RingRefusal() {}

    @Override
    public RuntimeException occupied(String message) {
        return new RingOccupiedException(message);
    }

    @Override
    public RuntimeException overwritten(String what) {
        return RingCorruptedException.overwritten(what);
    }
}
