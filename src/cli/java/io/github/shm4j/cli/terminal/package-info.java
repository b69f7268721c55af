/** How things are written and read: text, tables, JSON, sizes and times, on a screen or into a pipe. */
package io.github.shm4j.cli.terminal;
