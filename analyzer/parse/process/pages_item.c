#include "analyzer/parse/process/pages_item.h"

#define FLAG_OR(constant, bit, word) | 1u << (bit)
#define FLAGS_KNOWN                  (0u PAGES_FLAGS(FLAG_OR))

#define SLOTS_MOST (UINT64_C(1) << 50) /* pagemap has 50 bits for the place in a swap area */

bool item_refuse(struct item *item, enum failure_kind kind, const char *sentence)
{
    return failure_set(item->why, kind, item->position, "%s", sentence);
}

uint8_t item_byte(struct item *item)
{
    if (item->at == item->end) {
        item->is_short = true;
        return 0;
    }
    return *item->at++;
}

uint64_t item_number(struct item *item)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < PAGES_VARINT_BYTES; i++) {
        uint8_t byte = item_byte(item);
        uint64_t bits = byte & 0x7fu;
        if (item->is_short)
            return 0;
        if (i == PAGES_VARINT_BYTES - 1 && byte > 1)
            break;
        number |= bits << (7 * i);
        if (!(byte & 0x80u))
            return number;
    }
    item_refuse(item, FAILURE_MALFORMED, "a number of more than 64 bits");
    item->is_short = item->is_broken = true;
    return 0;
}

/* `from` plus a signed number; UINT64_MAX when that is none: no frame and no slot has it. */
static uint64_t item_step(struct item *item, uint64_t from)
{
    uint64_t coded = item_number(item), size = coded / 2, to;
    bool wraps = coded & 1 ? __builtin_sub_overflow(from, size + 1, &to)
                           : __builtin_add_overflow(from, size, &to);
    return wraps ? UINT64_MAX : to;
}

/* [first, first + count) lies below `limit`. */
static bool within(uint64_t first, uint64_t count, uint64_t limit)
{
    return first < limit && count <= limit - first;
}

static bool has_attributes(enum pages_kind kind)
{
    return (kind >= PAGES_ASCENDING && kind <= PAGES_SWAPPED) || kind == PAGES_FAR;
}

/* A frame that is written whole, in as many bytes as the greatest needs. */
static uint64_t item_frame(struct item *item, uint64_t frames)
{
    uint64_t frame = 0, most = frames ? frames - 1 : 0;
    unsigned at = 0;
    do {
        frame |= (uint64_t)item_byte(item) << at;
        at += 8;
    } while (most >> at);
    return frame;
}

/* One varint tells whether another one with the flags follows. */
static void read_frame_attributes(struct item *item, uint32_t *mapcount, uint32_t *flags)
{
    uint64_t coded = item_number(item), count = coded / 2;
    *mapcount = count > PAGES_MAPCOUNT_MOST ? PAGES_MAPCOUNT_MOST : (uint32_t)count;
    if (coded & 1)
        *flags = (uint32_t)(item_number(item) & FLAGS_KNOWN);
}

static bool frames_run(struct item *item, struct run_context *context, struct pages_run *run,
                       bool changes)
{
    bool down = run->kind == PAGES_DESCENDING;
    uint64_t first = run->kind == PAGES_FAR ? item_frame(item, context->frames)
                                            : item_step(item, context->expected_frame);
    if (changes)
        read_frame_attributes(item, &context->mapcount, &context->flags);
    if (item->is_short)
        return true;
    if (!within(first, down ? 1 : run->count, context->frames) || (down && first < run->count - 1))
        return item_refuse(item, FAILURE_MALFORMED, "a frame beyond the number of frames");
    run->kind = down ? PAGES_DESCENDING : PAGES_ASCENDING; /* far or near is the same to all */
    run->first = down ? first - (run->count - 1) : first;
    run->flags = context->flags;
    run->mapcount = context->mapcount;
    context->expected_frame = down ? run->first : first + run->count;
    return true;
}

static bool repeated_run(struct item *item, struct run_context *context, struct pages_run *run,
                         bool changes)
{
    run->first = item_step(item, context->repeated_frame);
    if (changes)
        read_frame_attributes(item, &context->repeated_mapcount, &context->repeated_flags);
    if (item->is_short)
        return true;
    if (!within(run->first, 1, context->frames))
        return item_refuse(item, FAILURE_MALFORMED, "a frame beyond the number of frames");
    run->flags = context->repeated_flags;
    run->mapcount = context->repeated_mapcount;
    context->repeated_frame = run->first;
    return true;
}

static bool swapped_run(struct item *item, struct run_context *context, struct pages_run *run,
                        bool changes)
{
    run->first = item_step(item, context->expected_slot);
    uint64_t area = changes ? item_number(item) : context->area;
    if (item->is_short)
        return true;
    if (area >= PAGES_SWAP_TYPES)
        return item_refuse(item, FAILURE_MALFORMED, "a swap area that cannot be");
    if (!within(run->first, run->count, SLOTS_MOST))
        return item_refuse(item, FAILURE_MALFORMED, "a swap slot that cannot be");
    run->area = context->area = (uint32_t)area;
    context->expected_slot = run->first + run->count;
    return true;
}

static bool device_run(struct item *item, struct run_context *context, struct pages_run *run)
{
    run->first = item_step(item, context->expected_device);
    if (item->is_short)
        return true;
    if (!within(run->first, run->count, PAGES_FRAMES_MOST))
        return item_refuse(item, FAILURE_MALFORMED, "a frame of a device that cannot be");
    context->expected_device = run->first + run->count;
    return true;
}

static bool other_run(struct item *item, struct pages_run *run)
{
    run->first = item_number(item);
    if (run->first < PAGES_OTHER_ALONE)
        return true;
    run->flags = (uint32_t)((run->first - PAGES_OTHER_ALONE) & FLAGS_KNOWN);
    run->mapcount = 1;
    run->first = PAGES_OTHER_ALONE;
    return true;
}

bool item_run(struct item *item, struct run_context *context, uint64_t left, struct pages_run *run)
{
    uint8_t header = item_byte(item);
    bool changes = header & PAGES_HAS_ATTRIBUTES;
    *run =
        (struct pages_run){.kind = header & PAGES_KIND_MASK, .count = header >> PAGES_COUNT_SHIFT};
    if (!run->count && __builtin_add_overflow(item_number(item), PAGES_COUNT_SHORT, &run->count))
        run->count = UINT64_MAX;
    if (item->is_short)
        return true;
    if (run->count > left)
        return item_refuse(item, FAILURE_MALFORMED, "a run that is longer than its mapping");
    if (changes && !has_attributes(run->kind))
        return item_refuse(item, FAILURE_MALFORMED, "attributes of what has none");
    switch (run->kind) {
    case PAGES_ASCENDING:
    case PAGES_DESCENDING:
    case PAGES_FAR:
        return frames_run(item, context, run, changes);
    case PAGES_REPEATED:
        return repeated_run(item, context, run, changes);
    case PAGES_SWAPPED:
        return swapped_run(item, context, run, changes);
    case PAGES_DEVICE:
        return device_run(item, context, run);
    case PAGES_OTHER:
        return other_run(item, run);
    default:
        return true;
    }
}
