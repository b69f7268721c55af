/**
 * Messages from one process to any number of others: each reader gets each message, and the producer waits for none of them.
 */
package io.github.shm4j.broadcast;
