/* How checks get at their figures and how they answer. */
#include "analyzer/account/check_rules.h"

#include "analyzer/account/reading_error.h"
#include "analyzer/base/checked_math.h"

#include <stdarg.h>
#include <stdio.h>

bool check_meminfo_get(const struct check_input *in, enum meminfo_field field, uint64_t *value)
{
    const struct system_sample *now = &in->snapshot->system.now;
    return now->has_meminfo && field_get(&now->meminfo, field, value);
}

bool check_sum_of_nodes(const struct check_input *in, enum meminfo_field field, uint64_t *sum)
{
    const struct system_state *system = &in->snapshot->system;
    uint64_t value;
    *sum = 0;
    for (size_t i = 0; i < system->node_count; i++) {
        if (!field_get(&system->nodes[i].meminfo, field, &value))
            return false;
        *sum = add_saturating(*sum, value);
    }
    return system->node_count > 0;
}

bool check_vmstat_bytes(const struct check_input *in, enum vmstat_field field, uint64_t *value)
{
    const struct system_sample *now = &in->snapshot->system.now;
    if (!in->page_bytes || !now->has_vmstat || !field_get(&now->vmstat, field, value))
        return false;
    *value = multiply_saturating(*value, in->page_bytes);
    return true;
}

uint64_t check_moved(const struct check_input *in, enum meminfo_field field)
{
    return reading_moved(in->snapshot, field);
}

bool check_hugetlb_used(const struct check_input *in, uint64_t *bytes)
{
    const struct system_state *system = &in->snapshot->system;
    uint64_t total, free_pages, size, used = 0;
    bool any = false;
    for (size_t i = 0; i < system->pool_count; i++) {
        const struct huge_page_pool *pool = &system->pools[i];
        if (pool->node >= 0 || !pool->total.known || !pool->free.known)
            continue;
        uint64_t pages = subtract_to_zero(pool->total.bytes, pool->free.bytes);
        used = add_saturating(used, multiply_saturating(pages, pool->page_bytes));
        any = true;
    }
    if (!any && check_meminfo_get(in, MEMINFO_HUGE_PAGES_TOTAL, &total) &&
        check_meminfo_get(in, MEMINFO_HUGE_PAGES_FREE, &free_pages) &&
        check_meminfo_get(in, MEMINFO_HUGE_PAGE_SIZE, &size)) {
        used = multiply_saturating(subtract_to_zero(total, free_pages), size);
        any = true;
    }
    *bytes = used;
    return any;
}

void check_tolerate(struct identity_check *check, enum tolerance_side side, uint64_t bytes,
                    const char *format, ...)
{
    if (!bytes || check->part_count == TOLERANCE_PARTS_MAX)
        return;
    struct tolerance_part *part = &check->parts[check->part_count++];
    part->side = side;
    part->bytes = bytes;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(part->what, sizeof part->what, format, arguments);
    va_end(arguments);
}

void check_tolerate_moved(const struct check_input *in, struct identity_check *check,
                          enum meminfo_field field)
{
    check_tolerate(check, LEFT_EITHER_WAY, check_moved(in, field), "%s moved between readings",
                   meminfo_field_name(field));
}

void check_tolerate_drift(const struct check_input *in, struct identity_check *check,
                          unsigned counters)
{
    check_tolerate(check, LEFT_EITHER_WAY, multiply_saturating(in->drift_bytes, counters),
                   "drift of %u per-CPU counter%s", counters, counters == 1 ? "" : "s");
}

void check_tolerate_pages(const struct check_input *in, struct identity_check *check,
                          uint64_t pages, const char *what)
{
    check_tolerate(check, LEFT_EITHER_WAY, multiply_saturating(pages, in->page_bytes),
                   "%llu pages %s", (unsigned long long)pages, what);
}

bool check_impossible(struct identity_check *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->reason, sizeof check->reason, format, arguments);
    va_end(arguments);
    check->part_count = 0;
    return false;
}

static uint64_t tolerance_of(const struct identity_check *check, enum tolerance_side other_side)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < check->part_count; i++)
        if (check->parts[i].side != other_side)
            bytes = add_saturating(bytes, check->parts[i].bytes);
    return bytes;
}

bool check_compare(struct identity_check *check, uint64_t left, uint64_t right, const char *reason,
                   const char *if_broken)
{
    bool at_most = check->relation[0] == '<';
    bool is_more = left > right;
    uint64_t distance = is_more ? left - right : right - left;
    check->left_bytes = left;
    check->right_bytes = right;
    check->difference_bytes = to_signed(left) - to_signed(right);
    check->tolerance_bytes =
        tolerance_of(check, at_most || is_more ? LEFT_MAY_BE_LESS : LEFT_MAY_BE_MORE);
    bool holds = (at_most && !is_more) || distance <= check->tolerance_bytes;
    check->verdict = holds ? VERDICT_HOLDS : VERDICT_BROKEN;
    snprintf(check->reason, sizeof check->reason, "%s", holds ? reason : if_broken);
    return true;
}

bool check_is_worst(const struct identity_check *check, int64_t *worst_margin)
{
    uint64_t distance = check->difference_bytes < 0 ? (uint64_t)-check->difference_bytes
                                                    : (uint64_t)check->difference_bytes;
    int64_t margin = to_signed(distance) - to_signed(check->tolerance_bytes);
    if (margin <= *worst_margin)
        return false;
    *worst_margin = margin;
    return true;
}

bool check_meminfo_sum(const struct check_input *in, struct identity_check *check,
                       enum meminfo_field whole, enum meminfo_field first,
                       enum meminfo_field second, const char *reason)
{
    uint64_t left, a, b;
    if (!check_meminfo_get(in, whole, &left) || !check_meminfo_get(in, first, &a) ||
        !check_meminfo_get(in, second, &b))
        return check_impossible(check, "this kernel does not print all of these fields");
    return check_compare(check, left, add_saturating(a, b), reason,
                         "the fields of one meminfo contradict each other: it is not the kernel's "
                         "own (containers may show a made-up one)");
}
