#include "analyzer/compare/baseline.h"

#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/diff_noise.h"

/* Unusual is what differs by more than noise, by more than a thousandth of MemTotal, and by more than a
 * fifth of what is usual. */
#define PART_OF_TOTAL 1000
#define PART_OF_USUAL 5

const char *baseline_mark_word(enum baseline_mark mark)
{
    static const char *const words[] = {
#define BASELINE_WORD(constant, word) word,
        BASELINE_MARKS(BASELINE_WORD)
#undef BASELINE_WORD
    };
    return words[mark];
}

bool baseline_mark_is_unusual(enum baseline_mark mark)
{
    return mark == BASELINE_MORE || mark == BASELINE_LESS || mark == BASELINE_NEW ||
           mark == BASELINE_WORSE;
}

bool baseline_begin(struct baseline *out, const struct snapshot *usual, const struct snapshot *now,
                    size_t most, struct failure *why)
{
    const char *before = usual->identity.text[IDENTITY_HOST];
    const char *after = now->identity.text[IDENTITY_HOST];
    *out = (struct baseline){.snapshot = usual,
                             .same_host = !before || !after || strcmp(before, after) == 0,
                             .rows = calloc(most + 1, sizeof *out->rows)};
    return out->rows || failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
}

void baseline_add(struct baseline *baseline, const struct baseline_row *row)
{
    baseline->rows[baseline->count++] = *row;
    baseline->unusual += baseline_mark_is_unusual(row->mark);
}

void baseline_deinit(struct baseline *baseline)
{
    free(baseline->rows);
    *baseline = (struct baseline){0};
}

const struct baseline_row *baseline_find(const struct baseline *baseline, const char *id)
{
    for (size_t i = 0; baseline && i < baseline->count; i++)
        if (baseline->rows[i].id && strcmp(baseline->rows[i].id, id) == 0)
            return &baseline->rows[i];
    return NULL;
}

const struct baseline_row *baseline_find_pid(const struct baseline *baseline, uint64_t pid)
{
    size_t low = 0, high = baseline ? baseline->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (baseline->rows[middle].pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    return baseline && low < baseline->count && baseline->rows[low].pid == pid
               ? &baseline->rows[low]
               : NULL;
}

enum baseline_mark baseline_judge(int64_t usual_bytes, int64_t now_bytes, uint64_t noise_bytes,
                                  uint64_t mem_total_bytes)
{
    int64_t change = now_bytes - usual_bytes;
    uint64_t size = change < 0 ? (uint64_t)-change : (uint64_t)change;
    uint64_t usual = usual_bytes < 0 ? (uint64_t)-usual_bytes : (uint64_t)usual_bytes;
    if (size <= noise_bytes || size <= mem_total_bytes / PART_OF_TOTAL ||
        size <= usual / PART_OF_USUAL)
        return BASELINE_USUAL;
    return change > 0 ? BASELINE_MORE : BASELINE_LESS;
}

static void add_line(struct baseline *out, const struct diff_noise *noise,
                     const struct ledger *usual, const struct ledger *now, const char *id,
                     int64_t usual_bytes, int64_t now_bytes)
{
    const struct baseline_row row = {
        .id = id,
        .has_bytes = true,
        .usual_bytes = usual_bytes,
        .now_bytes = now_bytes,
        .mark = baseline_judge(usual_bytes, now_bytes, diff_noise_of_line(noise, usual, now, id),
                               now->mem_total_bytes)};
    baseline_add(out, &row);
}

bool baseline_of_ledger(const struct snapshot *usual, const struct snapshot *now,
                        const struct ledger *ledger, struct baseline *out, struct failure *why)
{
    AUTO_FREE struct ledger *before = malloc(sizeof *before);
    AUTO_FREE struct diff_noise *noise = malloc(sizeof *noise);
    if (!before || !noise)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (!baseline_begin(out, usual, now, ledger->line_count + 2, why) ||
        !ledger_compute(usual, before, why) ||
        !diff_noise_compute(usual, before, now, ledger, noise, why))
        return false;
    add_line(out, noise, before, ledger, "mem_total", to_signed(before->mem_total_bytes),
             to_signed(ledger->mem_total_bytes));
    for (size_t i = 0; i < ledger->line_count; i++) {
        const struct ledger_line *line = &ledger->lines[i];
        const struct ledger_line *was = ledger_find(before, line->id);
        if (was)
            add_line(out, noise, before, ledger, line->id, to_signed(was->bytes),
                     to_signed(line->bytes));
        else
            baseline_add(out,
                         &(struct baseline_row){.id = line->id, .mark = BASELINE_INCOMPARABLE});
    }
    add_line(out, noise, before, ledger, "residual", before->residual_bytes,
             ledger->residual_bytes);
    return true;
}
