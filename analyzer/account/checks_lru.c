/* Identities between the LRU lists, anonymous memory and the page cache. */
#include "analyzer/account/check_rules.h"

#include "analyzer/base/checked_math.h"

bool check_active(const struct check_input *in, struct identity_check *check)
{
    return check_meminfo_sum(in, check, MEMINFO_ACTIVE, MEMINFO_ACTIVE_ANON, MEMINFO_ACTIVE_FILE,
                             "printed from the same readings");
}

bool check_inactive(const struct check_input *in, struct identity_check *check)
{
    return check_meminfo_sum(in, check, MEMINFO_INACTIVE, MEMINFO_INACTIVE_ANON,
                             MEMINFO_INACTIVE_FILE, "printed from the same readings");
}

/* Each CPU holds back up to 31 pages on their way to the lists, in several batches. */
static void tolerate_batches(const struct check_input *in, struct identity_check *check)
{
    check_tolerate_pages(in, check,
                         multiply_saturating(in->cpus, LRU_BATCH_KINDS * LRU_BATCH_PAGES),
                         "on their way to the lists: 5 x 31 a CPU");
    check_tolerate_drift(in, check, 2);
}

bool check_lru(const struct check_input *in, struct identity_check *check)
{
    if (!in->has_terms || !in->terms.lru.known || !in->terms.anon.known)
        return check_impossible(check, "no LRU sums or no AnonPages");
    const struct system_terms *terms = &in->terms;
    uint64_t owned = add_saturating(add_saturating(terms->anon.bytes, terms->file_cache.bytes),
                                    add_saturating(terms->shmem.bytes, terms->buffers.bytes));
    owned = add_saturating(owned, terms->swap_cache.bytes);
    tolerate_batches(in, check);
    check_tolerate(check, LEFT_MAY_BE_LESS, terms->swap_cache.bytes,
                   "swap cache that may be mapped: twice on the right");
    return check_compare(
        check, terms->lru.bytes, owned,
        "pages on their way to the lists, counter drift, swap cache that is mapped",
        "more on the lists: parts of huge pages that nobody maps any more, or "
        "pinned pages; less: pages held back by CPUs");
}

/* The two lists of one kind; those that are isolated count where vmstat has them. */
static bool list_sum(const struct check_input *in, enum meminfo_field active,
                     enum meminfo_field inactive, enum vmstat_field isolated, uint64_t *bytes)
{
    uint64_t a, b, apart = 0;
    if (!check_meminfo_get(in, active, &a) || !check_meminfo_get(in, inactive, &b))
        return false;
    check_vmstat_bytes(in, isolated, &apart);
    *bytes = add_saturating(add_saturating(a, b), apart);
    return true;
}

/* Freed on demand (MADV_FREE): still anonymous, but on the lists of files. */
static uint64_t lazy_free_bytes(const struct check_input *in)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < in->snapshot->process_count; i++) {
        const struct process *process = &in->snapshot->processes[i];
        const struct smaps_sums *sums = process->smaps.blocks ? &process->smaps : &process->rollup;
        bytes = add_saturating(bytes, sums->bytes[SMAPS_LAZY_FREE]);
    }
    return bytes;
}

bool check_anon_lru(const struct check_input *in, struct identity_check *check)
{
    uint64_t lists, anon, shmem, swap_cached = 0, unevictable = 0;
    if (!list_sum(in, MEMINFO_ACTIVE_ANON, MEMINFO_INACTIVE_ANON, VMSTAT_NR_ISOLATED_ANON,
                  &lists) ||
        !check_meminfo_get(in, MEMINFO_ANON_PAGES, &anon) ||
        !check_meminfo_get(in, MEMINFO_SHMEM, &shmem))
        return check_impossible(check, "no Active(anon), no Inactive(anon), or no Shmem");
    check_meminfo_get(in, MEMINFO_SWAP_CACHED, &swap_cached);
    check_meminfo_get(in, MEMINFO_UNEVICTABLE, &unevictable);
    tolerate_batches(in, check);
    check_tolerate(check, LEFT_MAY_BE_LESS, unevictable, "Unevictable may be anonymous or shmem");
    check_tolerate(check, LEFT_MAY_BE_LESS, lazy_free_bytes(in),
                   "LazyFree is anonymous and on the lists of files");
    check_tolerate(check, LEFT_MAY_BE_MORE, swap_cached, "SwapCached may be mapped by nobody");
    return check_compare(check, lists, add_saturating(anon, shmem),
                         "shmem stands on the anonymous lists; locked pages on the unevictable one",
                         "more on the lists: parts of huge pages that nobody maps any more, or "
                         "pinned pages; less: pages that are on no list (being moved)");
}

bool check_file_lru(const struct check_input *in, struct identity_check *check)
{
    uint64_t lists, cached, buffers, shmem, unevictable = 0;
    if (!list_sum(in, MEMINFO_ACTIVE_FILE, MEMINFO_INACTIVE_FILE, VMSTAT_NR_ISOLATED_FILE,
                  &lists) ||
        !check_meminfo_get(in, MEMINFO_CACHED, &cached) ||
        !check_meminfo_get(in, MEMINFO_BUFFERS, &buffers) ||
        !check_meminfo_get(in, MEMINFO_SHMEM, &shmem))
        return check_impossible(check, "no Active(file), no Inactive(file), or no Shmem");
    check_meminfo_get(in, MEMINFO_UNEVICTABLE, &unevictable);
    tolerate_batches(in, check);
    check_tolerate(check, LEFT_MAY_BE_LESS, unevictable,
                   "Unevictable may be locked files, ramfs or secret memory");
    check_tolerate(check, LEFT_MAY_BE_MORE, lazy_free_bytes(in),
                   "LazyFree is anonymous and on the lists of files");
    return check_compare(check, add_saturating(lists, shmem), add_saturating(cached, buffers),
                         "shmem is in Cached and on the anonymous lists; locked pages on the "
                         "unevictable one",
                         "more on the lists: pages cut off from their file that are still held "
                         "(pipe, splice, direct I/O), or memory freed on demand; less: pages on no "
                         "list");
}

bool check_file_pages(const struct check_input *in, struct identity_check *check)
{
    uint64_t cached, buffers, swap_cached = 0, file;
    if (!check_meminfo_get(in, MEMINFO_CACHED, &cached) ||
        !check_meminfo_get(in, MEMINFO_BUFFERS, &buffers) ||
        !check_vmstat_bytes(in, VMSTAT_NR_FILE_PAGES, &file))
        return check_impossible(check, "no Cached, no Buffers, no nr_file_pages, or no page size");
    check_meminfo_get(in, MEMINFO_SWAP_CACHED, &swap_cached);
    check_tolerate_drift(in, check, 1);
    check_tolerate_moved(in, check, MEMINFO_CACHED);
    check_tolerate_moved(in, check, MEMINFO_BUFFERS);
    return check_compare(check, add_saturating(add_saturating(cached, buffers), swap_cached), file,
                         "one counter, read one after the other",
                         "the page cache changed between the two reads");
}

bool check_shmem(const struct check_input *in, struct identity_check *check)
{
    uint64_t shmem, cached;
    if (!check_meminfo_get(in, MEMINFO_SHMEM, &shmem) ||
        !check_meminfo_get(in, MEMINFO_CACHED, &cached))
        return check_impossible(check, "this kernel prints no Shmem");
    check_tolerate_drift(in, check, 2);
    return check_compare(check, shmem, cached, "shmem is part of the page cache",
                         "the counters contradict each other");
}

bool check_mlocked(const struct check_input *in, struct identity_check *check)
{
    uint64_t locked, unevictable;
    if (!check_meminfo_get(in, MEMINFO_MLOCKED, &locked) ||
        !check_meminfo_get(in, MEMINFO_UNEVICTABLE, &unevictable))
        return check_impossible(check, "this kernel prints no Mlocked or no Unevictable");
    check_tolerate_pages(in, check, multiply_saturating(in->cpus, LRU_BATCH_PAGES),
                         "on their way to the list: 31 a CPU");
    check_tolerate_drift(in, check, 2);
    return check_compare(check, locked, unevictable,
                         "locked pages are moved to the unevictable list in batches",
                         "locked pages that are on no list: huge pages in parts, or being moved");
}

bool check_dirty(const struct check_input *in, struct identity_check *check)
{
    uint64_t dirty, writeback, cached, buffers, unstable = 0, swap_cached = 0;
    if (!check_meminfo_get(in, MEMINFO_DIRTY, &dirty) ||
        !check_meminfo_get(in, MEMINFO_WRITEBACK, &writeback) ||
        !check_meminfo_get(in, MEMINFO_CACHED, &cached) ||
        !check_meminfo_get(in, MEMINFO_BUFFERS, &buffers))
        return check_impossible(check, "no Dirty, Writeback, Cached or Buffers");
    check_meminfo_get(in, MEMINFO_NFS_UNSTABLE, &unstable);
    check_meminfo_get(in, MEMINFO_SWAP_CACHED, &swap_cached);
    check_tolerate_drift(in, check, 4);
    check_tolerate(check, LEFT_MAY_BE_MORE, swap_cached,
                   "SwapCached may be written to swap, in Writeback");
    return check_compare(check, add_saturating(add_saturating(dirty, writeback), unstable),
                         add_saturating(cached, buffers),
                         "states of pages of the page cache; they add up to all that is dirty",
                         "the counters contradict each other");
}
