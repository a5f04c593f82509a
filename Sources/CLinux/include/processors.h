// sched_setaffinity(2), whose sets are macros hidden behind _GNU_SOURCE.
#pragma once

/* The calling thread, and threads it starts later, run on this processor only. 0, or -1 and errno. */
int apus_run_on(int processor);

/* They run on any. */
int apus_run_anywhere(void);
