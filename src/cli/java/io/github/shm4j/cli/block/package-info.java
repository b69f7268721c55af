/** The commands that make, fill, read and remove blocks. */
package io.github.shm4j.cli.block;
