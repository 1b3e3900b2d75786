#include "analyzer/parse/process/status.h"

#include "analyzer/parse/text_cursor.h"

/* One key: its size field or what it means, told by the setter. */
struct status_reader {
    struct process_status status;
    uint64_t line;
    uint32_t words_seen; /* bit n: row n of word_rows was printed */
};

static bool only_decimal(struct slice rest, uint64_t *value)
{
    struct slice word;
    return next_decimal(&rest, value) && !next_word(&rest, &word);
}

static bool set_name(struct process_status *status, struct slice value)
{
    /* one tab stands before it; further blanks are the name's own */
    status->name = slice_starts(value, SLICE("\t")) ? slice_skip(value, 1) : value;
    return true;
}

static bool set_state(struct process_status *status, struct slice value)
{
    struct slice word;
    if (!next_word(&value, &word) || word.length_bytes != 1)
        return false;
    status->state = word.at[0];
    return true;
}

static bool set_tgid(struct process_status *status, struct slice value)
{
    return only_decimal(value, &status->tgid);
}

static bool set_pid(struct process_status *status, struct slice value)
{
    return only_decimal(value, &status->pid);
}

static bool set_ppid(struct process_status *status, struct slice value)
{
    return only_decimal(value, &status->ppid);
}

/* "Uid: real effective saved filesystem" */
static bool set_uid(struct process_status *status, struct slice value)
{
    uint64_t rest[2];
    struct slice word;
    status->has_uid = next_decimal(&value, &status->uid) &&
                      next_decimal(&value, &status->effective_uid) &&
                      next_decimal(&value, &rest[0]) && next_decimal(&value, &rest[1]) &&
                      !next_word(&value, &word);
    return status->has_uid;
}

static bool set_threads(struct process_status *status, struct slice value)
{
    return status->has_threads = only_decimal(value, &status->threads);
}

static bool set_kthread(struct process_status *status, struct slice value)
{
    uint64_t number;
    if (!only_decimal(value, &number) || number > 1)
        return false;
    status->has_kthread = true;
    status->kthread = number == 1;
    return true;
}

static const struct word_row {
    const char *key;
    bool (*set)(struct process_status *status, struct slice value);
} word_rows[] = {
    {"Name",    set_name   },
    {"State",   set_state  },
    {"Tgid",    set_tgid   },
    {"Pid",     set_pid    },
    {"PPid",    set_ppid   },
    {"Uid",     set_uid    },
    {"Threads", set_threads},
    {"Kthread", set_kthread},
};
enum { WORD_ROW_COUNT = sizeof word_rows / sizeof word_rows[0], ROW_NAME = 0, ROW_PID = 3 };

static const struct size_row {
    const char *key;
    bool wraps; /* computed by subtraction: old kernels print it wrapped below zero */
} size_rows[STATUS_SIZE_COUNT] = {
#define STATUS_ROW(constant, name) [STATUS_##constant].key = (name),
    STATUS_SIZES(STATUS_ROW)
#undef STATUS_ROW
        [STATUS_VM_DATA]
            .wraps = true,
    [STATUS_VM_STK].wraps = true,
    [STATUS_VM_EXE].wraps = true,
    [STATUS_VM_LIB].wraps = true,
};

static bool take_size(struct status_reader *reader, unsigned row, struct slice value,
                      struct failure *why)
{
    const char *key = size_rows[row].key;
    struct process_status *status = &reader->status;
    struct slice word;
    uint64_t number;
    if (status->has_size[row])
        return failure_set(why, FAILURE_MALFORMED, reader->line, "field '%s' printed twice", key);
    if (!next_decimal(&value, &number))
        return failure_set(why, FAILURE_MALFORMED, reader->line, "value of '%s' is no number", key);
    if (!next_word(&value, &word) || !slice_equal(word, SLICE("kB")) || next_word(&value, &word))
        return failure_set(why, FAILURE_MALFORMED, reader->line, "value of '%s' has no unit", key);
    if (__builtin_mul_overflow(number, UINT64_C(1024), &status->size_bytes[row])) {
        status->size_bytes[row] = 0;
        return size_rows[row].wraps ||
               failure_set(why, FAILURE_MALFORMED, reader->line, "value of '%s' overflows", key);
    }
    return status->has_size[row] = true;
}

static bool take_word(struct status_reader *reader, unsigned row, struct slice value,
                      struct failure *why)
{
    if (reader->words_seen & 1u << row)
        return failure_set(why, FAILURE_MALFORMED, reader->line, "field '%s' printed twice",
                           word_rows[row].key);
    reader->words_seen |= 1u << row;
    if (!word_rows[row].set(&reader->status, value))
        return failure_set(why, FAILURE_MALFORMED, reader->line, "value of '%s' is malformed",
                           word_rows[row].key);
    return true;
}

static bool take_line(struct status_reader *reader, struct slice line, struct failure *why)
{
    struct slice key;
    struct slice value;
    if (!split_at(line, ':', &key, &value))
        return failure_set(why, FAILURE_MALFORMED, reader->line, "a line without ':'");
    for (unsigned row = 0; row < WORD_ROW_COUNT; row++)
        if (slice_equal(slice_of(word_rows[row].key), key))
            return take_word(reader, row, value, why);
    for (unsigned row = 0; row < STATUS_SIZE_COUNT; row++)
        if (slice_equal(slice_of(size_rows[row].key), key))
            return take_size(reader, row, value, why);
    reader->status.unknown_lines++;
    return true;
}

bool process_status_parse(struct slice text, struct process_status *out, struct failure *why)
{
    struct status_reader reader = {.line = 0};
    struct slice line;
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &reader.line))
        if (!take_line(&reader, line, why))
            return false;
    uint32_t required = 1u << ROW_NAME | 1u << ROW_PID;
    if ((reader.words_seen & required) != required)
        return failure_set(why, FAILURE_MALFORMED, 1, "no Name and Pid: is this /proc/PID/status?");
    *out = reader.status;
    return true;
}
