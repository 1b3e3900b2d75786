#include "analyzer/parse/system/meminfo.h"

#include "analyzer/parse/text_cursor.h"

static const struct field_spec fields[MEMINFO_FIELD_COUNT] = {
#define MEMINFO_ROW(constant, key, unit) [MEMINFO_##constant] = {key, unit},
    MEMINFO_FIELDS(MEMINFO_ROW)
#undef MEMINFO_ROW
};
_Static_assert(MEMINFO_FIELD_COUNT <= FIELD_RECORD_CAPACITY, "a field_record is too small");

static const struct field_format meminfo_format = {
    .fields = fields,
    .field_count = MEMINFO_FIELD_COUNT,
    .separator = ':',
    .required = MEMINFO_MEM_TOTAL,
    .name = "/proc/meminfo",
};

bool meminfo_parse(struct slice text, struct field_record *out, struct failure *why)
{
    return field_table_parse(&meminfo_format, text, out, why);
}

const char *meminfo_field_name(enum meminfo_field field)
{
    return (unsigned)field < MEMINFO_FIELD_COUNT ? fields[field].key : "";
}

/* The "Node N " that the first line begins with, and N. Kernels up to 2.6.32 print an empty line
 * before it. */
static bool find_node(struct slice text, struct slice *prefix, uint64_t *node)
{
    struct slice line;
    struct slice word;
    uint64_t number = 0;
    do {
        if (!next_line(&text, &line, &number))
            return false;
    } while (line.length_bytes == 0);
    struct slice rest = line;
    if (!next_word(&rest, &word) || !slice_equal(word, SLICE("Node")) ||
        !next_decimal(&rest, node) || *node > UINT32_MAX || !slice_starts(rest, SLICE(" ")))
        return false;
    *prefix = (struct slice){line.at, line.length_bytes - rest.length_bytes + 1};
    return true;
}

bool node_meminfo_parse(struct slice text, unsigned *node, struct field_record *out,
                        struct failure *why)
{
    struct field_format format = meminfo_format;
    uint64_t number;
    if (!find_node(text, &format.line_prefix, &number))
        return failure_set(why, FAILURE_MALFORMED, 1, "no 'Node N': is this a node's meminfo?");
    format.name = "a node's meminfo";
    if (!field_table_parse(&format, text, out, why))
        return false;
    *node = (unsigned)number;
    return true;
}
