#include "monitor.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Both versions of cgroups have a line `oom_kill N`. */
static bool was_out_of_memory(const char *path) {
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    if (file == NULL) return false;
    char name[64];
    long long count, kills = 0;
    while (fscanf(file, "%63s %lld", name, &count) == 2) {
        if (strcmp(name, "oom_kill") == 0) kills = count;
    }
    fclose(file);
    return kills > 0;
}

struct outcome outcome_record(int status, const char *path, const char *oom_path) {
    struct outcome outcome = {
        .code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
        .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
        .oom_killed = was_out_of_memory(oom_path),
    };
    if (path == NULL) return outcome;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    char fresh[PATH_MAX];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *file = fopen(fresh, "we");
    if (file == NULL) return outcome;
    fprintf(file, "{\"exitCode\":%d,\"signal\":%d,\"oomKilled\":%s,\"finishedAt\":%lld}\n", outcome.code,
            outcome.signal, outcome.oom_killed ? "true" : "false",
            (long long)now.tv_sec * 1000000000LL + now.tv_nsec);
    bool is_whole = fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (fclose(file) == 0 && is_whole) rename(fresh, path);
    return outcome;
}
