// Memory that a process can give back: malloc.h and dl_iterate_phdr(3) are not in Glibc's module.
#pragma once

/* Returns free heap pages to the kernel, and unmaps the pages of code and constants that were read so far: those still
   needed come back from the page cache on the next access. */
void apus_give_back_memory(void);

/* Has all threads allocate from one heap. Threads' own heaps keep pages that the others could use. */
void apus_use_one_heap(void);
