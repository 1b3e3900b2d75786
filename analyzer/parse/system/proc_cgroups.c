#include "analyzer/parse/system/proc_cgroups.h"

#include "analyzer/parse/text_cursor.h"

static bool take_line(struct slice line, uint64_t number, struct proc_cgroups *out,
                      struct failure *why)
{
    struct slice name, more;
    uint64_t hierarchy, cgroups, enabled;
    if (!next_word(&line, &name) || !next_decimal(&line, &hierarchy) ||
        !next_decimal(&line, &cgroups) || !next_decimal(&line, &enabled) || next_word(&line, &more))
        return failure_set(why, FAILURE_MALFORMED, number, "no 'NAME HIERARCHY COUNT ENABLED'");
    if (!slice_equal(name, SLICE("memory")))
        return true;
    if (out->found)
        return failure_set(why, FAILURE_MALFORMED, number, "memory printed twice");
    *out = (struct proc_cgroups){.memory_hierarchy = hierarchy,
                                 .memory_cgroups = cgroups,
                                 .memory_enabled = enabled != 0,
                                 .found = true};
    return true;
}

bool proc_cgroups_parse(struct slice text, struct proc_cgroups *out, struct failure *why)
{
    struct proc_cgroups parsed = {0};
    struct slice line;
    uint64_t number = 0;
    if (!text_is_whole(text, why))
        return false;
    if (!next_line(&text, &line, &number) || !slice_starts(line, SLICE("#subsys_name")))
        return failure_set(why, FAILURE_MALFORMED, 1,
                           "no heading '#subsys_name': is this /proc/cgroups?");
    while (next_line(&text, &line, &number))
        if (!take_line(line, number, &parsed, why))
            return false;
    *out = parsed;
    return true;
}
