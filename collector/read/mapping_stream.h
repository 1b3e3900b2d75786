/* The mappings of a process, one after the other in little memory, from its maps or its smaps. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapping {
    uint64_t start, end;     /* addresses */
    uint64_t resident_bytes; /* what smaps says is resident, swapped or of hugetlb; UINT64_MAX when
                                that is not known                                             */
};

struct mapping_stream {
    int file;            /* borrowed */
    bool with_figures;   /* it is smaps */
    uint64_t page_bytes; /* a larger KernelPageSize means hugetlb */
    bool inside_line;    /* what the buffer begins with is the rest of a line */
    bool open, hugetlb, counted;
    struct mapping next;
    size_t at, held;
    char buffer[4096];
};

void mapping_stream_init(struct mapping_stream *stream, int file, bool with_figures,
                         uint64_t page_bytes);

/* 1 with *mapping, 0 at the end, -1 with errno. */
int mapping_stream_next(struct mapping_stream *stream, struct mapping *mapping);
