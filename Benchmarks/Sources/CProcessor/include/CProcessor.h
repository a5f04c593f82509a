#pragma once

/// sched_setaffinity of the calling thread to one processor; -1 and errno on failure. Glibc's module lacks it.
int apus_bench_pin(int processor);
