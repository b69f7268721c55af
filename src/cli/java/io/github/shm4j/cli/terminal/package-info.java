/** Input and output: text, tables, JSON, sizes and times, on a screen or through a pipe. */
package io.github.shm4j.cli.terminal;
