#include "analyzer/compare/diff_waterfall.h"

#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/compare/diff_parts.h"
#include "analyzer/model/shared_address_space.h"

static const struct {
    const char *word, *label;
} causes[] = {
#define DIFF_CAUSE_ROW(constant, word, label) {word, label},
    DIFF_CAUSES(DIFF_CAUSE_ROW)
#undef DIFF_CAUSE_ROW
};

const char *diff_cause_word(enum diff_cause cause)
{
    return causes[cause].word;
}

const char *diff_cause_label(enum diff_cause cause)
{
    return causes[cause].label;
}

static const struct ledger_change *find_line(const struct snapshot_diff *diff, const char *id)
{
    for (size_t i = 0; i < diff->ledger_count; i++)
        if (strcmp(diff->ledger[i].id, id) == 0)
            return &diff->ledger[i];
    return NULL;
}

static int64_t change_of(const struct snapshot_diff *diff, const char *id)
{
    const struct ledger_change *line = find_line(diff, id);
    return line ? line->change_bytes : 0;
}

/* MemTotal gives what it grows by, all other lines take it. */
static int64_t gives(const struct ledger_change *line)
{
    return strcmp(line->id, "mem_total") == 0 ? line->change_bytes : -line->change_bytes;
}

static int by_size(const void *a, const void *b)
{
    const struct waterfall_step *left = a, *right = b;
    int order = compare_magnitudes(left->change_bytes, right->change_bytes);
    return order ? order : strcmp(left->line->id, right->line->id);
}

static void take_steps(const struct snapshot_diff *diff, struct diff_waterfall *out)
{
    int64_t within_noise = 0, left = out->before_bytes;
    for (size_t i = 0; i < diff->ledger_count; i++) {
        const struct ledger_change *line = &diff->ledger[i];
        if (!line->is_top || strcmp(line->id, "free") == 0)
            continue;
        if (line->change_bytes && ledger_change_matters(diff, line))
            out->steps[out->step_count++] =
                (struct waterfall_step){.line = line, .change_bytes = gives(line)};
        else
            within_noise += gives(line);
    }
    qsort(out->steps, out->step_count, sizeof *out->steps, by_size);
    if (within_noise)
        out->steps[out->step_count++] = (struct waterfall_step){.change_bytes = within_noise};
    for (size_t i = 0; i < out->step_count; i++) {
        left += out->steps[i].change_bytes;
        out->steps[i].left_bytes = left;
    }
}

/* The first process of its address space, as in the totals. */
static bool counts(const struct snapshot *snapshot, const struct process *process)
{
    return !process_repeats_address_space(snapshot, (size_t)(process - snapshot->processes));
}

/* Of what only one side could read there is no change: what it holds there is no total of the other. */
static int64_t compared_processes_took(const struct snapshot_diff *diff)
{
    int64_t sum = 0;
    for (size_t i = 0; i < diff->process_count; i++) {
        const struct process_change *change = &diff->processes[i];
        const struct process *after = change->after.process;
        if (after ? counts(diff->after, after) : counts(diff->before, change->before.process))
            sum += change->change_bytes; /* 0 where a side does not have it */
    }
    return sum;
}

static int64_t processes_took(const struct snapshot_diff *diff)
{
    struct process_totals before, after;
    if (diff->is_one_sided)
        return compared_processes_took(diff);
    process_totals_compute(diff->before, &before);
    process_totals_compute(diff->after, &after);
    return difference(before.pss_best.bytes, after.pss_best.bytes);
}

static int64_t sum_of_kind(const struct snapshot_diff *diff, enum kernel_change_kind kind)
{
    int64_t sum = 0;
    for (size_t i = 0; i < diff->kernel_count; i++)
        if (diff->kernel[i].kind == kind)
            sum += diff->kernel[i].change_bytes;
    return sum;
}

/* What the ledger counts and no finer cause accounts for is as unexplained as its residual. */
static void find_causes(const struct snapshot_diff *diff, struct diff_waterfall *out)
{
    int64_t *took = out->cause_bytes, explained = 0;
    took[CAUSE_PROCESSES] = processes_took(diff);
    took[CAUSE_UNMAPPED] = change_of(diff, "user") - took[CAUSE_PROCESSES];
    took[CAUSE_SLAB] = sum_of_kind(diff, KERNEL_SLAB);
    took[CAUSE_VMALLOC] = sum_of_kind(diff, KERNEL_VMALLOC);
    took[CAUSE_LINES] = sum_of_kind(diff, KERNEL_LINE);
    took[CAUSE_PCP] = change_of(diff, "pcp");
    took[CAUSE_MEM_TOTAL] = -change_of(diff, "mem_total");
    for (unsigned i = 0; i < CAUSE_UNEXPLAINED; i++)
        explained += took[i];
    took[CAUSE_UNEXPLAINED] = -out->change_bytes - explained;
}

void diff_waterfall_compute(const struct snapshot_diff *diff, struct diff_waterfall *out)
{
    const struct ledger_change *free_line = find_line(diff, "free");
    *out = (struct diff_waterfall){0};
    if (!free_line || !free_line->before.known || !free_line->after.known)
        return;
    out->known = true;
    out->before_bytes = free_line->before_signed;
    out->after_bytes = free_line->after_signed;
    out->change_bytes = free_line->change_bytes;
    out->noise_bytes = free_line->noise_bytes;
    out->beyond_noise = free_line->beyond_noise;
    take_steps(diff, out);
    find_causes(diff, out);
}
