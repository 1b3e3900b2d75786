/* All mappings of all processes, packed: 48 bytes each, and about 2 bytes for every figure that
 * is not zero. 15 million mappings are to fit into 1.5 GB, so nothing is stored twice: names,
 * files and flags are interned, zero figures take no room. */
#pragma once

#include "analyzer/base/string_pool.h"
#include "analyzer/parse/process/smaps.h"

#define MAPPING_NO_PAGE_SIZE 0xff

struct mapping {
    uint64_t start, end;      /* virtual addresses, half open                              */
    uint64_t offset_bytes;    /* into the file                                             */
    uint64_t values_at;       /* where its figures begin in mapping_store.values           */
    uint32_t object;          /* index into mapping_store.objects                          */
    uint32_t vm_flags;        /* string id of "rd wr mr ...", 0 when not printed           */
    uint32_t value_mask;      /* SMAPS_BIT of every figure that is stored (not zero)       */
    uint8_t permissions;      /* enum smaps_permission                                     */
    int8_t thp_eligible;      /* -1: not printed                                           */
    uint8_t kernel_page_log2; /* of bytes; MAPPING_NO_PAGE_SIZE when not printed           */
    uint8_t mmu_page_log2;
};
_Static_assert(sizeof(struct mapping) == 48, "the budget is 100 bytes a mapping in all");

/* What a mapping maps: equal for all processes that map the same. (device, inode) alone is
 * not enough: overlay file systems show one pair under several names, and all anonymous
 * memory has none. */
struct mapped_object {
    uint64_t inode;
    uint32_t device_major, device_minor;
    uint32_t name; /* string id */
};

struct mapping_store {
    struct mapping *mappings;
    size_t count, capacity;
    uint8_t *values; /* KiB as LEB128, in the order of enum smaps_field */
    size_t values_used, values_capacity;
    struct mapped_object *objects;
    size_t object_count, object_capacity;
    uint32_t *object_buckets; /* open addressing, index + 1 */
    size_t object_bucket_count;
    uint32_t last_object; /* neighbours mostly map the same file */
    uint32_t last_flags_id;
};

bool mapping_store_init(struct mapping_store *store);
void mapping_store_deinit(struct mapping_store *store);

/* Adds a block; its strings go into `strings`. False when memory ran out. */
bool mapping_store_add(struct mapping_store *store, struct string_pool *strings,
                       const struct smaps_mapping *block);

/* Whether memory mapped under this name is shared memory or pages of a driver, which the ledger
 * names by their owners: few of all mappings. */
bool mapping_name_tells_owner(struct slice name);

/* All figures of a mapping in bytes, 0 where none was stored. SIZE, KERNEL_PAGE_SIZE and
 * MMU_PAGE_SIZE are filled in too. */
void mapping_values(const struct mapping_store *store, const struct mapping *mapping,
                    uint64_t value_bytes[SMAPS_FIELD_COUNT]);

/* "rw-p" and the like, static. */
const char *mapping_mode(const struct mapping *mapping);

/* Memory that the store holds, for the benchmark and for -v. */
uint64_t mapping_store_bytes(const struct mapping_store *store);
