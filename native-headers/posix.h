/* The few POSIX and Linux pieces the binding needs besides shared memory: errno values, their text, the caller's identity, page size, pre-touch. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
