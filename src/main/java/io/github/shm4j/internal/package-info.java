/**
 * The hand-written layer between the public API and the bindings that jextract generated.
 *
 * <p>Read it in this order: {@link io.github.shm4j.internal.Platform} decides whether the bindings may be used at
 * all, {@link io.github.shm4j.internal.Restricted} holds the few operations that the Java platform calls
 * <i>restricted</i>, {@link io.github.shm4j.internal.CallBuffers} gives each thread the memory that a call writes
 * into, and {@link io.github.shm4j.internal.ShmCalls} makes the calls.
 *
 * <p>Nothing here is exported, and nothing here knows the public types above it.
 */
package io.github.shm4j.internal;
