#include "analyzer/parse/field_table.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/parse/owned_text.h"
#include "analyzer/parse/text_cursor.h"

/* What a field's name may take up in a message: the failure's text has a fixed size. */
#define SHOWN(slice) (int)((slice).length_bytes < 60 ? (slice).length_bytes : 60), (slice).at

void field_record_deinit(struct field_record *record)
{
    for (size_t i = 0; i < record->extra_count; i++)
        free(record->extra[i].name);
    free(record->extra);
    *record = (struct field_record){0};
}

/* One run over one text; `record` is published only when the run succeeds. */
struct run {
    const struct field_format *format;
    struct field_record record;
    size_t extra_capacity;
    size_t expected; /* index that the next line most likely has: tables follow the files */
    uint64_t line;
};

/* The index of `key`, or field_count. Kernels print in the order of the table, with gaps, so
 * that the search mostly ends at its first step. */
static size_t find_field(struct run *run, struct slice key)
{
    const struct field_format *format = run->format;
    for (size_t step = 0; step < format->field_count; step++) {
        size_t index = run->expected + step;
        if (index >= format->field_count)
            index -= format->field_count;
        const char *name = format->fields[index].key;
        if (name[0] == (key.length_bytes ? key.at[0] : '\0') && slice_equal(slice_of(name), key)) {
            run->expected = index + 1 < format->field_count ? index + 1 : 0;
            return index;
        }
    }
    return format->field_count;
}

/* "12", "12 kB": the number and whether the unit stands there. */
static bool split_value(struct slice text, uint64_t *number, bool *in_kib)
{
    struct slice word;
    if (!next_decimal(&text, number))
        return false;
    *in_kib = next_word(&text, &word);
    return !*in_kib || (slice_equal(word, SLICE("kB")) && !next_word(&text, &word));
}

static bool add_extra(struct run *run, struct slice key, uint64_t value, bool in_kib,
                      struct failure *why)
{
    struct field_record *record = &run->record;
    for (size_t i = 0; i < record->extra_count; i++)
        if (slice_equal(slice_of(record->extra[i].name), key))
            return failure_set(why, FAILURE_MALFORMED, run->line, "field '%.*s' printed twice",
                               SHOWN(key));
    if (record->extra_count >= FIELD_EXTRA_LIMIT)
        return failure_set(why, FAILURE_LIMIT, run->line, "more than %u unknown fields",
                           FIELD_EXTRA_LIMIT);
    char *name = owned_text(key);
    struct extra_field *slot =
        name ? ARRAY_PUSH(record->extra, record->extra_count, run->extra_capacity) : NULL;
    if (!slot) {
        free(name);
        return failure_set(why, FAILURE_SYSTEM, run->line, "out of memory");
    }
    *slot = (struct extra_field){.name = name, .value = value, .in_kib = in_kib};
    return true;
}

static bool take_unknown(struct run *run, struct slice key, struct slice text, struct failure *why)
{
    uint64_t number = 0;
    bool in_kib = false;
    bool is_number = split_value(text, &number, &in_kib);
    if (!is_number && !run->format->lenient_values)
        return failure_set(why, FAILURE_MALFORMED, run->line, "value of '%.*s' is no number",
                           SHOWN(key));
    if (is_number && in_kib && __builtin_mul_overflow(number, UINT64_C(1024), &number))
        return failure_set(why, FAILURE_MALFORMED, run->line, "value of '%.*s' overflows",
                           SHOWN(key));
    return add_extra(run, key, is_number ? number : 0, is_number && in_kib, why);
}

static bool take_known(struct run *run, size_t index, struct slice key, struct slice text,
                       struct failure *why)
{
    enum field_unit unit = run->format->fields[index].unit;
    uint64_t number = 0;
    bool in_kib = false;
    if (run->record.present[index])
        return failure_set(why, FAILURE_MALFORMED, run->line, "field '%.*s' printed twice",
                           SHOWN(key));
    if (unit != UNIT_TEXT) {
        if (!split_value(text, &number, &in_kib))
            return failure_set(why, FAILURE_MALFORMED, run->line, "value of '%.*s' is no number",
                               SHOWN(key));
        bool wants_kib = unit == UNIT_KIB || unit == UNIT_KIB_WRAPS;
        if (in_kib != wants_kib)
            return failure_set(why, FAILURE_MALFORMED, run->line, "value of '%.*s' %s", SHOWN(key),
                               wants_kib ? "has no unit" : "has an unexpected unit");
        uint64_t bytes = number;
        if (wants_kib && __builtin_mul_overflow(number, UINT64_C(1024), &bytes)) {
            if (unit == UNIT_KIB_WRAPS)
                return add_extra(run, key, number, false, why);
            return failure_set(why, FAILURE_MALFORMED, run->line, "value of '%.*s' overflows",
                               SHOWN(key));
        }
        number = bytes;
    }
    run->record.value[index] = number;
    run->record.present[index] = true;
    return true;
}

static bool take_line(struct run *run, struct slice line, struct failure *why)
{
    struct slice key;
    struct slice text;
    if (run->format->line_prefix.length_bytes) {
        if (line.length_bytes == 0)
            return true;
        if (!slice_starts(line, run->format->line_prefix))
            return failure_set(why, FAILURE_MALFORMED, run->line,
                               "the line does not begin with '%.*s'",
                               SHOWN(run->format->line_prefix));
        line = trim_blanks(slice_skip(line, run->format->line_prefix.length_bytes));
    }
    if (!split_at(line, run->format->separator, &key, &text) || key.length_bytes == 0)
        return failure_set(why, FAILURE_MALFORMED, run->line, "no 'key%.*s value' line of %s",
                           run->format->separator == ' ' ? 0 : 1, &run->format->separator,
                           run->format->name);
    size_t index = find_field(run, key);
    if (index == run->format->field_count)
        return take_unknown(run, key, text, why);
    return take_known(run, index, key, text, why);
}

static bool take_text(struct run *run, struct slice text, struct failure *why)
{
    const struct field_format *format = run->format;
    struct slice line;
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &run->line))
        if (!take_line(run, line, why))
            return false;
    if (!run->record.present[format->required])
        return failure_set(why, FAILURE_MALFORMED, 1, "no %s: is this %s?",
                           format->fields[format->required].key, format->name);
    return true;
}

bool field_table_parse(const struct field_format *format, struct slice text,
                       struct field_record *out, struct failure *why)
{
    struct run run = {.format = format};
    if (!take_text(&run, text, why)) {
        field_record_deinit(&run.record);
        return false;
    }
    *out = run.record;
    return true;
}
