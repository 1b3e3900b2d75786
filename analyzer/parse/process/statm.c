#include "analyzer/parse/process/statm.h"

#include "analyzer/parse/text_cursor.h"

bool process_statm_parse(struct slice text, struct process_statm *out, struct failure *why)
{
    /* size resident shared text lib data dt; lib and dt are always 0 since 2.6 */
    uint64_t value[7];
    struct slice line;
    struct slice word;
    uint64_t number = 0;
    if (!ends_with_newline(text) || !next_line(&text, &line, &number) || text.length_bytes > 0)
        return failure_set(why, FAILURE_MALFORMED, 1, "not one whole line: is this statm?");
    for (unsigned i = 0; i < 7; i++)
        if (!next_decimal(&line, &value[i]))
            return failure_set(why, FAILURE_MALFORMED, 1, "figure %u of 7 is no number", i + 1);
    if (next_word(&line, &word))
        return failure_set(why, FAILURE_MALFORMED, 1, "more than 7 figures: is this statm?");
    *out = (struct process_statm){
        .size_pages = value[0],
        .resident_pages = value[1],
        .shared_pages = value[2],
        .text_pages = value[3],
        .data_pages = value[5],
    };
    return true;
}
