#include "monitor.h"
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "container") == 0) return monitor_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "pause") == 0) return pause_main(argc - 1, argv + 1);
    fputs("apus-monitor is started by apus agent; it has no use of its own\n", stderr);
    return 2;
}
