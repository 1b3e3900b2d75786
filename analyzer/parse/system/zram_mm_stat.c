#include "analyzer/parse/system/zram_mm_stat.h"

#include "analyzer/parse/text_cursor.h"

/* Columns of the first kernel that had the file (4.1); newer ones add more. */
enum { MM_STAT_LEAST_WORDS = 7 };

bool zram_mm_stat_parse(struct slice text, struct zram_mm_stat *out, struct failure *why)
{
    uint64_t value[MM_STAT_LEAST_WORDS];
    struct slice line;
    struct slice word;
    uint64_t number = 0;
    unsigned count = 0;
    if (!ends_with_newline(text) || !next_line(&text, &line, &number) || text.length_bytes > 0)
        return failure_set(why, FAILURE_MALFORMED, 1, "not one whole line: is this mm_stat?");
    while (next_word(&line, &word)) {
        uint64_t figure;
        if (!parse_decimal(word, &figure))
            return failure_set(why, FAILURE_MALFORMED, 1, "figure %u is no number", count + 1);
        if (count < MM_STAT_LEAST_WORDS)
            value[count] = figure;
        count++;
    }
    if (count < MM_STAT_LEAST_WORDS)
        return failure_set(why, FAILURE_MALFORMED, 1, "only %u figures, %d are needed", count,
                           MM_STAT_LEAST_WORDS);
    *out = (struct zram_mm_stat){value[0], value[1], value[2]};
    return true;
}
