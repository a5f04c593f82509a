#define _GNU_SOURCE
#include "CProcessor.h"
#include <sched.h>

int apus_bench_pin(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return sched_setaffinity(0, sizeof set, &set);
}
