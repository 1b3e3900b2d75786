#include "analyzer/account/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/ledger_lines.h"
#include "analyzer/account/ledger_suspects.h"
#include "analyzer/account/reading_choice.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/parse/system/meminfo.h"

const char *grade_word(enum grade grade)
{
    static const char *const words[] = {"exact", "derived", "bounded", "estimate"};
    return words[grade];
}

/* What is left open of a part of an exact line only divides that line. */
static bool opens_residual(const struct ledger *ledger, const struct ledger_line *line)
{
    while (line->parent >= 0) {
        line = &ledger->lines[line->parent];
        if (line->grade == GRADE_EXACT)
            return false;
    }
    return true;
}

/* The residual's bounds: first what the lines themselves leave open, then what other readings
 * of the same machine make of it. */
static void bound_residual(const struct chosen_reading *reading, struct ledger *ledger,
                           struct ledger *scratch)
{
    const struct system_state *system = &reading->snapshot.system;
    int64_t low = ledger->residual_bytes, high = ledger->residual_bytes, residual;
    for (size_t i = 0; i < ledger->line_count; i++) {
        const struct ledger_line *line = &ledger->lines[i];
        if (!opens_residual(ledger, line))
            continue;
        low -= to_signed(line->high_bytes - line->bytes);
        high += to_signed(line->bytes - line->low_bytes);
    }
    ledger->samples_used = 1;
    for (size_t i = 0; i < system->sample_count; i++) {
        if (!reading_residual(&reading->snapshot, &system->samples[i], ledger->mem_total_bytes,
                              reading->vmalloc_used, scratch, &residual))
            continue;
        low = residual < low ? residual : low;
        high = residual > high ? residual : high;
        ledger->samples_used++;
    }
    ledger->residual_low_bytes = low;
    ledger->residual_high_bytes = high;
    ledger->residual_grade = GRADE_BOUNDED;
}

static void name_reading(const struct chosen_reading *reading, struct ledger *ledger)
{
    char note[sizeof ledger->notes[0]];
    snprintf(ledger->reading, sizeof ledger->reading, "proc");
    if (!reading->is_exchanged)
        return;
    snprintf(ledger->reading, sizeof ledger->reading, "samples/%u", reading->number);
    snprintf(note, sizeof note,
             "the counters are those of %s: by those of proc the residual is %" PRId64
             " bytes, in the middle of all readings %" PRId64 " bytes",
             ledger->reading, reading->first_bytes, reading->median_bytes);
    ledger_note(ledger, note);
}

/* The same without hugetlb, as scripts have known them from the beginning. */
static struct amount without_hugetlb(const struct decomposition *form,
                                     const struct system_terms *terms)
{
    uint64_t huge = terms->hugetlb.known ? terms->hugetlb.bytes : 0;
    return form->known ? amount_of(subtract_to_zero(form->total_bytes, huge)) : AMOUNT_UNKNOWN;
}

static bool compute_with(const struct chosen_reading *reading, const struct kernel_usage *kernel,
                         const struct shared_memory *shared, struct ledger *out,
                         struct failure *why)
{
    const struct snapshot *snapshot = &reading->snapshot;
    const struct ledger_sources sources = {kernel, shared, reading->vmalloc_used};
    struct system_terms terms = {0};
    AUTO_FREE struct ledger *scratch = calloc(1, sizeof *scratch);
    *out = (struct ledger){0};
    if (!scratch)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (!ledger_build(snapshot, &snapshot->system.now, &sources, out, &terms, why))
        return false;
    if (!terms.page_bytes)
        ledger_note(out, "the page size is not known: what is counted in pages is in the residual");
    name_reading(reading, out);
    bound_residual(reading, out, scratch);
    mem_available_compute(&snapshot->system.now, &terms, &out->available);
    ledger_add_parts(snapshot, &terms, out);
    ledger_list_pools(&snapshot->system, out);
    ledger_list_owners(shared, out);
    physical_compute(snapshot, &terms, &out->physical);
    if (out->physical.note)
        ledger_note(out, out->physical.note);
    const struct ledger_line *user = ledger_find(out, "user");
    decompositions_compute(snapshot, &terms, user ? user->bytes : 0, out->forms);
    out->user_forms =
        (struct ledger_user_forms){.lru = without_hugetlb(&out->forms[0], &terms),
                                   .page_cache = without_hugetlb(&out->forms[1], &terms),
                                   .process = without_hugetlb(&out->forms[2], &terms)};
    ledger_measure_census(snapshot, &terms, out);
    ledger_find_suspects(snapshot, &terms, shared, out);
    return true;
}

static bool compute_by(const struct chosen_reading *reading, struct ledger *out,
                       struct failure *why)
{
    const struct snapshot *snapshot = &reading->snapshot;
    struct kernel_usage kernel = {0};
    struct shared_memory shared = {0};
    struct failure missing = {0};
    /* What is counted in pages of unknown size is left out; meminfo alone makes a ledger. */
    if (!kernel_usage_compute(snapshot, &kernel, &missing) && missing.kind != FAILURE_UNSUPPORTED)
        return failure_set(why, missing.kind, missing.position, "%s", missing.message);
    bool ok = shared_memory_compute(snapshot, &shared, why) &&
              compute_with(reading, &kernel, &shared, out, why);
    shared_memory_deinit(&shared);
    kernel_usage_deinit(&kernel);
    return ok;
}

bool ledger_compute(const struct snapshot *snapshot, struct ledger *out, struct failure *why)
{
    struct chosen_reading reading;
    bool ok = reading_choose(snapshot, &reading, why) && compute_by(&reading, out, why);
    chosen_reading_deinit(&reading);
    return ok;
}

const struct ledger_line *ledger_find(const struct ledger *ledger, const char *id)
{
    for (size_t i = 0; i < ledger->line_count; i++)
        if (strcmp(ledger->lines[i].id, id) == 0)
            return &ledger->lines[i];
    return NULL;
}
