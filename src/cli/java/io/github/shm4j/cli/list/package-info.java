/** The commands that show which blocks there are, and the limits. */
package io.github.shm4j.cli.list;
