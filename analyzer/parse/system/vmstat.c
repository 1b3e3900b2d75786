#include "analyzer/parse/system/vmstat.h"

static const struct field_spec fields[VMSTAT_FIELD_COUNT] = {
#define VMSTAT_ROW(constant, key) [VMSTAT_##constant] = {key, UNIT_COUNT},
    VMSTAT_FIELDS(VMSTAT_ROW)
#undef VMSTAT_ROW
};
_Static_assert(VMSTAT_FIELD_COUNT <= FIELD_RECORD_CAPACITY, "a field_record is too small");

static const struct field_format vmstat_format = {
    .fields = fields,
    .field_count = VMSTAT_FIELD_COUNT,
    .separator = ' ',
    .required = VMSTAT_NR_FREE_PAGES,
    .name = "/proc/vmstat",
};

bool vmstat_parse(struct slice text, struct field_record *out, struct failure *why)
{
    return field_table_parse(&vmstat_format, text, out, why);
}

const char *vmstat_field_name(enum vmstat_field field)
{
    return (unsigned)field < VMSTAT_FIELD_COUNT ? fields[field].key : "";
}
