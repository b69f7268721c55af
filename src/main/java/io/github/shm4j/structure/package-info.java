/**
 * What the structures in shared memory have in common, for this library alone: how a header comes to be in memory, who has a
 * role, and how a structure lies in a block of its own.
 */
package io.github.shm4j.structure;
