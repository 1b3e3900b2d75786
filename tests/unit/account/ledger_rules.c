#include "tests/unit/account/ledger_rules.h"

#define MOST_BYTES (INT64_C(1) << 60)

static void expect_bounded(const struct ledger_line *line)
{
    if (line->low_bytes > line->bytes || line->bytes > line->high_bytes)
        fail_msg("%s: %llu is not between %llu and %llu", line->id, (unsigned long long)line->bytes,
                 (unsigned long long)line->low_bytes, (unsigned long long)line->high_bytes);
    if (line->grade != GRADE_BOUNDED && line->low_bytes != line->high_bytes)
        fail_msg("%s: has bounds, and its grade does not say so", line->id);
}

void expect_ledger_order(const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->line_count; i++) {
        const struct ledger_line *line = &ledger->lines[i];
        assert_in_range(strlen(line->id), 1, sizeof line->id - 1);
        assert_in_range(strlen(line->label), 1, sizeof line->label - 1);
        assert_in_range(strlen(line->source), 1, sizeof line->source - 1);
        assert_true(line->parent >= -1 && line->parent < (int)i);
        expect_bounded(line);
        assert_ptr_equal(ledger_find(ledger, line->id), line); /* unique */
    }
    assert_true(ledger->residual_low_bytes <= ledger->residual_bytes);
    assert_true(ledger->residual_bytes <= ledger->residual_high_bytes);
    assert_true(ledger->samples_used >= 1);
    for (size_t i = 0; i < ledger->suspect_count; i++) {
        assert_true(ledger->suspects[i].at_most_bytes > 0);
        assert_true(ledger->residual_high_bytes > 0);
        assert_true(ledger->suspects[i].at_most_bytes <= (uint64_t)ledger->residual_high_bytes);
    }
}

static void expect_children_sum(const struct ledger *ledger, size_t parent)
{
    __int128 sum = 0;
    bool any = false;
    for (size_t i = parent + 1; i < ledger->line_count; i++) {
        if (ledger->lines[i].parent != (int)parent)
            continue;
        sum += ledger->lines[i].bytes;
        any = true;
    }
    if (any && sum != (__int128)ledger->lines[parent].bytes)
        fail_msg("%s: %llu, and its parts sum to %llu", ledger->lines[parent].id,
                 (unsigned long long)ledger->lines[parent].bytes, (unsigned long long)sum);
}

void expect_ledger_rules(const struct ledger *ledger)
{
    __int128 sum = ledger->residual_bytes;
    expect_ledger_order(ledger);
    for (size_t i = 0; i < ledger->line_count; i++) {
        if (ledger->lines[i].parent < 0)
            sum += ledger->lines[i].bytes;
        assert_true(ledger->lines[i].bytes < (uint64_t)MOST_BYTES);
        expect_children_sum(ledger, i);
    }
    if (sum != (__int128)ledger->mem_total_bytes)
        fail_msg("top lines and residual sum to %lld, MemTotal is %llu", (long long)sum,
                 (unsigned long long)ledger->mem_total_bytes);
}

void ledger_of(const struct snapshot *snapshot, struct ledger *ledger)
{
    struct failure why = {0};
    if (!ledger_compute(snapshot, ledger, &why))
        fail_msg("no ledger: %s: %s", why.member, why.message);
    expect_ledger_rules(ledger);
}

void expect_line(const struct ledger *ledger, const char *id, int64_t kib)
{
    const struct ledger_line *line = ledger_find(ledger, id);
    if (!line && kib != KIB_ABSENT)
        fail_msg("no line %s", id);
    else if (line && kib == KIB_ABSENT)
        fail_msg("a line %s of %llu bytes", id, (unsigned long long)line->bytes);
    else if (line && line->bytes != KIB((uint64_t)kib))
        fail_msg("%s: %llu KiB, not %lld", id, (unsigned long long)line->bytes / 1024,
                 (long long)kib);
}

void expect_bounds(const struct ledger *ledger, const char *id, uint64_t low_kib, uint64_t high_kib)
{
    const struct ledger_line *line = ledger_find(ledger, id);
    assert_non_null(line);
    assert_int_equal(line->low_bytes, KIB(low_kib));
    assert_int_equal(line->high_bytes, KIB(high_kib));
}

void expect_residual(const struct ledger *ledger, int64_t kib)
{
    if (ledger->residual_bytes != kib * 1024)
        fail_msg("residual: %lld bytes = %lld KiB, not %lld", (long long)ledger->residual_bytes,
                 (long long)ledger->residual_bytes / 1024, (long long)kib);
}

void expect_beside(const struct ledger *ledger, const char *id, uint64_t kib, const char *also_in)
{
    for (size_t i = 0; i < ledger->beside_count; i++) {
        const struct ledger_beside *beside = &ledger->beside[i];
        if (strcmp(beside->id, id) != 0)
            continue;
        assert_int_equal(beside->bytes, KIB(kib));
        assert_string_equal(beside->also_in, also_in);
        return;
    }
    fail_msg("nothing beside the tree named %s", id);
}

void expect_no_beside(const struct ledger *ledger, const char *id)
{
    for (size_t i = 0; i < ledger->beside_count; i++)
        assert_string_not_equal(ledger->beside[i].id, id);
}

bool ledger_notes(const struct ledger *ledger, const char *words)
{
    for (size_t i = 0; i < ledger->note_count; i++)
        if (strstr(ledger->notes[i], words))
            return true;
    return false;
}
