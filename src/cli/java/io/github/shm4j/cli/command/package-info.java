/** The base of all commands: their arguments, and how they report failures. */
package io.github.shm4j.cli.command;
