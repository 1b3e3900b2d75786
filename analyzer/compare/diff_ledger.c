#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/compare/diff_parts.h"

bool ledger_change_matters(const struct snapshot_diff *diff, const struct ledger_change *line)
{
    if (line->beyond_noise)
        return true;
    for (size_t i = 0; i < diff->ledger_count; i++)
        if (strcmp(diff->ledger[i].parent, line->id) == 0 &&
            ledger_change_matters(diff, &diff->ledger[i]))
            return true;
    return false;
}

static void set_noise(const struct snapshot_diff *diff, struct ledger_change *change)
{
    change->noise_bytes =
        diff_noise_of_line(diff->noise, diff->before_ledger, diff->after_ledger, change->id);
    change->beyond_noise = exceeds_noise(change->change_bytes, change->noise_bytes);
}

static void add_change(struct snapshot_diff *diff, const struct ledger_line *before,
                       const struct ledger_line *after)
{
    const struct ledger_line *line = after ? after : before;
    const struct ledger *ledger = after ? diff->after_ledger : diff->before_ledger;
    struct ledger_change *change = &diff->ledger[diff->ledger_count++];
    *change = (struct ledger_change){.is_top = line->parent < 0};
    snprintf(change->id, sizeof change->id, "%s", line->id);
    snprintf(change->label, sizeof change->label, "%s", line->label);
    if (line->parent >= 0)
        snprintf(change->parent, sizeof change->parent, "%s", ledger->lines[line->parent].id);
    if (before)
        change->before = amount_of(before->bytes);
    if (after)
        change->after = amount_of(after->bytes);
    change->before_signed = to_signed(change->before.bytes);
    change->after_signed = to_signed(change->after.bytes);
    change->change_bytes = change->after_signed - change->before_signed;
    set_noise(diff, change);
}

static void add_figure(struct snapshot_diff *diff, const char *id, const char *label,
                       int64_t before, int64_t after)
{
    struct ledger_change *change = &diff->ledger[diff->ledger_count++];
    *change = (struct ledger_change){.is_top = true,
                                     .before_signed = before,
                                     .after_signed = after,
                                     .change_bytes = after - before};
    snprintf(change->id, sizeof change->id, "%s", id);
    snprintf(change->label, sizeof change->label, "%s", label);
    change->before = amount_of(before > 0 ? (uint64_t)before : 0);
    change->after = amount_of(after > 0 ? (uint64_t)after : 0);
    set_noise(diff, change);
}

static const struct ledger_beside *find_beside(const struct ledger *ledger, const char *id)
{
    for (size_t i = 0; i < ledger->beside_count; i++)
        if (strcmp(ledger->beside[i].id, id) == 0)
            return &ledger->beside[i];
    return NULL;
}

static void add_beside(struct snapshot_diff *diff, const struct ledger_beside *before,
                       const struct ledger_beside *after)
{
    const struct ledger_beside *figure = after ? after : before;
    struct beside_change *change = &diff->beside[diff->beside_count++];
    *change = (struct beside_change){0};
    snprintf(change->id, sizeof change->id, "%s", figure->id);
    snprintf(change->label, sizeof change->label, "%s", figure->label);
    snprintf(change->also_in, sizeof change->also_in, "%s", figure->also_in);
    if (before)
        change->before = amount_of(before->bytes);
    if (after)
        change->after = amount_of(after->bytes);
    change->change_bytes = difference(change->before.bytes, change->after.bytes);
    change->noise_bytes =
        diff_noise_of_beside(diff->noise, diff->before_ledger, diff->after_ledger, change->id);
    change->beyond_noise = exceeds_noise(change->change_bytes, change->noise_bytes);
}

/* All figures of the later ledger in its order, then those that only the earlier one has. */
static void compare_beside(struct snapshot_diff *diff)
{
    const struct ledger *before = diff->before_ledger, *after = diff->after_ledger;
    for (size_t i = 0; i < after->beside_count; i++)
        add_beside(diff, find_beside(before, after->beside[i].id), &after->beside[i]);
    for (size_t i = 0; i < before->beside_count; i++)
        if (!find_beside(after, before->beside[i].id))
            add_beside(diff, &before->beside[i], NULL);
}

static bool is_divided(const struct ledger *ledger, const struct ledger_line *line)
{
    for (size_t i = 0; i < ledger->line_count; i++)
        if (ledger->lines[i].parent == line - ledger->lines)
            return true;
    return false;
}

/* What one side does not tell, or tells in part, is no change. */
static void quieten(struct ledger_change *line)
{
    line->noise_bytes = line->before.bytes + line->after.bytes; /* one of them absent: 0 */
    line->beyond_noise = false;
}

/* A line that one ledger divides into parts and the other does not (another kernel, or a file that
 * was refused): there the whole of it has this row, so that parts add up on both sides. What a part
 * was where it is not told is not known, so none of them is a change. The row takes no more room than
 * the ledgers have: the line itself is one row for both. */
static void add_undivided(struct snapshot_diff *diff, const struct ledger_line *before,
                          const struct ledger_line *after)
{
    bool before_divided = is_divided(diff->before_ledger, before);
    if (before_divided == is_divided(diff->after_ledger, after))
        return;
    struct ledger_line rest = before_divided ? *after : *before;
    snprintf(rest.id, sizeof rest.id, "%.36s.undivided", after->id);
    snprintf(rest.label, sizeof rest.label, "Not divided in the %s bundle",
             before_divided ? "later" : "earlier");
    rest.parent = (int)((before_divided ? after : before) -
                        (before_divided ? diff->after_ledger : diff->before_ledger)->lines);
    add_change(diff, before_divided ? NULL : &rest, before_divided ? &rest : NULL);
    for (size_t i = 0; i < diff->ledger_count; i++) {
        struct ledger_change *part = &diff->ledger[i];
        if (strcmp(part->parent, after->id) != 0)
            continue;
        quieten(part);
    }
}

bool ledger_line_is_told_by_processes(struct slice id, struct slice parent)
{
    return slice_equal(parent, SLICE("user.shmem")) && !slice_equal(id, SLICE("user.shmem.sysv")) &&
           !slice_equal(id, SLICE("user.shmem.tmpfs"));
}

void diff_ledgers_quiet_shared(struct snapshot_diff *diff)
{
    for (size_t i = 0; diff->is_one_sided && i < diff->ledger_count; i++) {
        struct ledger_change *line = &diff->ledger[i];
        if (ledger_line_is_told_by_processes(slice_of(line->id), slice_of(line->parent)))
            quieten(line);
    }
}

/* All lines of the later ledger in its order, then those that only the earlier one has. A line that a
 * kernel does not print is absent; in a sum it counts as nothing. */
bool diff_ledgers(struct snapshot_diff *diff, struct failure *why)
{
    diff->before_ledger = malloc(sizeof *diff->before_ledger);
    diff->after_ledger = malloc(sizeof *diff->after_ledger);
    diff->ledger = calloc(2 * LEDGER_LINES_MAX + 2, sizeof *diff->ledger);
    diff->beside = calloc(2 * LEDGER_BESIDE_MAX, sizeof *diff->beside);
    diff->noise = calloc(1, sizeof *diff->noise);
    diff->waterfall = calloc(1, sizeof *diff->waterfall);
    if (!diff->before_ledger || !diff->after_ledger || !diff->ledger || !diff->beside ||
        !diff->noise || !diff->waterfall)
        return DIFF_OUT_OF_MEMORY(why);
    struct failure missing = {0};
    if (!ledger_compute(diff->before, diff->before_ledger, &missing) ||
        !ledger_compute(diff->after, diff->after_ledger, &missing))
        return true; /* processes can still be compared; has_ledger says it */
    if (!diff_noise_compute(diff->before, diff->before_ledger, diff->after, diff->after_ledger,
                            diff->noise, why))
        return false;
    diff->has_ledger = true;
    const struct ledger *before = diff->before_ledger, *after = diff->after_ledger;
    add_figure(diff, "mem_total", "MemTotal", to_signed(before->mem_total_bytes),
               to_signed(after->mem_total_bytes));
    for (size_t i = 0; i < after->line_count; i++)
        add_change(diff, ledger_find(before, after->lines[i].id), &after->lines[i]);
    for (size_t i = 0; i < before->line_count; i++)
        if (!ledger_find(after, before->lines[i].id))
            add_change(diff, &before->lines[i], NULL);
    for (size_t i = 0; i < after->line_count; i++) {
        const struct ledger_line *same = ledger_find(before, after->lines[i].id);
        if (same)
            add_undivided(diff, same, &after->lines[i]);
    }
    add_figure(diff, "residual", "Residual: counted nowhere", before->residual_bytes,
               after->residual_bytes);
    compare_beside(diff);
    return true;
}
