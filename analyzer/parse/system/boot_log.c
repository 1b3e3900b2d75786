#include "analyzer/parse/system/boot_log.h"

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/text_cursor.h"

/* What stands behind `mark` in the line; false when it is not there. */
static bool find_behind(struct slice line, struct slice mark, struct slice *rest)
{
    if (line.length_bytes < mark.length_bytes)
        return false;
    const char *at = memmem(line.at, line.length_bytes, mark.at, mark.length_bytes);
    if (!at)
        return false;
    *rest = slice_skip(line, (size_t)(at - line.at) + mark.length_bytes);
    return true;
}

/* "53 pages/cpu s185496 r0 d31592 u1048576" */
static void take_embedded(struct slice rest, struct boot_log *log)
{
    struct slice word;
    uint64_t pages;
    if (!next_decimal(&rest, &pages) || !next_word(&rest, &word) ||
        !slice_starts(word, SLICE("pages/cpu")))
        return;
    log->percpu_unit_pages = amount_of(pages);
    log->percpu_units = AMOUNT_UNKNOWN; /* listed behind this line */
}

static bool is_unit(struct slice word)
{
    uint64_t cpu;
    size_t dashes = 0;
    while (dashes < word.length_bytes && word.at[dashes] == '-')
        dashes++;
    return dashes == word.length_bytes || parse_decimal(word, &cpu);
}

/* "[0] 0 1 [1] 2 -": groups, and in each its processors; a dash is a unit without processor. */
static void take_units(struct slice rest, struct boot_log *log)
{
    struct slice word;
    uint64_t units = 0;
    while (next_word(&rest, &word)) {
        if (slice_starts(word, SLICE("[")) && slice_ends(word, SLICE("]")))
            continue;
        if (!is_unit(word))
            return; /* the line of sizes: "s185496 r0 d31592 u1048576 alloc=1*2097152" */
        units++;
    }
    if (units)
        log->percpu_units = amount_of(add_saturating(log->percpu_units.bytes, units));
}

/* "3218364K/25165432K available (18468K kernel code, ..."; before Linux 3.10 with a small k */
static void take_memory(struct slice rest, struct boot_log *log)
{
    struct slice word, available, present;
    uint64_t kib;
    if (!next_word(&rest, &word) || !split_at(word, '/', &available, &present) ||
        !next_word(&rest, &word) || !slice_equal(word, SLICE("available")) ||
        !(slice_ends(present, SLICE("K")) || slice_ends(present, SLICE("k"))))
        return;
    present.length_bytes--;
    if (parse_decimal(present, &kib))
        log->present_bytes = amount_of(multiply_saturating(kib, 1024));
}

struct boot_log boot_log_parse(struct slice text)
{
    struct boot_log log = {0};
    struct slice line, rest;
    uint64_t number = 0;
    while (next_line(&text, &line, &number)) {
        if (find_behind(line, SLICE("percpu: Embedded "), &rest) ||
            find_behind(line, SLICE("PERCPU: Embedded "), &rest))
            take_embedded(rest, &log);
        else if (find_behind(line, SLICE("pcpu-alloc: "), &rest))
            take_units(rest, &log);
        else if (find_behind(line, SLICE("Memory: "), &rest))
            take_memory(rest, &log);
    }
    return log;
}
