#include "analyzer/account/process_usage.h"

#include "analyzer/base/checked_math.h"
#include "analyzer/model/shared_address_space.h"

/* What has ended has nothing to be unknown. */
static void add_known(struct amount *total, struct amount part, bool has_ended, uint64_t *unknown)
{
    if (part.known)
        *total = amount_of(add_saturating(total->bytes, part.bytes));
    else if (!has_ended)
        ++*unknown;
}

/* The rollup's PSS is rounded once, not once a mapping. */
static struct amount best_pss(const struct process_usage *usage)
{
    const struct smaps_sums *rollup = &usage->process->rollup;
    bool has_rollup = usage->process->files & PROCESS_ROLLUP;
    if (!has_rollup || !(rollup->present & SMAPS_BIT(SMAPS_PSS)))
        return has_rollup ? AMOUNT_UNKNOWN : usage->pss;
    return amount_of(rollup->bytes[SMAPS_PSS]);
}

/* What a process has for itself although its address space is another's too. */
static void add_own(struct process_totals *totals, const struct process_usage *usage,
                    bool has_ended)
{
#define ADD_AMOUNT(name) add_known(&totals->name, usage->name, has_ended, &totals->unknown.name);
    ADD_AMOUNT(kernel_stacks)
    ADD_AMOUNT(freed_if_killed)
    ADD_AMOUNT(threads)
    ADD_AMOUNT(minor_faults)
    ADD_AMOUNT(major_faults)
#undef ADD_AMOUNT
}

void process_totals_add(struct process_totals *totals, const struct process_usage *usage)
{
    totals->processes++;
    totals->by_state[usage->state]++;
    if (usage->state == PROCESS_KERNEL_THREAD_STATE) {
        totals->kernel_threads++;
        return;
    }
    bool has_ended = usage->state == PROCESS_ZOMBIE_STATE;
    if (usage->counted_before) {
        totals->same_address_space++;
        add_own(totals, usage, has_ended);
        return;
    }
    totals->mappings += usage->mappings;
#define ADD_AMOUNT(name) add_known(&totals->name, usage->name, has_ended, &totals->unknown.name);
    PROCESS_AMOUNTS(ADD_AMOUNT)
#undef ADD_AMOUNT
    struct amount best = best_pss(usage);
    if (best.known)
        totals->pss_best = amount_of(add_saturating(totals->pss_best.bytes, best.bytes));
    if (!usage->pss.known && !has_ended && usage->state != PROCESS_READ_STATE) {
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
