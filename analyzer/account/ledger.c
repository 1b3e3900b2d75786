#include "analyzer/account/ledger.h"

#include <stdlib.h>

#include "analyzer/account/kernel_usage.h"
#include "analyzer/account/ledger_lines.h"
#include "analyzer/account/ledger_suspects.h"
#include "analyzer/account/process_usage.h"
#include "analyzer/account/system_terms.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/parse/system/meminfo.h"

const char *grade_word(enum grade grade)
{
    static const char *const words[] = {"exact", "derived", "bounded", "estimate"};
    return words[grade];
}

/* The residual's bounds: first what the lines themselves leave open, then what other readings
 * of the same machine make of it. Another reading has no vmallocinfo of its own: its VmallocUsed
 * is compared with that of the first. */
static void bound_residual(const struct snapshot *snapshot, struct ledger *ledger,
                           const struct system_terms *terms, struct ledger *scratch)
{
    int64_t low = ledger->residual_bytes, high = ledger->residual_bytes;
    for (size_t i = 0; i < ledger->line_count; i++) {
        const struct ledger_line *line = &ledger->lines[i];
        low -= to_signed(line->high_bytes - line->bytes);
        high += to_signed(line->bytes - line->low_bytes);
    }
    ledger->samples_used = 1;
    for (size_t i = 0; i < snapshot->system.sample_count; i++) {
        const struct system_sample *sample = &snapshot->system.samples[i];
        struct system_terms other;
        static const struct kernel_usage none = {0};
        *scratch = (struct ledger){0};
        if (!sample->has_meminfo || !sample->has_zoneinfo ||
            !ledger_build(snapshot, sample, &none, scratch, &other, NULL) ||
            other.mem_total_bytes != terms->mem_total_bytes)
            continue;
        int64_t residual = scratch->residual_bytes;
        if (terms->vmalloc_used == VMALLOC_USED_PAGES && other.vmalloc_from_areas)
            residual += to_signed(terms->vmalloc_used_bytes.bytes) -
                        to_signed(other.vmalloc_used_bytes.bytes);
        low = residual < low ? residual : low;
        high = residual > high ? residual : high;
        ledger->samples_used++;
    }
    ledger->residual_low_bytes = low;
    ledger->residual_high_bytes = high;
    ledger->residual_grade = GRADE_BOUNDED;
}

static void find_user_forms(const struct snapshot *snapshot, const struct system_terms *terms,
                            struct ledger *ledger)
{
    struct ledger_user_forms *forms = &ledger->user_forms;
    forms->lru = terms->lru;
    struct amount cached =
        amount_add(terms->file_cache, terms->shmem.known ? terms->shmem : amount_of(0));
    struct amount other = amount_add(terms->buffers, terms->swap_cache);
    forms->page_cache = amount_add(amount_add(terms->anon, cached), other);
    struct process_totals totals;
    process_totals_compute(snapshot, &totals);
    uint64_t mapped;
    if (!totals.pss_best.known ||
        !field_get(&snapshot->system.now.meminfo, MEMINFO_MAPPED, &mapped))
        return;
    struct amount unmapped =
        cached.known ? amount_of(subtract_to_zero(cached.bytes, mapped)) : AMOUNT_UNKNOWN;
    forms->process = amount_add(amount_add(totals.pss_best, unmapped), other);
}

static bool compute_with(const struct snapshot *snapshot, const struct kernel_usage *kernel,
                         struct ledger *out, struct failure *why)
{
    struct system_terms terms = {0};
    AUTO_FREE struct ledger *scratch = calloc(1, sizeof *scratch);
    *out = (struct ledger){0};
    if (!scratch)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (!ledger_build(snapshot, &snapshot->system.now, kernel, out, &terms, why))
        return false;
    if (!terms.page_bytes)
        ledger_note(out, "the page size is not known: what is counted in pages is in the residual");
    bound_residual(snapshot, out, &terms, scratch);
    ledger_add_parts(&snapshot->system.now, &terms, out);
    find_user_forms(snapshot, &terms, out);
    ledger_find_suspects(snapshot, &terms, out);
    return true;
}

bool ledger_compute(const struct snapshot *snapshot, struct ledger *out, struct failure *why)
{
    struct kernel_usage kernel = {0};
    struct failure missing = {0};
    /* What is counted in pages of unknown size is left out; meminfo alone makes a ledger. */
    if (!kernel_usage_compute(snapshot, &kernel, &missing) && missing.kind != FAILURE_UNSUPPORTED)
        return failure_set(why, missing.kind, missing.position, "%s", missing.message);
    bool ok = compute_with(snapshot, &kernel, out, why);
    kernel_usage_deinit(&kernel);
    return ok;
}

const struct ledger_line *ledger_find(const struct ledger *ledger, const char *id)
{
    for (size_t i = 0; i < ledger->line_count; i++)
        if (strcmp(ledger->lines[i].id, id) == 0)
            return &ledger->lines[i];
    return NULL;
}
