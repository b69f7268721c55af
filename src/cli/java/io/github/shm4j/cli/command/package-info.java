/** What all commands share: their arguments, and how they fail. */
package io.github.shm4j.cli.command;
