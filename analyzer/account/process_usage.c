#include "analyzer/account/process_usage.h"

#include "analyzer/base/checked_math.h"
#include "analyzer/model/shared_address_space.h"

static const char *const state_words[] = {
#define PROCESS_STATE_WORD(constant, word) [PROCESS_##constant##_STATE] = word,
    PROCESS_STATES(PROCESS_STATE_WORD)
#undef PROCESS_STATE_WORD
};

const char *process_state_word(enum process_read_state state)
{
    return state_words[state];
}

static enum process_read_state state_of_outcome(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_VANISHED:
    case OUTCOME_REUSED:
        return PROCESS_VANISHED_STATE;
    case OUTCOME_REFUSED:
        return PROCESS_REFUSED_STATE;
    case OUTCOME_TIMED_OUT:
    case OUTCOME_ABANDONED:
        return PROCESS_TIMED_OUT_STATE;
    case OUTCOME_CUT:
        return PROCESS_CUT_STATE;
    case OUTCOME_ABSENT:
    case OUTCOME_SKIPPED:
        return PROCESS_ABSENT_STATE;
    default:
        return PROCESS_FAILED_STATE;
    }
}

static bool is_bad(enum outcome outcome)
{
    return outcome != OUTCOME_READ && outcome != OUTCOME_EMPTY;
}

/* What was read counts first, then what the journal says of the process and of its smaps, then
 * what the figures of stat and status imply. */
static enum process_read_state find_state(const struct process *process)
{
    bool has_blocks = process->smaps.blocks || (process->files & PROCESS_ROLLUP);
    if (process->smaps.blocks && (process->files & PROCESS_SMAPS_CUT))
        return process->has_smaps_outcome && process->smaps_outcome == OUTCOME_TIMED_OUT
                   ? PROCESS_TIMED_OUT_STATE
                   : PROCESS_CUT_STATE;
    if (process->smaps.blocks)
        return PROCESS_READ_STATE;
    if (process_is_kernel_thread(process))
        return PROCESS_KERNEL_THREAD_STATE;
    if (process->has_smaps_outcome && is_bad(process->smaps_outcome))
        return state_of_outcome(process->smaps_outcome);
    if (has_blocks)
        return PROCESS_READ_STATE;
    if (process->has_outcome && is_bad(process->outcome))
        return state_of_outcome(process->outcome);
    if (process->state == 'Z' || process->state == 'X')
        return PROCESS_ZOMBIE_STATE;
    if (process->files & PROCESS_SMAPS) /* 2.6.32 refuses by showing nothing */
        return process->statm_resident_pages || process->status_size[STATUS_VM_RSS].bytes
                   ? PROCESS_FAILED_STATE
                   : PROCESS_READ_STATE;
    return PROCESS_ABSENT_STATE;
}

static struct amount sum_of(const struct smaps_sums *sums, enum smaps_field field)
{
    return sums->present & SMAPS_BIT(field) ? amount_of(sums->bytes[field]) : AMOUNT_UNKNOWN;
}

/* a + b, where an absent part counts as nothing as long as the other is there. */
static struct amount sum_of_known(struct amount a, struct amount b)
{
    if (!a.known)
        return b;
    return b.known ? amount_add(a, b) : a;
}

static void take_sums(const struct smaps_sums *sums, struct process_usage *usage)
{
    usage->rss = sum_of(sums, SMAPS_RSS);
    usage->pss = sum_of(sums, SMAPS_PSS);
    usage->uss = amount_add(sum_of(sums, SMAPS_PRIVATE_CLEAN), sum_of(sums, SMAPS_PRIVATE_DIRTY));
    usage->swap = sum_of(sums, SMAPS_SWAP);
    usage->swap_pss = sum_of(sums, SMAPS_SWAP_PSS);
    usage->hugetlb =
        sum_of_known(sum_of(sums, SMAPS_PRIVATE_HUGETLB), sum_of(sums, SMAPS_SHARED_HUGETLB));
    usage->locked = sum_of(sums, SMAPS_LOCKED);
    usage->anon_huge_pages = sum_of(sums, SMAPS_ANON_HUGE_PAGES);
    usage->pss_dirty = sum_of(sums, SMAPS_PSS_DIRTY);
}

/* Without smaps: status is exact per page, statm needs the page size. PSS and USS stay unknown. */
static void take_light(const struct snapshot *snapshot, const struct process *process,
                       struct process_usage *usage)
{
    uint64_t page_bytes;
    usage->rss = process->status_size[STATUS_VM_RSS];
    usage->swap = process->status_size[STATUS_VM_SWAP];
    usage->hugetlb = process->status_size[STATUS_HUGETLB_PAGES];
    usage->source = usage->rss.known ? "status" : "none";
    if (usage->rss.known || !(process->files & PROCESS_STATM) ||
        !snapshot_page_size(snapshot, &page_bytes))
        return;
    usage->rss = amount_of(multiply_saturating(process->statm_resident_pages, page_bytes));
    usage->source = "statm";
}

/* The sums of a cut smaps are lower bounds; the rollup, if there is one, has all. */
static const struct smaps_sums *best_sums(const struct process *process)
{
    bool has_rollup = process->files & PROCESS_ROLLUP;
    if (process->smaps.blocks && !(has_rollup && (process->files & PROCESS_SMAPS_CUT)))
        return &process->smaps;
    return has_rollup ? &process->rollup : NULL;
}

static void find_vss(const struct process *process, struct process_usage *usage)
{
    if (process->smaps.blocks && !(process->files & PROCESS_SMAPS_CUT))
        usage->vss = sum_of(&process->smaps, SMAPS_SIZE);
    if (!usage->vss.known)
        usage->vss = process->status_size[STATUS_VM_SIZE];
    if (!usage->vss.known && (process->files & PROCESS_STAT))
        usage->vss = amount_of(process->vsize_bytes);
    if (!usage->vss.known)
        usage->vss = sum_of(&process->smaps, SMAPS_SIZE);
}

void process_usage_compute(const struct snapshot *snapshot, const struct process *process,
                           struct process_usage *out)
{
    struct process_usage usage = {
        .process = process, .state = find_state(process), .mappings = process->smaps.blocks};
    const struct smaps_sums *sums = best_sums(process);
    if (sums) {
        take_sums(sums, &usage);
        usage.source = sums == &process->smaps ? "smaps" : "smaps_rollup";
    } else {
        take_light(snapshot, process, &usage);
    }
    if (process->files & PROCESS_ROLLUP) {
        usage.pss_anon = sum_of(&process->rollup, SMAPS_PSS_ANON);
        usage.pss_file = sum_of(&process->rollup, SMAPS_PSS_FILE);
        usage.pss_shmem = sum_of(&process->rollup, SMAPS_PSS_SHMEM);
    }
    find_vss(process, &usage);
    usage.page_tables =
        sum_of_known(process->status_size[STATUS_VM_PTE], process->status_size[STATUS_VM_PMD]);
    usage.freed_if_killed = usage.uss;
    if (sums && usage.uss.known) {
        struct amount huge = sum_of(sums, SMAPS_PRIVATE_HUGETLB);
        usage.freed_if_killed = sum_of_known(usage.freed_if_killed, huge);
        usage.freed_if_killed = sum_of_known(usage.freed_if_killed, usage.page_tables);
    }
    *out = usage;
}

static void add_known(struct amount *total, struct amount part)
{
    if (part.known)
        *total = amount_of(add_saturating(total->bytes, part.bytes));
}

void process_totals_add(struct process_totals *totals, const struct process_usage *usage)
{
    const struct process *process = usage->process;
    totals->processes++;
    totals->by_state[usage->state]++;
    if (usage->state == PROCESS_KERNEL_THREAD_STATE) {
        totals->kernel_threads++;
        return;
    }
    if (usage->counted_before) {
        totals->same_address_space++;
        return;
    }
    totals->mappings += usage->mappings;
    add_known(&totals->vss, usage->vss);
    add_known(&totals->rss, usage->rss);
    add_known(&totals->pss, usage->pss);
    add_known(&totals->uss, usage->uss);
    add_known(&totals->swap, usage->swap);
    add_known(&totals->swap_pss, usage->swap_pss);
    add_known(&totals->hugetlb, usage->hugetlb);
    add_known(&totals->page_tables, usage->page_tables);
    add_known(&totals->freed_if_killed, usage->freed_if_killed);
    add_known(&totals->pss_best,
              process->files & PROCESS_ROLLUP ? sum_of(&process->rollup, SMAPS_PSS) : usage->pss);
    if (!usage->pss.known && usage->state != PROCESS_ZOMBIE_STATE &&
        usage->state != PROCESS_READ_STATE) {
        totals->unread++;
        totals->unread_by_state[usage->state]++;
        totals->unread_rss_bytes = add_saturating(totals->unread_rss_bytes, usage->rss.bytes);
    }
}

void process_totals_compute(const struct snapshot *snapshot, struct process_totals *out)
{
    struct process_totals totals = {0};
    for (size_t i = 0; i < snapshot->process_count; i++) {
        struct process_usage usage;
        process_usage_compute(snapshot, &snapshot->processes[i], &usage);
        usage.counted_before = process_repeats_address_space(snapshot, i);
        process_totals_add(&totals, &usage);
    }
    *out = totals;
}
