// openat2(2), which has no wrapper in glibc.
#pragma once

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Opens `path` as if `root` were /: no link leads out of it. A descriptor for the path alone, or -1 and errno. */
static inline int apus_open_in_root(int root, const char *path) {
    struct open_how how = {.flags = 010000000 /* O_PATH */ | 02000000 /* O_CLOEXEC */, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}
