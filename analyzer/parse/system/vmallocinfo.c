#include "analyzer/parse/system/vmallocinfo.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/parse/owned_text.h"
#include "analyzer/parse/text_cursor.h"

/* The words that name a type. A line may hold several ("vmalloc user"): the first of this table
 * that stands there decides. */
static const struct {
    const char *word;
    enum vmalloc_type type;
} type_words[] = {
    {"dma-coherent", VMALLOC_DMA    },
    {"user",         VMALLOC_USER   },
    {"ioremap",      VMALLOC_IOREMAP},
    {"vmap",         VMALLOC_VMAP   },
    {"sparse",       VMALLOC_SPARSE },
    {"vmalloc",      VMALLOC_VMALLOC},
};
enum { TYPE_WORD_COUNT = sizeof type_words / sizeof type_words[0] };

static const char *const type_names[] = {
    [VMALLOC_VMALLOC] = "vmalloc",   [VMALLOC_VMAP] = "vmap",
    [VMALLOC_IOREMAP] = "ioremap",   [VMALLOC_USER] = "user",
    [VMALLOC_DMA] = "dma-coherent",  [VMALLOC_VM_MAP_RAM] = "vm_map_ram",
    [VMALLOC_UNPURGED] = "unpurged", [VMALLOC_SPARSE] = "sparse",
    [VMALLOC_OTHER] = "other",
};
_Static_assert(sizeof type_names / sizeof type_names[0] == VMALLOC_TYPE_COUNT,
               "a type of area has no word");

const char *vmalloc_type_word(enum vmalloc_type type)
{
    return (unsigned)type < VMALLOC_TYPE_COUNT ? type_names[type] : "other";
}

void vmallocinfo_deinit(struct vmallocinfo *vmallocinfo)
{
    for (size_t i = 0; i < vmallocinfo->count; i++) {
        free(vmallocinfo->areas[i].caller);
        free(vmallocinfo->areas[i].module);
    }
    free(vmallocinfo->areas);
    *vmallocinfo = (struct vmallocinfo){0};
}

/* What a line says beside the numbers, borrowed. */
struct area_words {
    struct slice caller, module;
    bool has_module;
    unsigned type; /* row of type_words, TYPE_WORD_COUNT for none */
};

/* "0xffffc90000000000-0xffffc90000005000"; hidden or unready ones are words in brackets. */
static bool read_addresses(struct slice word, struct vmalloc_area *area)
{
    struct slice start;
    struct slice end;
    if (!slice_starts(word, SLICE("0x")) || !split_at(word, '-', &start, &end) ||
        !slice_starts(end, SLICE("0x")))
        return false;
    uint64_t from = 0;
    uint64_t to = 0;
    if (parse_hexadecimal(slice_skip(start, 2), &from) &&
        parse_hexadecimal(slice_skip(end, 2), &to) && from != 0 && to != 0) {
        area->start = from;
        area->end = to;
        area->has_address = true;
    }
    return true;
}

/* "load_module+0x8a2/0x1e70" and "[zram]" behind it, or an address that has no symbol (any more).
 */
static void take_caller(struct slice *rest, struct area_words *words)
{
    struct slice after = *rest;
    struct slice word;
    struct slice symbol;
    struct slice offset;
    if (!next_word(&after, &word))
        return;
    if (split_at(word, '+', &symbol, &offset) && slice_starts(offset, SLICE("0x")))
        words->caller = symbol;
    else if (slice_starts(word, SLICE("0x")))
        words->caller = word;
    else
        return;
    *rest = after;
    if (next_word(&after, &word) && slice_starts(word, SLICE("[")) &&
        slice_ends(word, SLICE("]")) && word.length_bytes > 2) {
        words->module = (struct slice){word.at + 1, word.length_bytes - 2};
        words->has_module = true;
        *rest = after;
    }
}

/* "pages=4", "phys=0x5ffe1000", "vmalloc", "N0=4", ...; words of kernels to come are passed over.
 */
static bool take_attribute(struct slice word, struct vmalloc_area *area, struct area_words *words)
{
    struct slice pages = SLICE("pages=");
    if (slice_starts(word, pages)) {
        if (area->has_pages)
            return false;
        return area->has_pages = parse_decimal(slice_skip(word, pages.length_bytes), &area->pages);
    }
    for (unsigned row = 0; row < words->type; row++)
        if (slice_equal(slice_of(type_words[row].word), word))
            words->type = row;
    return true;
}

static bool read_area(struct slice line, struct vmalloc_area *area, struct area_words *words)
{
    struct slice word;
    if (!next_word(&line, &word) || !read_addresses(word, area) ||
        !next_decimal(&line, &area->size_bytes))
        return false;
    struct slice said = trim_blanks(line);
    if (slice_equal(said, SLICE("unpurged vm_area"))) {
        area->type = VMALLOC_UNPURGED;
        return true;
    }
    if (slice_equal(said, SLICE("vm_map_ram"))) {
        area->type = VMALLOC_VM_MAP_RAM;
        return true;
    }
    take_caller(&line, words);
    while (next_word(&line, &word))
        if (!take_attribute(word, area, words))
            return false;
    area->type = words->type < TYPE_WORD_COUNT ? type_words[words->type].type : VMALLOC_OTHER;
    return true;
}

static bool take_text(struct slice text, struct vmallocinfo *vmallocinfo, struct failure *why)
{
    size_t capacity = 0;
    uint64_t number = 0;
    struct slice line;
    if (text.length_bytes == 0)
        return failure_set(why, FAILURE_MALFORMED, 1, "empty: is this /proc/vmallocinfo?");
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &number)) {
        struct area_words words = {.caller = SLICE(""), .type = TYPE_WORD_COUNT};
        struct vmalloc_area area = {0};
        if (!read_area(line, &area, &words))
            return failure_set(why, FAILURE_MALFORMED, number,
                               "no 'START-END SIZE CALLER ...' line: is this /proc/vmallocinfo?");
        struct vmalloc_area *slot = ARRAY_PUSH(vmallocinfo->areas, vmallocinfo->count, capacity);
        if (!slot)
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
        *slot = area;
        slot->caller = owned_text(words.caller);
        slot->module = words.has_module ? owned_text(words.module) : NULL;
        if (!slot->caller || (words.has_module && !slot->module))
            return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
    }
    return true;
}

bool vmallocinfo_parse(struct slice text, struct vmallocinfo *out, struct failure *why)
{
    struct vmallocinfo parsed = {0};
    if (!take_text(text, &parsed, why)) {
        vmallocinfo_deinit(&parsed);
        return false;
    }
    *out = parsed;
    return true;
}
