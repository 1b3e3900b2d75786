/* What one bundle says of a line or a field itself. */
#include "analyzer/account/explain.h"

#include <string.h>
#include <strings.h>

#include "analyzer/parse/system/meminfo.h"

static struct explained_figure signed_figure(int64_t bytes, const char *label, enum grade grade)
{
    return (struct explained_figure){
        .value = amount_of(bytes < 0 ? (uint64_t)0 - (uint64_t)bytes : (uint64_t)bytes),
        .is_negative = bytes < 0,
        .label = label,
        .grade = grade_word(grade)};
}

static struct explained_figure from_physical(const struct physical_memory *physical, const char *id)
{
    for (size_t i = 0; i < physical->count; i++)
        if (strcmp(physical->parts[i].id, id) == 0)
            return (struct explained_figure){.value = amount_of(physical->parts[i].bytes),
                                             .label = physical->parts[i].label,
                                             .grade = grade_word(physical->parts[i].grade)};
    if (strcmp(id, "present") == 0 && physical->present.known)
        return (struct explained_figure){.value = physical->present, .label = "Physical memory"};
    return (struct explained_figure){0};
}

static struct explained_figure from_ledger(const struct ledger *ledger, const char *id)
{
    const struct ledger_line *line = ledger_find(ledger, id);
    if (line)
        return (struct explained_figure){.value = amount_of(line->bytes),
                                         .label = line->label,
                                         .grade = grade_word(line->grade)};
    for (size_t i = 0; i < ledger->beside_count; i++)
        if (strcmp(ledger->beside[i].id, id) == 0)
            return (struct explained_figure){.value = amount_of(ledger->beside[i].bytes),
                                             .label = ledger->beside[i].label,
                                             .grade = grade_word(ledger->beside[i].grade)};
    if (strcmp(id, "residual") == 0)
        return signed_figure(ledger->residual_bytes, "Residual: counted nowhere",
                             ledger->residual_grade);
    if (strcmp(id, "census") == 0 && ledger->census.known)
        return signed_figure(ledger->census.measured_bytes, "Residual by the flags of all pages",
                             GRADE_DERIVED);
    return from_physical(&ledger->physical, id);
}

/* `name` is as the user typed it: it tells "DirectMap4k" from "DirectMap2M". */
static struct explained_figure from_meminfo(const struct snapshot *snapshot, const char *field,
                                            const char *name)
{
    const struct system_sample *now = &snapshot->system.now;
    const char *wanted = strchr(field, '*') ? name : field;
    uint64_t value;
    for (unsigned i = 0; now->has_meminfo && i < MEMINFO_FIELD_COUNT; i++) {
        const char *key = meminfo_field_name(i);
        if (strncasecmp(key, wanted, strcspn(wanted, ":")) == 0 &&
            strlen(key) == strcspn(wanted, ":") && field_get(&now->meminfo, i, &value))
            return (struct explained_figure){.value = amount_of(value),
                                             .is_count = strncmp(key, "HugePages_", 10) == 0};
    }
    for (size_t i = 0; now->has_meminfo && i < now->meminfo.extra_count; i++) {
        const char *key = now->meminfo.extra[i].name;
        if (strncasecmp(key, wanted, strcspn(wanted, ":")) == 0 &&
            strlen(key) == strcspn(wanted, ":"))
            return (struct explained_figure){.value = amount_of(now->meminfo.extra[i].value)};
    }
    return (struct explained_figure){0};
}

struct explained_figure explained_figure(const struct snapshot *snapshot,
                                         const struct ledger *ledger,
                                         const struct explanation *explanation, const char *name)
{
    struct explained_figure figure = {0};
    const char *id = explanation->id;
    if (strncmp(name, "physical.", 9) == 0)
        figure = from_physical(&ledger->physical, name + 9);
    else if (id)
        figure = from_ledger(ledger, strchr(id, '*') ? name : id);
    if (!figure.value.known && explanation->field)
        figure = from_meminfo(snapshot, explanation->field, name);
    return figure;
}
