/* Rules of the machine as a whole: residual, what is available, promises, swap, balloons. */
#include "analyzer/account/rule_table.h"

#include <string.h>

#include "analyzer/account/rule_functions.h"
#include "analyzer/base/checked_math.h"

void rule_residual_share(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result)
{
    if (!in->ledger) {
        rule_impossible(result, "no ledger: meminfo is missing");
        return;
    }
    int64_t bytes = in->ledger->residual_bytes;
    rule_judge_share(in, rule, result, "residual", bytes > 0 ? (uint64_t)bytes : 0);
    if (in->ledger->suspect_count && !in->ledger->residual_is_usual)
        rule_say(result, "first suspect: %s", in->ledger->suspects[0].id);
}

/* What meminfo, vmstat and zoneinfo of one reading leave of MemTotal. It holds all that does not
 * change as well; only the difference of two readings means anything. */
static int64_t unaccounted(const struct system_terms *terms)
{
    const struct amount parts[] = {terms->free,    terms->pcp,         terms->lru,
                                   terms->slab,    terms->page_tables, terms->secondary_page_tables,
                                   terms->hugetlb, terms->zspages,     terms->percpu,
                                   terms->balloon, terms->gpu_active,  terms->gpu_reclaim,
                                   terms->memmap,  terms->bounce,      terms->writeback_tmp};
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        sum = add_saturating(sum, parts[i].known ? parts[i].bytes : 0);
    return to_signed(terms->mem_total_bytes) - to_signed(sum);
}

/* Readings in the order in which they were made. */
static bool first_and_last(const struct rule_input *in, const struct system_sample **first,
                           const struct system_sample **last)
{
    const struct system_state *system = &in->snapshot->system;
    *first = *last = NULL;
    for (size_t i = 0; i < system->sample_count; i++) {
        const struct system_sample *sample = &system->samples[i];
        if (!sample->number || !sample->has_meminfo || !sample->has_zoneinfo || !sample->has_vmstat)
            continue;
        if (!*first || sample->number < (*first)->number)
            *first = sample;
        if (!*last || sample->number > (*last)->number)
            *last = sample;
    }
    return *first != *last;
}

void rule_residual_growth(const struct rule_input *in, const struct rule *rule,
                          struct rule_result *result)
{
    const struct system_sample *first, *last;
    struct system_terms before, after;
    if (!first_and_last(in, &first, &last) ||
        !system_terms_compute(in->snapshot, first, &before, NULL) ||
        !system_terms_compute(in->snapshot, last, &after, NULL)) {
        rule_impossible(result, "the bundle has no two whole readings of the counters");
        return;
    }
    int64_t growth = unaccounted(&after) - unaccounted(&before);
    if (before.vmalloc_used == VMALLOC_USED_PAGES)
        growth -=
            to_signed(after.vmalloc_used_bytes.bytes) - to_signed(before.vmalloc_used_bytes.bytes);
    else if (before.stacks != STACKS_IN_SLAB)
        growth -= to_signed(after.kernel_stack.bytes) - to_signed(before.kernel_stack.bytes);
    rule_judge_share(in, rule, result, "growth", growth > 0 ? (uint64_t)growth : 0);
    rule_number(result, "readings", last->number - first->number + UINT64_C(1));
}

void rule_available(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result)
{
    uint64_t available;
    if (!rule_available_bytes(in, &available) || !in->mem_total_bytes) {
        rule_impossible(result, "no MemAvailable, and no zoneinfo to compute it from");
        return;
    }
    rule_bytes(result, "MemAvailable", available);
    rule_percent(result, "of MemTotal", available, in->mem_total_bytes);
    rule_judge(result, !rule_share_above(available, in->mem_total_bytes, rule->limit) &&
                           available <= rule->floor_mib << 20);
}

void rule_commit(const struct rule_input *in, const struct rule *rule, struct rule_result *result)
{
    uint64_t promised, limit, swap = 0;
    int64_t mode;
    if (!rule_meminfo(in, MEMINFO_COMMITTED_AS, &promised) ||
        !rule_meminfo(in, MEMINFO_COMMIT_LIMIT, &limit)) {
        rule_impossible(result, "no Committed_AS or no CommitLimit");
        return;
    }
    if (!figure_number(in->snapshot, "proc/sys/vm/overcommit_memory", &mode)) {
        rule_impossible(result, "proc/sys/vm/overcommit_memory is not in the bundle");
        return;
    }
    rule_meminfo(in, MEMINFO_SWAP_TOTAL, &swap);
    rule_bytes(result, "Committed_AS", promised);
    rule_number(result, "overcommit_memory", mode < 0 ? 0 : (uint64_t)mode);
    if (mode == 2) {
        rule_bytes(result, "CommitLimit", limit);
        rule_percent(result, "of CommitLimit", promised, limit);
        rule_judge(result, rule_share_above(promised, limit, rule->limit));
        return;
    }
    uint64_t all = add_saturating(in->mem_total_bytes, swap);
    rule_bytes(result, "MemTotal + SwapTotal", all);
    rule_judge(result, promised > multiply_saturating(all, rule->second));
}

void rule_swap_full(const struct rule_input *in, const struct rule *rule,
                    struct rule_result *result)
{
    uint64_t total, free_bytes, cached = 0;
    if (!rule_meminfo(in, MEMINFO_SWAP_TOTAL, &total) ||
        !rule_meminfo(in, MEMINFO_SWAP_FREE, &free_bytes)) {
        rule_impossible(result, "no SwapTotal or no SwapFree");
        return;
    }
    rule_meminfo(in, MEMINFO_SWAP_CACHED, &cached);
    uint64_t used = subtract_to_zero(subtract_to_zero(total, free_bytes), cached);
    rule_bytes(result, "in use", used);
    rule_bytes(result, "SwapTotal", total);
    rule_percent(result, "of SwapTotal", used, total);
    rule_judge(result, total && rule_share_above(used, total, rule->limit));
}

static bool vmstat_event(const struct system_sample *sample, enum vmstat_field field,
                         uint64_t *count)
{
    return sample->has_vmstat && field_get(&sample->vmstat, field, count);
}

void rule_swap_thrashing(const struct rule_input *in, const struct rule *rule,
                         struct rule_result *result)
{
    const struct system_sample *first, *last;
    uint64_t in_before, in_after, out_before, out_after;
    if (!first_and_last(in, &first, &last) || !first->mtime_ns ||
        last->mtime_ns < first->mtime_ns || !vmstat_event(first, VMSTAT_PSWPIN, &in_before) ||
        !vmstat_event(last, VMSTAT_PSWPIN, &in_after) ||
        !vmstat_event(first, VMSTAT_PSWPOUT, &out_before) ||
        !vmstat_event(last, VMSTAT_PSWPOUT, &out_after)) {
        rule_impossible(result, "the bundle has no two readings of pswpin and pswpout with times");
        return;
    }
    uint64_t ms = (uint64_t)(last->mtime_ns - first->mtime_ns) / 1000000;
    if (ms < 1000)
        ms = 1000; /* too short to make a rate of: what moved is taken as a second's */
    uint64_t in_rate = multiply_saturating(subtract_to_zero(in_after, in_before), 1000) / ms;
    uint64_t out_rate = multiply_saturating(subtract_to_zero(out_after, out_before), 1000) / ms;
    rule_number(result, "pages in a second", in_rate);
    rule_number(result, "pages out a second", out_rate);
    rule_judge(result, in_rate > rule->limit && out_rate > rule->limit);
}

/* The whole per cent of "avg60=1.23" in "some avg10=0.00 avg60=1.23 ...". */
static bool pressure_of(const char *text, uint64_t *percent)
{
    const char *at = text ? strstr(text, "avg60=") : NULL;
    if (!at || at[6] < '0' || at[6] > '9')
        return false;
    *percent = 0;
    for (at += 6; *at >= '0' && *at <= '9' && *percent < 1000; at++)
        *percent = *percent * 10 + (uint64_t)(*at - '0');
    return true;
}

void rule_pressure(const struct rule_input *in, const struct rule *rule, struct rule_result *result)
{
    uint64_t percent;
    if (!pressure_of(figure_text(in->snapshot, "proc/pressure/memory"), &percent)) {
        rule_impossible(result, "no proc/pressure/memory (4.20, and only when it is switched on)");
        return;
    }
    rule_percent(result, "of the last minute some task waited", percent, 100);
    rule_judge(result, percent > rule->limit);
}

void rule_mlock(const struct rule_input *in, const struct rule *rule, struct rule_result *result)
{
    uint64_t locked, unevictable;
    if (!rule_meminfo(in, MEMINFO_MLOCKED, &locked)) {
        rule_impossible(result, "this kernel prints no Mlocked");
        return;
    }
    rule_judge_share(in, rule, result, "Mlocked", locked);
    if (rule_meminfo(in, MEMINFO_UNEVICTABLE, &unevictable))
        rule_bytes(result, "Unevictable", unevictable);
}

/* By the driver's own file, else by the field of meminfo, else by the events. */
static bool balloon_bytes(const struct rule_input *in, uint64_t *bytes, const char **source)
{
    const struct system_details *details = &in->snapshot->system.details;
    const struct system_sample *now = &in->snapshot->system.now;
    uint64_t inflated, deflated;
    for (size_t i = 0; i < details->balloon_count; i++)
        if (details->balloons[i].bytes.known) {
            *bytes = details->balloons[i].bytes.bytes;
            *source = details->balloons[i].source;
            return true;
        }
    *source = "meminfo Balloon";
    if (rule_meminfo(in, MEMINFO_BALLOON, bytes))
        return true;
    *source = "vmstat balloon_inflate - balloon_deflate";
    if (!in->page_bytes || !vmstat_event(now, VMSTAT_BALLOON_INFLATE, &inflated) ||
        !vmstat_event(now, VMSTAT_BALLOON_DEFLATE, &deflated))
        return false;
    *bytes = multiply_saturating(subtract_to_zero(inflated, deflated), in->page_bytes);
    return true;
}

void rule_balloon(const struct rule_input *in, const struct rule *rule, struct rule_result *result)
{
    uint64_t bytes;
    const char *source;
    if (!balloon_bytes(in, &bytes, &source)) {
        rule_impossible(result, "nothing in the bundle tells of a balloon");
        return;
    }
    rule_judge_share(in, rule, result, "balloon", bytes);
    rule_say(result, "by %s", source);
}

void rule_hardware(const struct rule_input *in, const struct rule *rule, struct rule_result *result)
{
    uint64_t bytes;
    if (!rule_meminfo(in, MEMINFO_HARDWARE_CORRUPTED, &bytes)) {
        rule_impossible(result, "this kernel prints no HardwareCorrupted");
        return;
    }
    rule_bytes(result, "HardwareCorrupted", bytes);
    rule_judge(result, bytes > rule->limit);
}
