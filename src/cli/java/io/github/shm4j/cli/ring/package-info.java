/** The commands for rings of messages. */
package io.github.shm4j.cli.ring;
