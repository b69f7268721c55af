/** What the operating system reports: users, groups, processes, and the arguments of this one. */
package io.github.shm4j.cli.system;
