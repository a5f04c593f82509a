// nftw(3), which Glibc's module leaves out.
#pragma once

/* Removes a tree without following links or entering other file systems. 0, or -1 and errno; what is not there is gone. */
int apus_remove_tree(const char *path);
