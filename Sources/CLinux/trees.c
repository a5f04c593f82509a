#define _XOPEN_SOURCE 700
#include "trees.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

int apus_remove_tree(const char *path) {
    int result = nftw(path, remove_entry, 64, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    return result != 0 && errno == ENOENT ? 0 : result;
}
