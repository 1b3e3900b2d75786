#include "analyzer/account/process_usage.h"

#include "analyzer/base/checked_math.h"

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
    if (process->files & PROCESS_SMAPS_CUT) /* in its first mapping */
        return PROCESS_FAILED_STATE;
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

static void take_pages(struct amount *out, uint64_t pages, uint64_t page_bytes)
{
    *out = amount_of(multiply_saturating(pages, page_bytes));
}

static void take_counters(const struct snapshot *snapshot, const struct process *process,
                          struct process_usage *usage)
{
    const struct amount *status = process->status_size;
    uint64_t page_bytes;
    usage->virt = status[STATUS_VM_SIZE];
    usage->res = status[STATUS_VM_RSS];
    usage->shr = sum_of_known(status[STATUS_RSS_FILE], status[STATUS_RSS_SHMEM]);
    if ((process->files & PROCESS_STATM) && snapshot_page_size(snapshot, &page_bytes)) {
        take_pages(&usage->virt, process->statm_size_pages, page_bytes);
        take_pages(&usage->res, process->statm_resident_pages, page_bytes);
        take_pages(&usage->shr, process->statm_shared_pages, page_bytes);
    }
    usage->threads = process->threads;
    if (process->files & PROCESS_STAT) {
        usage->minor_faults = amount_of(process->minor_faults);
        usage->major_faults = amount_of(process->major_faults);
    }
}

static void find_epss(struct process_usage *usage)
{
    bool nothing_swapped = usage->swap.known && usage->swap.bytes == 0;
    usage->epss = nothing_swapped ? usage->pss : amount_add(usage->pss, usage->swap_pss);
}

bool process_usage_is_cut(const struct process_usage *usage)
{
    return usage->process->smaps.blocks && usage->process->files & PROCESS_SMAPS_CUT &&
           !(usage->process->files & PROCESS_ROLLUP);
}

struct amount process_rss_at_most(const struct process_usage *usage)
{
    bool is_more = !usage->res.known || usage->res.bytes > usage->rss.bytes;
    return process_usage_is_cut(usage) && is_more ? usage->res : usage->rss;
}

bool process_usage_has_none(const struct process_usage *usage)
{
    return usage->state == PROCESS_KERNEL_THREAD_STATE || usage->state == PROCESS_ZOMBIE_STATE;
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
    find_epss(&usage);
    take_counters(snapshot, process, &usage);
    usage.page_tables =
        sum_of_known(process->status_size[STATUS_VM_PTE], process->status_size[STATUS_VM_PMD]);
    usage.freed_if_killed = usage.uss;
    if (usage.uss.known && process->address_space) {
        usage.freed_if_killed = amount_of(0); /* others live in it */
    } else if (sums && usage.uss.known) {
        struct amount huge = sum_of(sums, SMAPS_PRIVATE_HUGETLB);
        usage.freed_if_killed = sum_of_known(usage.freed_if_killed, huge);
        usage.freed_if_killed = sum_of_known(usage.freed_if_killed, usage.page_tables);
    }
    *out = usage;
}

void process_usage_add_stacks(struct process_usage *usage, struct amount stack_size)
{
    if (process_usage_has_none(usage) || !stack_size.known || !usage->threads.known)
        return;
    usage->kernel_stacks = amount_of(multiply_saturating(usage->threads.bytes, stack_size.bytes));
    usage->freed_if_killed = amount_add(usage->freed_if_killed, usage->kernel_stacks);
}

void process_usage_narrow(const struct snapshot *snapshot, const bool *chosen,
                          struct process_usage *usage)
{
    const struct process *process = usage->process;
    const struct mapping_store *store = &snapshot->mappings;
    struct smaps_sums sums = {.present = process->smaps.present};
    for (size_t i = 0; i < process->mapping_count; i++) {
        const struct mapping *mapping = &store->mappings[process->first_mapping + i];
        uint64_t values[SMAPS_FIELD_COUNT];
        if (!chosen[mapping->object])
            continue;
        mapping_values(store, mapping, values);
        for (unsigned field = 0; field < SMAPS_FIELD_COUNT; field++)
            sums.bytes[field] = add_saturating(sums.bytes[field], values[field]);
        sums.blocks++;
    }
    take_sums(&sums, usage);
    usage->source = "smaps";
    usage->vss = sum_of(&sums, SMAPS_SIZE);
    usage->mappings = sums.blocks;
    find_epss(usage);
    usage->page_tables = usage->kernel_stacks = usage->freed_if_killed = AMOUNT_UNKNOWN;
    usage->pss_anon = usage->pss_file = usage->pss_shmem = AMOUNT_UNKNOWN;
}
