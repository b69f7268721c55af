/** The command {@code shm4j demo}: a parent, four children, and a block for each. */
package io.github.shm4j.cli.demo;
