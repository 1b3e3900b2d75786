/* What one bundle says of a line or a field itself. */
#include "analyzer/account/explain.h"

#include <string.h>
#include <strings.h>

#include "analyzer/parse/system/meminfo.h"

static struct explained_figure residual_of(const struct ledger *ledger)
{
    int64_t bytes = ledger->residual_bytes;
    return (struct explained_figure){
        .value = amount_of(bytes < 0 ? (uint64_t)0 - (uint64_t)bytes : (uint64_t)bytes),
        .is_negative = bytes < 0,
        .label = "Residual: counted nowhere",
        .grade = grade_word(ledger->residual_grade)};
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
                                             .label = ledger->beside[i].label};
    return strcmp(id, "residual") == 0 ? residual_of(ledger) : (struct explained_figure){0};
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
    return (struct explained_figure){0};
}

struct explained_figure explained_figure(const struct snapshot *snapshot,
                                         const struct ledger *ledger,
                                         const struct explanation *explanation, const char *name)
{
    struct explained_figure figure = {0};
    const char *id = explanation->id;
    if (id)
        figure = from_ledger(ledger, strchr(id, '*') ? name : id);
    if (!figure.value.known && explanation->field)
        figure = from_meminfo(snapshot, explanation->field, name);
    return figure;
}
