#include "monitor.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPORT = 3 };

void report_ready(pid_t pid) {
    dprintf(REPORT, "ok %d\n", (int)pid);
    close(REPORT);
}

void report_failure(const char *what, int code) {
    if (code != 0) {
        dprintf(REPORT, "error %s: %s\n", what, strerror(code));
    } else {
        dprintf(REPORT, "error %s\n", what);
    }
    exit(1);
}
