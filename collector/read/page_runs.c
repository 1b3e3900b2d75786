#include "collector/read/page_runs.h"

#include <string.h>

#define VARINT_BITS 7
#define VARINT_MORE 0x80

static void put_varint(struct page_runs *runs, uint64_t number)
{
    for (; number >= VARINT_MORE; number >>= VARINT_BITS)
        runs->buffer[runs->length++] = (char)(number | VARINT_MORE);
    runs->buffer[runs->length++] = (char)number;
}

static unsigned varint_bytes(uint64_t number)
{
    unsigned bytes = 1;
    for (; number >= VARINT_MORE; number >>= VARINT_BITS)
        bytes++;
    return bytes;
}

/* As a signed varint has it. Both numbers are below 2^56, so that nothing is lost. */
static uint64_t difference(uint64_t number, uint64_t expected)
{
    return number >= expected ? (number - expected) * 2 : (expected - number) * 2 - 1;
}

void page_runs_begin(struct page_runs *runs, uint64_t page_bytes, uint64_t features,
                     uint64_t frames)
{
    memcpy(runs->buffer + runs->length, PAGES_MAGIC, PAGES_MAGIC_BYTES);
    runs->length += PAGES_MAGIC_BYTES;
    runs->buffer[runs->length++] = PAGES_VERSION;
    put_varint(runs, page_bytes);
    put_varint(runs, features);
    put_varint(runs, frames);
    for (runs->frame_bytes = 1; (frames - 1) >> 8 * runs->frame_bytes; runs->frame_bytes++)
        ;
}

/* The context that runs of a kind have in common; NULL: the kind does not go on from another run. */
static struct run_context *context_of(struct page_runs *runs, unsigned kind)
{
    static const signed char contexts[] = {
        [PAGES_HOLE] = -1,
        [PAGES_ASCENDING] = RUN_FRAMES,
        [PAGES_DESCENDING] = RUN_FRAMES,
        [PAGES_REPEATED] = RUN_REPEATED,
        [PAGES_SWAPPED] = RUN_SWAPPED,
        [PAGES_DEVICE] = RUN_DEVICE,
        [PAGES_OTHER] = -1,
        [PAGES_FAR] = RUN_FRAMES,
    };
    return contexts[kind] < 0 ? NULL : &runs->contexts[contexts[kind]];
}

static void put_attributes(struct page_runs *runs, struct run_context *context)
{
    const struct page *page = &runs->first;
    if (page->kind == PAGES_SWAPPED) {
        put_varint(runs, page->flags);
    } else {
        bool new_flags = page->flags != context->flags;
        put_varint(runs, (uint64_t)page->mapcount * 2 + new_flags);
        if (new_flags)
            put_varint(runs, page->flags);
    }
    context->flags = page->flags;
    context->mapcount = page->mapcount;
}

/* The number of the page `at` pages behind the first of the run. */
static uint64_t number_at(const struct page *first, enum pages_kind kind, uint64_t at)
{
    switch (kind) {
    case PAGES_HOLE:
    case PAGES_OTHER:
    case PAGES_REPEATED:
        return first->number;
    case PAGES_DESCENDING:
        return first->number - at;
    default:
        return first->number + at;
    }
}

/* The kind that the run is written as. */
static enum pages_kind kind_of(const struct page_runs *runs)
{
    const struct page *page = &runs->first;
    if (page->kind != PAGES_ASCENDING)
        return (enum pages_kind)page->kind;
    if (runs->count == 1 && (page->flags & PAGES_FLAG_ZERO_PAGE))
        return PAGES_REPEATED; /* it comes again, and other frames go on without it */
    uint64_t step = difference(page->number, runs->contexts[RUN_FRAMES].number);
    return varint_bytes(step) > runs->frame_bytes ? PAGES_FAR : PAGES_ASCENDING;
}

static void put_where(struct page_runs *runs, enum pages_kind kind, struct run_context *context)
{
    const struct page *page = &runs->first;
    if (kind == PAGES_OTHER)
        put_varint(runs, page->number);
    else if (kind == PAGES_FAR)
        for (unsigned i = 0; i < runs->frame_bytes; i++)
            runs->buffer[runs->length++] = (char)(page->number >> 8 * i);
    else if (context)
        put_varint(runs, difference(page->number, context->number));
    /* Below the last frame of a descending run there may be none. */
    if (context)
        context->number = number_at(page, kind, runs->count - (kind == PAGES_DESCENDING));
}

void page_runs_close(struct page_runs *runs)
{
    if (runs->count == 0)
        return;
    const struct page *page = &runs->first;
    enum pages_kind kind = kind_of(runs);
    struct run_context *context = context_of(runs, kind);
    bool attributes =
        context && (page->flags != context->flags || page->mapcount != context->mapcount);
    uint64_t in_header = runs->count < PAGES_COUNT_SHORT ? runs->count : 0;
    runs->buffer[runs->length++] =
        (char)(kind | (attributes ? PAGES_HAS_ATTRIBUTES : 0) | in_header << PAGES_COUNT_SHIFT);
    if (!in_header)
        put_varint(runs, runs->count - PAGES_COUNT_SHORT);
    put_where(runs, kind, context);
    if (attributes)
        put_attributes(runs, context);
    runs->runs++;
    runs->count = 0;
}

/* Does the page continue the open run? The second of a run of frames decides which way it goes. */
static bool continues(struct page_runs *runs, const struct page *page)
{
    struct page *first = &runs->first;
    if (runs->count == 0 || page->flags != first->flags || page->mapcount != first->mapcount)
        return false;
    if (runs->count == 1 && first->kind == PAGES_ASCENDING && page->kind == PAGES_ASCENDING) {
        if (page->number == first->number)
            first->kind = PAGES_REPEATED;
        else if (page->number + 1 == first->number)
            first->kind = PAGES_DESCENDING;
    }
    bool same = page->kind == first->kind ||
                (page->kind == PAGES_ASCENDING &&
                 (first->kind == PAGES_DESCENDING || first->kind == PAGES_REPEATED));
    return same && page->number == number_at(first, (enum pages_kind)first->kind, runs->count);
}

void page_runs_add(struct page_runs *runs, const struct page *page, uint64_t count)
{
    if (!continues(runs, page)) {
        page_runs_close(runs);
        runs->first = *page;
    }
    runs->count += count;
}

void page_runs_mapping(struct page_runs *runs, uint64_t start, uint64_t pages)
{
    put_varint(runs, start - runs->last_end);
    put_varint(runs, pages);
    runs->last_end = start + pages;
    runs->mappings++;
}

void page_runs_end(struct page_runs *runs)
{
    put_varint(runs, 0);
    put_varint(runs, 0);
    put_varint(runs, runs->mappings);
    put_varint(runs, runs->runs);
}
