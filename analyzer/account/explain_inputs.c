/* The figures of one bundle that go into a line, found by the names in the explanations. */
#include "analyzer/account/explain_tables.h"

#include <stdio.h>
#include <string.h>

#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

static void from_meminfo(const struct snapshot *snapshot, const char *key,
                         struct explained_input *input)
{
    const struct system_sample *now = &snapshot->system.now;
    uint64_t value;
    snprintf(input->name, sizeof input->name, "meminfo %s", key);
    input->unit = strncmp(key, "HugePages_", 10) == 0 ? INPUT_COUNT : INPUT_BYTES;
    for (unsigned i = 0; now->has_meminfo && i < MEMINFO_FIELD_COUNT; i++)
        if (strcmp(meminfo_field_name(i), key) == 0 && field_get(&now->meminfo, i, &value))
            input->value = amount_of(value);
    for (size_t i = 0; now->has_meminfo && i < now->meminfo.extra_count; i++)
        if (strcmp(now->meminfo.extra[i].name, key) == 0)
            input->value = amount_of(now->meminfo.extra[i].value);
}

/* Only counters of pages are named; they are shown in bytes like all else. */
static void from_vmstat(const struct snapshot *snapshot, const char *key,
                        struct explained_input *input)
{
    const struct system_sample *now = &snapshot->system.now;
    uint64_t pages;
    snprintf(input->name, sizeof input->name, "vmstat %s", key);
    for (unsigned i = 0; now->has_vmstat && i < VMSTAT_FIELD_COUNT; i++)
        if (strcmp(vmstat_field_name(i), key) == 0 && field_get(&now->vmstat, i, &pages))
            input->value = explained_pages(snapshot, pages);
}

/* A line that this ledger does not have is no part of its sums. */
static bool from_ledger(const struct ledger *ledger, const char *id, struct explained_input *input)
{
    const struct ledger_line *line = ledger_find(ledger, id);
    if (!line)
        return false;
    snprintf(input->name, sizeof input->name, "line %s", id);
    input->value = amount_of(line->bytes);
    return true;
}

static bool from_physical(const struct ledger *ledger, const char *id,
                          struct explained_input *input)
{
    const struct physical_memory *physical = &ledger->physical;
    snprintf(input->name, sizeof input->name, "physical %s", id);
    if (strcmp(id, "present") == 0)
        input->value = physical->present;
    for (size_t i = 0; i < physical->count; i++)
        if (strcmp(physical->parts[i].id, id) == 0)
            input->value = amount_of(physical->parts[i].bytes);
    return input->value.known;
}

static bool from_census(const struct ledger *ledger, const char *name,
                        struct explained_input *input)
{
    const struct ledger_census *census = &ledger->census;
    const struct {
        const char *name, *words;
        uint64_t bytes;
    } rows[] = {
        {"census:unflagged", "census, pages without flags of an owner", census->unflagged_bytes},
        {"census:offline",   "census, offline pages",                   census->offline_bytes  },
        {"census:placed",    "census, what the ledger places there",    census->placed_bytes   },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        snprintf(input->name, sizeof input->name, "%s", rows[i].words);
        input->value = census->known ? amount_of(rows[i].bytes) : AMOUNT_UNKNOWN;
        return true;
    }
    return false;
}

/* One of "meminfo:KEY", "vmstat:KEY", "line:ID", "part:ID", or a name of the tables above; false:
 * this bundle's ledger has no such line or part. */
static bool find_input(const struct snapshot *snapshot, const struct ledger *ledger,
                       const char *line, const char *name, struct explained_input *input)
{
    if (strncmp(name, "line:", 5) == 0)
        return from_ledger(ledger, name + 5, input);
    if (strncmp(name, "part:", 5) == 0)
        return from_physical(ledger, name + 5, input);
    if (strncmp(name, "meminfo:", 8) == 0)
        from_meminfo(snapshot, name + 8, input);
    else if (strncmp(name, "vmstat:", 7) == 0)
        from_vmstat(snapshot, name + 7, input);
    else
        return from_census(ledger, name, input) || explained_sum(snapshot, line, name, input);
    return true;
}

size_t explained_inputs(const struct snapshot *snapshot, const struct ledger *ledger,
                        const struct explanation *explanation, const char *line,
                        struct explained_input inputs[EXPLAINED_INPUTS_MAX])
{
    size_t count = 0;
    for (const char *at = explanation->inputs; *at && count < EXPLAINED_INPUTS_MAX;) {
        char name[64];
        size_t length = strcspn(at, " ");
        struct explained_input *input = &inputs[count++];
        *input = (struct explained_input){0};
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        at += length + strspn(at + length, " ");
        count -= !find_input(snapshot, ledger, line, name, input);
    }
    return count;
}
