#define _GNU_SOURCE
#include "processors.h"
#include <sched.h>

int apus_run_on(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

int apus_run_anywhere(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int processor = 0; processor < CPU_SETSIZE; processor++) CPU_SET(processor, &set);
    return sched_setaffinity(0, sizeof set, &set);
}
