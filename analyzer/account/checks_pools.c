/* Identities of huge page pools, swap and compressed memory. */
#include "analyzer/account/check_rules.h"

#include <string.h>

#include "analyzer/base/checked_math.h"

bool check_hugetlb(const struct check_input *in, struct identity_check *check)
{
    uint64_t left, right = 0;
    bool any = false;
    const struct system_state *system = &in->snapshot->system;
    for (size_t i = 0; i < system->pool_count; i++) {
        if (system->pools[i].node >= 0 || !system->pools[i].total.known)
            continue;
        right = add_saturating(
            right, multiply_saturating(system->pools[i].total.bytes, system->pools[i].page_bytes));
        any = true;
    }
    if (!check_meminfo_get(in, MEMINFO_HUGETLB, &left) || !any)
        return check_impossible(check, "no Hugetlb in meminfo, or no pools in /sys");
    return check_compare(check, left, right, "both count whole huge pages",
                         "a pool was resized between the two reads");
}

struct hugetlb_sums {
    uint64_t private_bytes, shared_bytes;
    bool known; /* the kernel prints them */
};

static struct hugetlb_sums sum_hugetlb(const struct snapshot *snapshot)
{
    const uint32_t bits = SMAPS_BIT(SMAPS_PRIVATE_HUGETLB) | SMAPS_BIT(SMAPS_SHARED_HUGETLB);
    struct hugetlb_sums all = {0};
    for (size_t i = 0; i < snapshot->process_count; i++) {
        const struct process *process = &snapshot->processes[i];
        const struct smaps_sums *sums = process->smaps.blocks ? &process->smaps : &process->rollup;
        if ((sums->present & bits) != bits)
            continue;
        all.private_bytes = add_saturating(all.private_bytes, sums->bytes[SMAPS_PRIVATE_HUGETLB]);
        all.shared_bytes = add_saturating(all.shared_bytes, sums->bytes[SMAPS_SHARED_HUGETLB]);
        all.known = true;
    }
    return all;
}

bool check_hugetlb_private(const struct check_input *in, struct identity_check *check)
{
    uint64_t used;
    struct hugetlb_sums sums = sum_hugetlb(in->snapshot);
    if (!check_hugetlb_used(in, &used) || !sums.known)
        return check_impossible(check, "no huge page pool, or no smaps with Private_Hugetlb");
    return check_compare(check, sums.private_bytes, used,
                         "a private huge page is mapped once; processes that could not be read "
                         "can only add",
                         "huge pages were freed while processes were read one after the other");
}

/* Huge pages and swap of a process are in no file but its own. */
static bool refuse_unread(const struct check_input *in, struct identity_check *check)
{
    return check_impossible(check, "%llu processes could not be read, %llu KiB of RSS",
                            (unsigned long long)in->totals.unread,
                            (unsigned long long)in->totals.unread_rss_bytes / 1024);
}

/* Files on hugetlbfs hold huge pages that nobody need map. One device counts once. */
static uint64_t hugetlbfs_bytes(const struct snapshot *snapshot)
{
    const struct system_details *details = &snapshot->system.details;
    uint64_t bytes = 0;
    for (size_t i = 0; i < details->mount_count; i++) {
        const struct memory_mount *mount = &details->mounts[i];
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = details->mounts[j].major == mount->major &&
                   details->mounts[j].minor == mount->minor;
        if (!seen && mount->used_bytes.known &&
            slice_equal(snapshot_text(snapshot, mount->type), SLICE("hugetlbfs")))
            bytes = add_saturating(bytes, mount->used_bytes.bytes);
    }
    return bytes;
}

bool check_hugetlb_mapped(const struct check_input *in, struct identity_check *check)
{
    uint64_t used;
    struct hugetlb_sums sums = sum_hugetlb(in->snapshot);
    if (!check_hugetlb_used(in, &used) || !sums.known)
        return check_impossible(check, "no huge page pool, or no smaps with Private_Hugetlb");
    if (in->totals.unread && used)
        return refuse_unread(in, check);
    check_tolerate(check, LEFT_MAY_BE_MORE, hugetlbfs_bytes(in->snapshot),
                   "files on hugetlbfs, which nobody need map");
    return check_compare(check, used, add_saturating(sums.private_bytes, sums.shared_bytes),
                         "a shared huge page counts once on the left, and in each process on the "
                         "right",
                         "huge pages that nobody maps: files on hugetlbfs, segments without "
                         "attachment, memfds held by a descriptor only");
}

bool check_zspages(const struct check_input *in, struct identity_check *check)
{
    uint64_t left, right = 0, zswap = 0;
    const struct system_state *system = &in->snapshot->system;
    if (!check_vmstat_bytes(in, VMSTAT_NR_ZSPAGES, &left) || !system->zram_count)
        return check_impossible(check, "no zram device, or no nr_zspages");
    for (size_t i = 0; i < system->zram_count; i++)
        right = add_saturating(right, system->zrams[i].stat.used_bytes);
    check_meminfo_get(in, MEMINFO_ZSWAP, &zswap);
    check_tolerate_drift(in, check, 1);
    check_tolerate(check, LEFT_EITHER_WAY, zswap, "Zswap may have a pool of another kind");
    check_tolerate_pages(in, check, 16, "of skew between the reads");
    return check_compare(check, left, add_saturating(right, zswap),
                         "read one after the other; zswap may have a pool of another kind",
                         "swapping went on between the two reads");
}

#define SLOTS_AT_HAND 64 /* free slots that a CPU keeps, counted as used */

static void tolerate_slots(const struct check_input *in, struct identity_check *check,
                           enum tolerance_side side)
{
    check_tolerate(
        check, side,
        multiply_saturating(multiply_saturating(in->cpus, SLOTS_AT_HAND), in->page_bytes),
        "%u free slots a CPU at hand, counted as used", SLOTS_AT_HAND);
}

bool check_swaps(const struct check_input *in, struct identity_check *check)
{
    uint64_t total, free_bytes, used = 0;
    const struct swaps *swaps = &in->snapshot->system.swaps;
    if (!in->snapshot->system.has_swaps || !check_meminfo_get(in, MEMINFO_SWAP_TOTAL, &total) ||
        !check_meminfo_get(in, MEMINFO_SWAP_FREE, &free_bytes))
        return check_impossible(check, "no swaps, or no SwapTotal");
    for (size_t i = 0; i < swaps->count; i++)
        used = add_saturating(used, swaps->areas[i].used_bytes);
    check_tolerate_moved(in, check, MEMINFO_SWAP_FREE);
    tolerate_slots(in, check, LEFT_EITHER_WAY);
    return check_compare(check, used, subtract_to_zero(total, free_bytes),
                         "CPUs keep up to 64 slots each at hand; swapping between the reads",
                         "swapping went on between the two reads");
}

/* Shared memory in swap is in nobody's SwapPss. Segments tell theirs; what mappings show is an upper
 * bound, for each mapper counts it; a mount or a memfd tells only what it holds in all. */
static void tolerate_shared_swap(const struct check_input *in, struct identity_check *check,
                                 uint64_t segments_bytes)
{
    const struct system_details *details = &in->snapshot->system.details;
    uint64_t mapped = subtract_to_zero(in->totals.swap.bytes, in->totals.swap_pss.bytes), held = 0;
    for (size_t i = 0; i < details->mount_count; i++)
        if (slice_equal(snapshot_text(in->snapshot, details->mounts[i].type), SLICE("tmpfs")))
            held = add_saturating(held, details->mounts[i].used_bytes.bytes);
    for (size_t i = 0; i < details->held_count; i++)
        held = add_saturating(held, details->held[i].bytes.bytes);
    check_tolerate(check, LEFT_MAY_BE_LESS, subtract_to_zero(mapped, segments_bytes),
                   "mapped shared memory in swap (Swap - SwapPss)");
    check_tolerate(check, LEFT_MAY_BE_LESS, held, "tmpfs and memfds may be in swap");
}

bool check_swap_pss(const struct check_input *in, struct identity_check *check)
{
    uint64_t total, free_bytes, cached = 0, segments = 0;
    const struct sysvipc_shm *shm = &in->snapshot->system.shm;
    if (!check_meminfo_get(in, MEMINFO_SWAP_TOTAL, &total) ||
        !check_meminfo_get(in, MEMINFO_SWAP_FREE, &free_bytes) || !in->totals.swap_pss.known)
        return check_impossible(check, "no SwapTotal, or no smaps with SwapPss");
    if (in->totals.unread && total > free_bytes)
        return refuse_unread(in, check);
    check_meminfo_get(in, MEMINFO_SWAP_CACHED, &cached);
    for (size_t i = 0; i < shm->count; i++)
        segments = add_saturating(segments, shm->segments[i].swap_bytes);
    if (total > free_bytes) {
        check_tolerate_moved(in, check, MEMINFO_SWAP_FREE);
        check_tolerate_moved(in, check, MEMINFO_SWAP_CACHED);
        tolerate_slots(in, check, LEFT_MAY_BE_LESS);
        tolerate_shared_swap(in, check, segments);
        check_tolerate(check, LEFT_EITHER_WAY, multiply_saturating(in->totals.mappings, 1024),
                       "SwapPss cut to 1 KiB a mapping");
    }
    check_tolerate(check, LEFT_MAY_BE_MORE, cached,
                   "SwapCached that page tables still show as swapped");
    return check_compare(check, add_saturating(in->totals.swap_pss.bytes, segments),
                         subtract_to_zero(subtract_to_zero(total, free_bytes), cached),
                         "shared memory in swap is known of segments only; slots at hand",
                         "less on the left: files on tmpfs, memfds or segments in swap that nobody "
                         "maps, or processes that are not visible here; more: swapping went on");
}
