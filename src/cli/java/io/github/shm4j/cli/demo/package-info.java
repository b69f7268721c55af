/** The story that this project starts from, as a program. */
package io.github.shm4j.cli.demo;
