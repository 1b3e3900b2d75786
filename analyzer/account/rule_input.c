/* How rules get at their figures and how they answer. */
#include "analyzer/account/rule_table.h"

#include <stdarg.h>
#include <stdio.h>

#include "analyzer/base/checked_math.h"

bool rule_meminfo(const struct rule_input *in, enum meminfo_field field, uint64_t *bytes)
{
    const struct system_sample *now = &in->snapshot->system.now;
    return now->has_meminfo && field_get(&now->meminfo, field, bytes);
}

bool rule_available_bytes(const struct rule_input *in, uint64_t *bytes)
{
    if (rule_meminfo(in, MEMINFO_MEM_AVAILABLE, bytes))
        return true;
    if (!in->ledger || !in->ledger->available.computed.known)
        return false;
    *bytes = in->ledger->available.computed.bytes;
    return true;
}

/* Said to be impossible already: what a rule adds behind that is of no use. */
static bool is_impossible(const struct rule_result *result)
{
    return result->verdict == RULE_UNCHECKED && result->detail[0];
}

static void add_figure(struct rule_result *result, const char *name, enum rule_unit unit,
                       uint64_t value)
{
    if (result->figure_count < RULE_FIGURES_MAX && !is_impossible(result))
        result->figures[result->figure_count++] = (struct rule_figure){name, unit, value};
}

void rule_bytes(struct rule_result *result, const char *name, uint64_t bytes)
{
    add_figure(result, name, RULE_BYTES, bytes);
}

void rule_number(struct rule_result *result, const char *name, uint64_t number)
{
    add_figure(result, name, RULE_NUMBER, number);
}

void rule_percent(struct rule_result *result, const char *name, uint64_t part, uint64_t whole)
{
    if (whole)
        add_figure(result, name, RULE_PERCENT,
                   part > UINT64_MAX / 1000 ? part / (whole / 1000 + 1) : part * 1000 / whole);
}

void rule_say(struct rule_result *result, const char *format, ...)
{
    va_list arguments;
    if (is_impossible(result))
        return;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof result->detail, format, arguments);
    va_end(arguments);
}

void rule_judge(struct rule_result *result, bool warn)
{
    result->verdict = warn ? RULE_WARN : RULE_OK;
}

void rule_impossible(struct rule_result *result, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(result->detail, sizeof result->detail, format, arguments);
    va_end(arguments);
    result->figure_count = 0;
    result->verdict = RULE_UNCHECKED;
}

bool rule_share_above(uint64_t part, uint64_t whole, uint64_t percent)
{
    return multiply_saturating(part, 100) > multiply_saturating(whole, percent);
}

void rule_judge_share(const struct rule_input *in, const struct rule *rule,
                      struct rule_result *result, const char *name, uint64_t bytes)
{
    if (!in->mem_total_bytes) {
        rule_impossible(result, "no MemTotal");
        return;
    }
    rule_bytes(result, name, bytes);
    rule_percent(result, "of MemTotal", bytes, in->mem_total_bytes);
    rule_judge(result, rule_share_above(bytes, in->mem_total_bytes, rule->limit) &&
                           bytes > rule->floor_mib << 20);
}
