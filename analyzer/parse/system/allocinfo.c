#include "analyzer/parse/system/allocinfo.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/parse/text_cursor.h"

void allocinfo_deinit(struct allocinfo *allocinfo)
{
    free(allocinfo->sites);
    *allocinfo = (struct allocinfo){0};
}

static bool next_count(struct slice *rest, uint64_t *count)
{
    struct slice word;
    int64_t value;
    if (!next_word(rest, &word) || !parse_signed_decimal(word, &value))
        return false;
    *count = value > 0 ? (uint64_t)value : 0;
    return true;
}

/* "      262144       64 mm/slub.c:2400 [module] func:alloc_slab_page accurate:no" */
static bool read_site(struct slice line, struct allocinfo_site *site)
{
    struct slice word, start = SLICE("func:");
    if (!next_count(&line, &site->bytes) || !next_count(&line, &site->calls) ||
        !next_word(&line, &site->file_line) || !next_word(&line, &word))
        return false;
    if (word.length_bytes > 2 && slice_starts(word, SLICE("[")) && slice_ends(word, SLICE("]"))) {
        site->module = (struct slice){word.at + 1, word.length_bytes - 2};
        if (!next_word(&line, &word))
            return false;
    }
    site->function = slice_skip(word, start.length_bytes);
    return slice_starts(word, start) && site->function.length_bytes > 0;
}

static bool take_text(struct slice text, struct allocinfo *allocinfo, struct failure *why)
{
    size_t capacity = 0;
    uint64_t number = 0;
    struct slice line, version, start = SLICE("allocinfo - version: ");
    if (!text_is_whole(text, why))
        return false;
    if (!next_line(&text, &line, &number) || !slice_starts(line, start))
        return failure_set(why, FAILURE_MALFORMED, 1, "no version: is this /proc/allocinfo?");
    version = slice_skip(line, start.length_bytes);
    if (!slice_starts(version, SLICE("1.")) && !slice_starts(version, SLICE("2.")))
        return failure_set(why, FAILURE_UNSUPPORTED, 1, "neither version 1 nor 2");
    while (next_line(&text, &line, &number)) {
        struct allocinfo_site site = {0};
        if (slice_starts(line, SLICE("#")))
            continue;
        if (!read_site(line, &site))
            return failure_set(why, FAILURE_MALFORMED, number, "no 'BYTES CALLS PLACE func:NAME'");
        if (allocinfo->count >= ALLOCINFO_SITES_MAX)
            return failure_set(why, FAILURE_LIMIT, number, "more than %u call sites",
                               ALLOCINFO_SITES_MAX);
        struct allocinfo_site *slot = ARRAY_PUSH(allocinfo->sites, allocinfo->count, capacity);
        if (!slot)
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
        *slot = site;
    }
    return true;
}

bool allocinfo_parse(struct slice text, struct allocinfo *out, struct failure *why)
{
    struct allocinfo parsed = {0};
    if (!take_text(text, &parsed, why)) {
        allocinfo_deinit(&parsed);
        return false;
    }
    *out = parsed;
    return true;
}
