/* Identities between the system's figures and the sums over processes. A process that could not
 * be read is missing from a sum: then only what stays true of the others is claimed. */
#include "analyzer/account/check_rules.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"

#define READER_BYTES (UINT64_C(1) << 20) /* the reader itself and short-lived processes */

/* Those that could not be read hold at most their RSS. Where that is little beside the figure that
 * is checked it widens the tolerance; where it is much nothing is claimed. */
static bool tolerate_unread(const struct check_input *in, struct identity_check *check,
                            enum tolerance_side side, uint64_t beside_bytes)
{
    const struct process_totals *totals = &in->totals;
    if (totals->unread && totals->unread_rss_bytes > beside_bytes / 8)
        return check_impossible(check,
                                "%llu processes could not be read, with %llu KiB of RSS, which is "
                                "too much beside the %llu KiB that are checked",
                                (unsigned long long)totals->unread,
                                (unsigned long long)totals->unread_rss_bytes / 1024,
                                (unsigned long long)beside_bytes / 1024);
    check_tolerate(check, side, totals->unread_rss_bytes,
                   "RSS of %llu processes that could not be read",
                   (unsigned long long)totals->unread);
    return true;
}

/* PSS is cut to whole KiB in each mapping, by smaps. */
static void tolerate_mappings(struct identity_check *check, uint64_t mappings)
{
    check_tolerate(check, LEFT_EITHER_WAY, multiply_saturating(mappings, 1024),
                   "PSS cut to 1 KiB in %llu mappings", (unsigned long long)mappings);
}

/* The sum of a field over all processes, of the best file of each; false when none has it. */
static bool sum_of_field(const struct check_input *in, enum smaps_field field, uint64_t *sum)
{
    bool any = false;
    *sum = 0;
    for (size_t i = 0; i < in->snapshot->process_count; i++) {
        const struct process *process = &in->snapshot->processes[i];
        bool whole = process->smaps.blocks && !(process->files & PROCESS_SMAPS_CUT);
        const struct smaps_sums *sums =
            whole || !(process->files & PROCESS_ROLLUP) ? &process->smaps : &process->rollup;
        if (!(sums->present & SMAPS_BIT(field)))
            continue;
        *sum = add_saturating(*sum, sums->bytes[field]);
        any = true;
    }
    return any;
}

bool check_pss(const struct check_input *in, struct identity_check *check)
{
    uint64_t anon, mapped;
    if (!check_meminfo_get(in, MEMINFO_ANON_PAGES, &anon) ||
        !check_meminfo_get(in, MEMINFO_MAPPED, &mapped) || !in->totals.pss_best.known)
        return check_impossible(check, "no AnonPages, no Mapped, or no smaps in the bundle");
    if (!tolerate_unread(in, check, LEFT_MAY_BE_LESS, add_saturating(anon, mapped)))
        return false;
    tolerate_mappings(check, in->totals.mappings);
    check_tolerate_moved(in, check, MEMINFO_ANON_PAGES);
    check_tolerate_moved(in, check, MEMINFO_MAPPED);
    check_tolerate_drift(in, check, 2);
    check_tolerate(check, LEFT_EITHER_WAY, READER_BYTES,
                   "the reader itself and short-lived processes");
    return check_compare(check, in->totals.pss_best.bytes, add_saturating(anon, mapped),
                         "PSS is cut to 1 KiB a mapping; processes change while they are read one "
                         "after the other; the reader itself is mapped",
                         "too high: processes that share one address space, or migration; too low: "
                         "pages mapped by processes that are not visible here");
}

/* Has both smaps and smaps_rollup, whole. */
static bool has_both(const struct process *process)
{
    return (process->files & PROCESS_ROLLUP) && process->smaps.blocks &&
           !(process->files & PROCESS_SMAPS_CUT);
}

static const char *const both_differ = "smaps cuts PSS to 1 KiB a mapping, the rollup once; "
                                       "processes change between the two reads";

bool check_rollup(const struct check_input *in, struct identity_check *check)
{
    uint64_t left = 0, right = 0, mappings = 0, count = 0;
    for (size_t i = 0; i < in->snapshot->process_count; i++) {
        const struct process *process = &in->snapshot->processes[i];
        if (!has_both(process))
            continue;
        left = add_saturating(left, process->smaps.bytes[SMAPS_PSS]);
        right = add_saturating(right, process->rollup.bytes[SMAPS_PSS]);
        mappings += process->smaps.blocks;
        count++;
    }
    if (!count)
        return check_impossible(check, "no process has both smaps and smaps_rollup");
    tolerate_mappings(check, mappings);
    check_tolerate_moved(in, check, MEMINFO_ANON_PAGES);
    check_tolerate_moved(in, check, MEMINFO_MAPPED);
    return check_compare(check, left, right, both_differ,
                         "processes changed between the two reads");
}

static uint64_t change_of(const struct process *process, enum smaps_field field)
{
    uint64_t a = process->smaps.bytes[field], b = process->rollup.bytes[field];
    return a > b ? a - b : b - a;
}

/* What one process's own figures say of its change between the reads: a page that was mapped
 * or dropped changes RSS, one that gained or lost its last other sharer changes its kind. */
static bool compare_process(const struct check_input *in, const struct process *process,
                            struct identity_check *check)
{
    uint64_t kinds = add_saturating(change_of(process, SMAPS_PRIVATE_CLEAN),
                                    change_of(process, SMAPS_PRIVATE_DIRTY));
    tolerate_mappings(check, process->smaps.blocks);
    check_tolerate(check, LEFT_EITHER_WAY, change_of(process, SMAPS_RSS),
                   "RSS changed between the two reads");
    check_tolerate(check, LEFT_EITHER_WAY, kinds, "private pages changed between the two reads");
    check_tolerate_moved(in, check, MEMINFO_ANON_PAGES);
    check_tolerate_moved(in, check, MEMINFO_MAPPED);
    return check_compare(check, process->smaps.bytes[SMAPS_PSS], process->rollup.bytes[SMAPS_PSS],
                         both_differ,
                         "pages gained or lost sharers between the two reads, or one of the files "
                         "is not of this process");
}

/* Each process for itself; keeps the one that is furthest beyond its tolerance, or closest to it. */
bool check_rollup_process(const struct check_input *in, struct identity_check *check)
{
    const struct identity_check empty = *check;
    int64_t worst_margin = INT64_MIN;
    uint64_t worst_pid = 0, count = 0, broken = 0;
    for (size_t i = 0; i < in->snapshot->process_count; i++) {
        const struct process *process = &in->snapshot->processes[i];
        struct identity_check one = empty;
        if (!has_both(process))
            continue;
        compare_process(in, process, &one);
        count++;
        broken += one.verdict == VERDICT_BROKEN;
        if (!check_is_worst(&one, &worst_margin))
            continue;
        worst_pid = process->pid;
        *check = one;
    }
    if (!count)
        return check_impossible(check, "no process has both smaps and smaps_rollup");
    char text[sizeof check->reason];
    snprintf(text, sizeof text, "figures are of PID %llu, the worst of %llu, %llu are off: %.180s",
             (unsigned long long)worst_pid, (unsigned long long)count, (unsigned long long)broken,
             check->reason);
    snprintf(check->reason, sizeof check->reason, "%s", text);
    return true;
}

/* A huge page that several processes map counts once in meminfo and in each of their smaps. Until
 * 5.11 the counter was of huge pages: what a CPU holds back is then so many of them. vmstat's
 * nr_swapcached came with that change. */
static bool compare_huge(const struct check_input *in, struct identity_check *check,
                         enum meminfo_field field, enum smaps_field part)
{
    uint64_t counted, sum, huge = UINT64_C(2) << 20, ignored;
    int64_t size;
    if (!check_meminfo_get(in, field, &counted))
        return check_impossible(check, "this kernel prints no %s", meminfo_field_name(field));
    if (!sum_of_field(in, part, &sum))
        return check_impossible(check, "no smaps with %s", smaps_field_name(part));
    if (counted && !tolerate_unread(in, check, LEFT_MAY_BE_MORE, counted))
        return false;
    if (figure_number(in->snapshot, "sys/kernel/mm/transparent_hugepage/hpage_pmd_size", &size) &&
        size > 0)
        huge = (uint64_t)size;
    else /* of the default pool, which is the same but where another was asked for at boot */
        check_meminfo_get(in, MEMINFO_HUGE_PAGE_SIZE, &huge);
    bool in_pages = check_vmstat_bytes(in, VMSTAT_NR_SWAPCACHED, &ignored);
    if (in_pages || !in->page_bytes)
        check_tolerate_drift(in, check, 1);
    else if (counted)
        check_tolerate(check, LEFT_EITHER_WAY,
                       multiply_saturating(in->drift_bytes / in->page_bytes, huge),
                       "drift of a counter of huge pages");
    check_tolerate_moved(in, check, field);
    return check_compare(check, counted, sum,
                         "a huge page counts once on the left, and in each process on the right",
                         "huge pages of processes that are not visible here or have ended, or that "
                         "only parts of are mapped (kernels before 4.5)");
}

bool check_anon_huge(const struct check_input *in, struct identity_check *check)
{
    return compare_huge(in, check, MEMINFO_ANON_HUGE_PAGES, SMAPS_ANON_HUGE_PAGES);
}

bool check_shmem_huge(const struct check_input *in, struct identity_check *check)
{
    return compare_huge(in, check, MEMINFO_SHMEM_PMD_MAPPED, SMAPS_SHMEM_PMD_MAPPED);
}

bool check_file_huge(const struct check_input *in, struct identity_check *check)
{
    return compare_huge(in, check, MEMINFO_FILE_PMD_MAPPED, SMAPS_FILE_PMD_MAPPED);
}

/* What of locked mappings PSS gives to other sharers: a page is in Mlocked as a whole, whoever locked
 * it. */
static uint64_t locked_of_others(const struct check_input *in)
{
    const struct mapping_store *store = &in->snapshot->mappings;
    uint64_t values[SMAPS_FIELD_COUNT], bytes = 0;
    for (size_t i = 0; i < store->count; i++) {
        const struct mapping *mapping = &store->mappings[i];
        if (!(mapping->value_mask & SMAPS_BIT(SMAPS_LOCKED)))
            continue;
        mapping_values(store, mapping, values);
        bytes = add_saturating(bytes, subtract_to_zero(values[SMAPS_RSS], values[SMAPS_LOCKED]));
    }
    return bytes;
}

bool check_locked(const struct check_input *in, struct identity_check *check)
{
    uint64_t locked, counted;
    if (!check_meminfo_get(in, MEMINFO_MLOCKED, &counted) ||
        !sum_of_field(in, SMAPS_LOCKED, &locked))
        return check_impossible(check, "no Mlocked, or no smaps with Locked");
    if (counted && !tolerate_unread(in, check, LEFT_MAY_BE_LESS, counted))
        return false;
    check_tolerate_drift(in, check, 1);
    check_tolerate_moved(in, check, MEMINFO_MLOCKED);
    check_tolerate_pages(in, check, multiply_saturating(in->cpus, LRU_BATCH_PAGES),
                         "on their way to the list: 31 a CPU");
    check_tolerate(check, LEFT_MAY_BE_LESS, locked_of_others(in),
                   "share of locked pages that others map");
    if (locked)
        tolerate_mappings(check, in->totals.mappings);
    return check_compare(check, locked, counted,
                         "Locked is the PSS of locked mappings, Mlocked whole pages",
                         "more on the left: pages mapped in locked areas that are not on the "
                         "unevictable list (drivers' pages, or being moved); less: pages locked by "
                         "processes that have ended or are not visible here");
}
