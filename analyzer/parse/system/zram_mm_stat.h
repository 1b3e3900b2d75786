/* /sys/block/zramN/mm_stat: orig_data_size compr_data_size mem_used_total mem_limit mem_used_max
 * same_pages pages_compacted [huge_pages ...]. Source: drivers/block/zram/zram_drv.c. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct zram_mm_stat {
    uint64_t original_bytes, compressed_bytes, used_bytes; /* used_bytes: RAM of the pool */
};

bool zram_mm_stat_parse(struct slice text, struct zram_mm_stat *out, struct failure *why);
