#define _GNU_SOURCE
#include "memory.h"
#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Segments with code are never written to, so that dropping them loses nothing. */
static int drop_code(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    (void)context;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || (segment->p_flags & PF_W)) continue;
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        uintptr_t end = start + segment->p_memsz;
        start &= ~page;
        end = (end + page) & ~page;
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void apus_give_back_memory(void) {
    malloc_trim(0);
    dl_iterate_phdr(drop_code, NULL);
}

void apus_use_one_heap(void) { mallopt(M_ARENA_MAX, 1); }
