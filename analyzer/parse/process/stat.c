#include "analyzer/parse/process/stat.h"

#include "analyzer/parse/text_cursor.h"

/* The words behind comm, as proc(5) numbers them: 3 is the state, 4 ppid, ... Everything from 4 on
 * is a number; kernels differ in how many follow rss (2.6.32 ends at 44, 3.5 at 52). */
enum stat_word {
    STAT_PPID = 4,
    STAT_PGRP = 5,
    STAT_SESSION = 6,
    STAT_FLAGS = 9,
    STAT_MINOR_FAULTS = 10,
    STAT_MAJOR_FAULTS = 12,
    STAT_THREADS = 20,
    STAT_START_TIME = 22,
    STAT_VSIZE = 23,
    STAT_RSS = 24,
    STAT_LEAST_WORDS = 24,
    STAT_START_STACK = 28,
    STAT_KEPT_WORDS = 29
};

/* Both readings of a word: the kernel prints some signed, some unsigned up to 64 bits. */
struct stat_number {
    uint64_t as_unsigned;
    int64_t as_signed;
    bool is_unsigned, is_signed;
};

static bool read_number(struct slice word, struct stat_number *number)
{
    number->is_unsigned = parse_decimal(word, &number->as_unsigned);
    number->is_signed = parse_signed_decimal(word, &number->as_signed);
    return number->is_unsigned || number->is_signed;
}

static const enum stat_word signed_words[] = {STAT_PPID, STAT_PGRP, STAT_SESSION, STAT_THREADS,
                                              STAT_RSS};
static const enum stat_word unsigned_words[] = {STAT_FLAGS, STAT_MINOR_FAULTS, STAT_MAJOR_FAULTS,
                                                STAT_START_TIME, STAT_VSIZE};

static bool check_signs(const struct stat_number *number, struct failure *why)
{
    for (size_t i = 0; i < sizeof signed_words / sizeof signed_words[0]; i++)
        if (!number[signed_words[i]].is_signed)
            return failure_set(why, FAILURE_MALFORMED, 1, "word %d is out of range",
                               (int)signed_words[i]);
    for (size_t i = 0; i < sizeof unsigned_words / sizeof unsigned_words[0]; i++)
        if (!number[unsigned_words[i]].is_unsigned)
            return failure_set(why, FAILURE_MALFORMED, 1, "word %d is out of range",
                               (int)unsigned_words[i]);
    return true;
}

/* The place of the last ')' of the text; false when there is none. */
static bool find_comm_end(struct slice text, size_t *end)
{
    for (size_t i = text.length_bytes; i > 0; i--) {
        if (text.at[i - 1] == ')') {
            *end = i - 1;
            return true;
        }
    }
    return false;
}

/* "PID (COMM)" off the front of *text. */
static bool take_head(struct slice *text, struct process_stat *stat)
{
    struct slice pid;
    struct slice rest;
    size_t end;
    if (!split_at(*text, ' ', &pid, &rest) || !parse_decimal(pid, &stat->pid) ||
        !slice_starts(rest, SLICE("(")) || !find_comm_end(rest, &end))
        return false;
    stat->comm = (struct slice){rest.at + 1, end - 1};
    *text = slice_skip(rest, end + 1);
    return true;
}

bool process_stat_parse(struct slice text, struct process_stat *out, struct failure *why)
{
    struct process_stat stat = {0};
    struct stat_number number[STAT_KEPT_WORDS] = {0};
    struct slice word;
    if (!ends_with_newline(text))
        return failure_set(why, FAILURE_MALFORMED, 1, "the line is cut");
    text.length_bytes--;
    if (!take_head(&text, &stat))
        return failure_set(why, FAILURE_MALFORMED, 1, "no 'PID (COMM)': is this /proc/PID/stat?");
    if (!next_word(&text, &word) || word.length_bytes != 1 || word.at[0] < 'A' || word.at[0] > 'z')
        return failure_set(why, FAILURE_MALFORMED, 1, "no state behind the name");
    stat.state = word.at[0];
    int count = 3;
    while (next_word(&text, &word)) {
        struct stat_number this_number;
        count++;
        if (!read_number(word, &this_number))
            return failure_set(why, FAILURE_MALFORMED, 1, "word %d is no number", count);
        if (count < STAT_KEPT_WORDS)
            number[count] = this_number;
    }
    if (count < STAT_LEAST_WORDS)
        return failure_set(why, FAILURE_MALFORMED, 1, "only %d words, %d are needed", count,
                           (int)STAT_LEAST_WORDS);
    if (!check_signs(number, why))
        return false;
    stat.ppid = number[STAT_PPID].as_signed;
    stat.pgrp = number[STAT_PGRP].as_signed;
    stat.session = number[STAT_SESSION].as_signed;
    stat.flags = number[STAT_FLAGS].as_unsigned;
    stat.minor_faults = number[STAT_MINOR_FAULTS].as_unsigned;
    stat.major_faults = number[STAT_MAJOR_FAULTS].as_unsigned;
    stat.threads = number[STAT_THREADS].as_signed;
    stat.start_time_ticks = number[STAT_START_TIME].as_unsigned;
    stat.vsize_bytes = number[STAT_VSIZE].as_unsigned;
    stat.rss_pages = number[STAT_RSS].as_signed;
    stat.start_stack = number[STAT_START_STACK].as_unsigned;
    *out = stat;
    return true;
}
