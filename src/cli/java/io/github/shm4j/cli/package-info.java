/** The command line. */
package io.github.shm4j.cli;
