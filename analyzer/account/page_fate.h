/* What becomes of the pages of a mapping when their last mapper ends. */
#pragma once

#include "analyzer/account/byte_range.h"
#include "analyzer/model/snapshot.h"

/* X(constant, JSON key, words) */
#define PAGE_FATES(X)                                                                              \
    X(FREE, "free_at_once", "free at once")                                                        \
    X(CACHE, "left_as_page_cache", "left as page cache")                                           \
    X(SHMEM, "stays_as_shared_memory", "stays as shared memory")                                   \
    X(HUGE, "back_to_huge_page_pool", "back to the huge page pool")                                \
    X(KERNEL, "stays_with_kernel", "stays with the kernel")

enum page_fate {
#define PAGE_FATE_CONSTANT(constant, key, words) FATE_##constant,
    PAGE_FATES(PAGE_FATE_CONSTANT)
#undef PAGE_FATE_CONSTANT
        PAGE_FATE_COUNT
};

const char *page_fate_key(enum page_fate fate);   /* static */
const char *page_fate_words(enum page_fate fate); /* static */

/* How long a file of shared memory lives when nobody maps it any more. */
enum file_life { LIFE_STAYS, LIFE_ENDS, LIFE_NOT_KNOWN };

struct file_fate {
    enum page_fate fate; /* of pages that are the file's own */
    enum file_life life; /* with FATE_SHMEM: does the file outlive its mappings? */
};

/* Of an object's own pages, as far as its kind and name tell. Copies that a private mapping made of
 * them are anonymous, and free at once. */
struct file_fate file_fate_of(const struct snapshot *snapshot, const struct mapped_object *object);

/* Adds `lost` pages to fate[PAGE_FATE_COUNT]: of them at most anon_bytes are anonymous, and at most
 * file_bytes the object's own. */
void page_fate_add(struct byte_range *fate, struct file_fate file, struct byte_range lost,
                   uint64_t anon_bytes, uint64_t file_bytes);
