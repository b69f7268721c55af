/** The commands that create, write, read and remove blocks. */
package io.github.shm4j.cli.block;
