#include "analyzer/parse/system/cgroup_stat.h"

#include "analyzer/parse/text_cursor.h"

static const struct field_spec v2_fields[CGROUP_V2_STAT_COUNT] = {
#define CGROUP_ROW(constant, key) [CGROUP_V2_##constant] = {key, UNIT_BYTES},
    CGROUP_V2_STAT_FIELDS(CGROUP_ROW)
#undef CGROUP_ROW
};
static const struct field_spec v1_fields[CGROUP_V1_STAT_COUNT] = {
#define CGROUP_ROW(constant, key) [CGROUP_V1_##constant] = {key, UNIT_BYTES},
    CGROUP_V1_STAT_FIELDS(CGROUP_ROW)
#undef CGROUP_ROW
};
static const struct field_spec event_fields[CGROUP_EVENT_COUNT] = {
#define CGROUP_ROW(constant, key) [CGROUP_EVENT_##constant] = {key, UNIT_COUNT},
    CGROUP_EVENT_FIELDS(CGROUP_ROW)
#undef CGROUP_ROW
};
_Static_assert((int)CGROUP_V2_STAT_COUNT <= FIELD_RECORD_CAPACITY &&
                   (int)CGROUP_V1_STAT_COUNT <= FIELD_RECORD_CAPACITY,
               "a field_record is too small");

enum count_field { COUNT_DESCENDANTS, COUNT_DYING, COUNT_FIELDS };

static const struct field_spec count_fields[COUNT_FIELDS] = {
    [COUNT_DESCENDANTS] = {"nr_descendants",       UNIT_COUNT},
    [COUNT_DYING] = {"nr_dying_descendants", UNIT_COUNT},
};

#define FORMAT(table, required_field, file)                                                        \
    {                                                                                              \
        .fields = (table), .field_count = sizeof(table) / sizeof(table)[0], .separator = ' ',      \
        .required = (required_field), .name = (file)                                               \
    }

static const struct field_format v2_format = FORMAT(v2_fields, CGROUP_V2_ANON, "memory.stat");
static const struct field_format v1_format = FORMAT(v1_fields, CGROUP_V1_CACHE, "memory.stat");
static const struct field_format event_format =
    FORMAT(event_fields, CGROUP_EVENT_MAX, "memory.events");
static const struct field_format count_format =
    FORMAT(count_fields, COUNT_DESCENDANTS, "cgroup.stat");

/* Both begin with their anonymous memory or their cache, on every kernel. */
static bool is_v2(struct slice text)
{
    struct slice line, word;
    uint64_t number = 0;
    return next_line(&text, &line, &number) && next_word(&line, &word) &&
           slice_equal(word, SLICE("anon"));
}

bool cgroup_stat_parse(struct slice text, struct field_record *out, enum cgroup_version *version,
                       struct failure *why)
{
    bool v2 = is_v2(text);
    if (!field_table_parse(v2 ? &v2_format : &v1_format, text, out, why))
        return false;
    *version = v2 ? CGROUP_VERSION_2 : CGROUP_VERSION_1;
    return true;
}

bool cgroup_events_parse(struct slice text, struct field_record *out, struct failure *why)
{
    return field_table_parse(&event_format, text, out, why);
}

bool cgroup_counts_parse(struct slice text, struct cgroup_counts *out, struct failure *why)
{
    struct field_record record;
    if (!field_table_parse(&count_format, text, &record, why))
        return false;
    *out = (struct cgroup_counts){.descendants = record.value[COUNT_DESCENDANTS]};
    out->has_dying = field_get(&record, COUNT_DYING, &out->dying);
    field_record_deinit(&record);
    return true;
}

bool cgroup_number_parse(struct slice text, uint64_t *value, bool *is_max, struct failure *why)
{
    struct slice line, rest = text;
    uint64_t number = 0, parsed = 0;
    if (!text_is_whole(text, why))
        return false;
    bool any = next_line(&rest, &line, &number);
    bool max = any && slice_equal(line, SLICE("max"));
    if (!any || rest.length_bytes || (!max && !parse_decimal(line, &parsed)))
        return failure_set(why, FAILURE_MALFORMED, 1, "neither one number nor 'max'");
    *value = parsed;
    *is_max = max;
    return true;
}
