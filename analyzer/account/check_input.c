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

bool check_impossible(struct identity_check *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->reason, sizeof check->reason, format, arguments);
    va_end(arguments);
    return false;
}

bool check_compare(struct identity_check *check, uint64_t left, uint64_t right, uint64_t tolerance,
                   const char *reason, const char *if_broken)
{
    bool at_most = check->relation[0] == '<';
    check->left_bytes = left;
    check->right_bytes = right;
    check->difference_bytes = to_signed(left) - to_signed(right);
    check->tolerance_bytes = tolerance;
    uint64_t distance = left > right ? left - right : right - left;
    bool holds = (at_most && left <= right) || distance <= tolerance;
    check->verdict = holds ? VERDICT_HOLDS : VERDICT_BROKEN;
    snprintf(check->reason, sizeof check->reason, "%s", holds ? reason : if_broken);
    return true;
}

bool check_meminfo_sum(const struct check_input *in, struct identity_check *check,
                       enum meminfo_field whole, enum meminfo_field first,
                       enum meminfo_field second, uint64_t tolerance, const char *reason)
{
    uint64_t left, a, b;
    if (!check_meminfo_get(in, whole, &left) || !check_meminfo_get(in, first, &a) ||
        !check_meminfo_get(in, second, &b))
        return check_impossible(check, "this kernel does not print all of these fields");
    return check_compare(check, left, add_saturating(a, b), tolerance, reason,
                         "the fields of one meminfo contradict each other");
}
