// Extended attributes and device numbers, which Glibc's module leaves out, and syncfs(2), which it hides behind _GNU_SOURCE.
#pragma once
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

static inline dev_t apus_device(unsigned major, unsigned minor) { return makedev(major, minor); }

/* Writes everything of the descriptor's file system to its disk. 0, or -1 and errno. */
static inline int apus_syncfs(int fd) { return (int)syscall(SYS_syncfs, fd); }
