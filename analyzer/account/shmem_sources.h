/* One function for each source of shared memory's owners; each fills its part and adds its owners.
 * Not for other layers. */
#pragma once

#include "analyzer/account/named_objects.h"
#include "analyzer/account/shmem_owners.h"

/* One for each size of huge pages is usual. */
#define HUGE_DEVICES_MAX 16

struct shmem_search {
    const struct snapshot *snapshot;
    const struct named_object *objects;
    size_t object_count;
    uint64_t swapped_bytes;   /* all that is in swap: so much of what counts swap may be there */
    uint64_t hugetlb_bytes;   /* huge pages in use: so much of segments may be made of them */
    uint64_t huge_page_bytes; /* default size; 0 unknown */
    struct huge_device {
        uint32_t major, minor;
    } huge_devices[HUGE_DEVICES_MAX]; /* on which something is mapped with huge pages */
    size_t huge_device_count;
    struct shmem_owners *owners;
    bool out_of_memory;
};

/* Adds an owner, unless it has nothing; `name` is cut to its room. */
void shmem_add_owner(struct shmem_search *search, enum shmem_part_kind kind, uint64_t bytes,
                     struct slice name, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void shmem_set_part(struct shmem_search *search, enum shmem_part_kind kind, uint64_t bytes,
                    uint64_t low, const char *source);
struct slice shmem_object_name(const struct shmem_search *search,
                               const struct named_object *object);

void shmem_find_sysv(struct shmem_search *search);
void shmem_find_tmpfs(struct shmem_search *search);
void shmem_find_memfd(struct shmem_search *search);
void shmem_find_shared_anon(struct shmem_search *search);
void shmem_find_gpu(struct shmem_search *search);
void shmem_find_beside(struct shmem_search *search); /* driver pages and dma-bufs */
