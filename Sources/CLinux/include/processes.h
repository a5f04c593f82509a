// Calls for child processes that Glibc's module hides behind _GNU_SOURCE or leaves out.
#pragma once
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

#define APUS_SPAWN_NEW_SESSION 0x80 /* POSIX_SPAWN_SETSID, which spawn.h hides behind _GNU_SOURCE */

/* spawn.h hides them behind _GNU_SOURCE; glibc 2.34 and 2.29. */
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);

/* The child keeps no descriptor from `first` on. 0 or an errno. */
static inline int apus_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

/* The child runs in `folder`. 0 or an errno. */
static inline int apus_spawn_folder(posix_spawn_file_actions_t *actions, const char *folder) {
    return posix_spawn_file_actions_addchdir_np(actions, folder);
}

/* A file in memory, without a name that others see. A descriptor, or -1 and errno. */
static inline int apus_memory_file(const char *name) { return (int)syscall(SYS_memfd_create, name, 1U /* MFD_CLOEXEC */); }

/* A descriptor that is readable when the process has ended (Linux 5.3), or -1 and errno. */
static inline int apus_process_descriptor(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0U); }
