/* What the kernel log says once at boot and no file repeats. The lines may have any prefix (time,
 * priority, host), and a log may hold several boots: the last one counts.
 * Source: mm/percpu.c:pcpu_embed_first_chunk(), pcpu_dump_alloc_info(), mm/mm_init.c (before:
 * mm/page_alloc.c):mem_init_print_info(). */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/base/slice.h"

struct boot_log {
    struct amount percpu_unit_pages; /* "percpu: Embedded N pages/cpu": of one unit, a number */
    struct amount percpu_units;      /* "pcpu-alloc: [0] 0 1": units of the first chunk, a number */
    struct amount present_bytes;     /* "Memory: AK/BK available": B */
};

/* Never fails: a log without these lines gives unknown amounts. */
struct boot_log boot_log_parse(struct slice text);
