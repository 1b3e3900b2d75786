/* "Key: value unit" formats as data. A format is a table of the keys that we use; every other key
 * is kept by name and counted, for new kernels add them. */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

enum field_unit {
    UNIT_KIB,      /* printed as "N kB", which means KiB: kept in bytes                      */
    UNIT_COUNT,    /* printed without unit: kept as printed (pages, events, huge pages)      */
    UNIT_BYTES,    /* printed without unit, in bytes                                         */
    UNIT_TEXT,     /* words; the value is 0, only presence counts                            */
    UNIT_KIB_WRAPS /* as UNIT_KIB, but kernels are known to print this counter wrapped below zero
                      ("18446744073709551596 kB"): such a value is an extra, the field is absent */
};

struct field_spec {
    const char *key; /* as the kernel prints it, without separator */
    enum field_unit unit;
};

#define FIELD_RECORD_CAPACITY 96

/* Unknown keys of one text: far above any kernel's (vmstat of 7.x: 200), for each is compared with
 * all others. */
#define FIELD_EXTRA_LIMIT 1024u

/* A key that no table knows. */
struct extra_field {
    char *name;     /* owned, NUL-terminated */
    uint64_t value; /* bytes if in_kib was printed, else as printed */
    bool in_kib;
};

struct field_record {
    uint64_t value[FIELD_RECORD_CAPACITY]; /* index: the enum of the format; bytes or count */
    bool present[FIELD_RECORD_CAPACITY];
    struct extra_field *extra; /* owned, in the order of the file */
    size_t extra_count;
};

/* Frees what the record owns and zeroes it. Safe on a zeroed record. */
void field_record_deinit(struct field_record *record);

/* The value of field `index`; false when the kernel did not print it. */
static inline bool field_get(const struct field_record *record, unsigned index, uint64_t *value)
{
    if (!record->present[index])
        return false;
    *value = record->value[index];
    return true;
}

/* How the lines of a format look. */
struct field_format {
    const struct field_spec *fields; /* at most FIELD_RECORD_CAPACITY                     */
    size_t field_count;
    char separator;           /* ':' for "Key:  1 kB", ' ' for "key 1"                      */
    unsigned required;        /* index of the field without which this is another file     */
    const char *name;         /* for messages: "/proc/meminfo"                              */
    bool lenient_values;      /* values of unknown keys may be words                        */
    struct slice line_prefix; /* what every line begins with ("Node 0"), mostly "". With one, empty
                                 lines are skipped: old kernels print one at the top */
};

/* Parses all lines of `text`. Fails (MALFORMED, line number, *out unchanged) on a key printed
 * twice, a missing or wrong unit, a number that is none or overflows, a line without separator, or
 * when the required field is missing. A text cut in the middle of a line fails on that line;
 * but see `complete` in the callers. */
bool field_table_parse(const struct field_format *format, struct slice text,
                       struct field_record *out, struct failure *why);
