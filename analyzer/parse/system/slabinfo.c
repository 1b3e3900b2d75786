#include "analyzer/parse/system/slabinfo.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/parse/owned_text.h"
#include "analyzer/parse/text_cursor.h"

void slabinfo_deinit(struct slabinfo *slabinfo)
{
    for (size_t i = 0; i < slabinfo->count; i++)
        free(slabinfo->caches[i].name);
    free(slabinfo->caches);
    *slabinfo = (struct slabinfo){0};
}

/* Splits at the last " : tunables ", for a name may hold colons. */
static bool split_tunables(struct slice line, struct slice *left, struct slice *right)
{
    struct slice mark = SLICE(" : tunables ");
    for (size_t i = line.length_bytes; i >= mark.length_bytes; i--) {
        size_t start = i - mark.length_bytes;
        if (memcmp(line.at + start, mark.at, mark.length_bytes) == 0) {
            *left = (struct slice){line.at, start};
            *right = slice_skip(line, i);
            return true;
        }
    }
    return false;
}

/* The decimal at the right end of *rest. */
static bool last_decimal(struct slice *rest, uint64_t *value)
{
    struct slice word;
    return last_word(rest, &word) && parse_decimal(word, value);
}

/* "NAME active objects size objects-per-slab pages-per-slab", read from the right. */
static bool read_left(struct slice left, struct slab_cache *cache, struct slice *name)
{
    if (!last_decimal(&left, &cache->pages_per_slab) ||
        !last_decimal(&left, &cache->objects_per_slab) ||
        !last_decimal(&left, &cache->object_bytes) || !last_decimal(&left, &cache->objects) ||
        !last_decimal(&left, &cache->active_objects))
        return false;
    *name = trim_blanks(left);
    return name->length_bytes > 0;
}

/* "LIMIT BATCH SHARED : slabdata ACTIVE SLABS AVAILABLE", and " : globalstat ..." behind it in
 * kernels that count statistics. */
static bool read_right(struct slice right, struct slab_cache *cache)
{
    uint64_t ignored;
    struct slice word;
    for (int i = 0; i < 3; i++)
        if (!next_decimal(&right, &ignored))
            return false;
    return next_word(&right, &word) && slice_equal(word, SLICE(":")) && next_word(&right, &word) &&
           slice_equal(word, SLICE("slabdata")) && next_decimal(&right, &cache->active_slabs) &&
           next_decimal(&right, &cache->slabs) && next_decimal(&right, &ignored) &&
           (!next_word(&right, &word) || slice_equal(word, SLICE(":")));
}

/* One run over one text; `slabinfo` is published only when the run succeeds. */
struct run {
    struct slabinfo slabinfo;
    size_t capacity;
    uint64_t line;
};

static bool take_cache(struct run *run, struct slice line, struct failure *why)
{
    struct slice left;
    struct slice right;
    struct slice name;
    struct slab_cache cache = {0};
    if (!split_tunables(line, &left, &right) || !read_left(left, &cache, &name) ||
        !read_right(right, &cache))
        return failure_set(why, FAILURE_MALFORMED, run->line,
                           "no 'NAME ... : tunables ... : slabdata ...' line: is this "
                           "/proc/slabinfo?");
    struct slab_cache *slot = ARRAY_PUSH(run->slabinfo.caches, run->slabinfo.count, run->capacity);
    if (!slot)
        return failure_set(why, FAILURE_SYSTEM, run->line, "out of memory");
    *slot = cache;
    slot->name = owned_text(name);
    return slot->name || failure_set(why, FAILURE_SYSTEM, run->line, "out of memory");
}

static bool take_text(struct run *run, struct slice text, struct failure *why)
{
    struct slice line;
    struct slice version = SLICE("slabinfo - version: ");
    if (text.length_bytes == 0)
        return failure_set(why, FAILURE_MALFORMED, 1, "empty: is this /proc/slabinfo?");
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &run->line)) {
        if (run->line == 1 && slice_starts(line, version)) {
            if (!slice_starts(slice_skip(line, version.length_bytes), SLICE("2.")))
                return failure_set(why, FAILURE_UNSUPPORTED, run->line,
                                   "only version 2 of slabinfo is known");
        } else if (!slice_starts(line, SLICE("# "))) {
            if (!take_cache(run, line, why))
                return false;
        }
    }
    return true;
}

bool slabinfo_parse(struct slice text, struct slabinfo *out, struct failure *why)
{
    struct run run = {.line = 0};
    if (!take_text(&run, text, why)) {
        slabinfo_deinit(&run.slabinfo);
        return false;
    }
    *out = run.slabinfo;
    return true;
}
