#include "analyzer/parse/system/census.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/text_cursor.h"
#include "schema/bundle_format.h"

/* Names of the bits of include/uapi/linux/kernel-page-flags.h */
#define FLAG(name) (UINT64_C(1) << KPF_BIT_##name)

#define ON_LIST (FLAG(LRU) | FLAG(UNEVICTABLE))
#define IN_USE  (ON_LIST | FLAG(MMAP) | FLAG(SWAPCACHE))

/* In the order of judgement: all bits of `all` are set, at least one of `any` (0: none asked), and
 * none of `none`. */
static const struct class_rule {
    enum page_class class;
    uint64_t all, any, none;
} class_rules[] = {
    {PAGE_CLASS_NOPAGE,    FLAG(NOPAGE),     0,       0         },
    {PAGE_CLASS_FREE,      FLAG(BUDDY),      0,       0         },
    {PAGE_CLASS_SLAB,      FLAG(SLAB),       0,       0         },
    {PAGE_CLASS_PAGETABLE, FLAG(PGTABLE),    0,       0         },
    {PAGE_CLASS_HUGETLB,   FLAG(HUGE),       0,       0         },
    {PAGE_CLASS_OFFLINE,   FLAG(OFFLINE),    0,       0         },
    {PAGE_CLASS_HWPOISON,  FLAG(HWPOISON),   0,       0         },
    {PAGE_CLASS_ZERO,      FLAG(ZERO_PAGE),  0,       0         },
    {PAGE_CLASS_ANON,      FLAG(ANON),       IN_USE,  0         },
    {PAGE_CLASS_SHMEM,     FLAG(SWAPBACKED), ON_LIST, FLAG(ANON)},
    {PAGE_CLASS_FILE,      0,                ON_LIST, 0         },
    {PAGE_CLASS_RESERVED,  FLAG(RESERVED),   0,       0         },
    {PAGE_CLASS_MAPPED,    FLAG(MMAP),       0,       0         },
};

static const char *const class_words[PAGE_CLASS_COUNT] = {
    [PAGE_CLASS_NOPAGE] = "nopage",     [PAGE_CLASS_FREE] = "free",
    [PAGE_CLASS_SLAB] = "slab",         [PAGE_CLASS_PAGETABLE] = "pagetable",
    [PAGE_CLASS_HUGETLB] = "hugetlb",   [PAGE_CLASS_OFFLINE] = "offline",
    [PAGE_CLASS_HWPOISON] = "hwpoison", [PAGE_CLASS_ZERO] = "zero",
    [PAGE_CLASS_ANON] = "anon",         [PAGE_CLASS_SHMEM] = "shmem",
    [PAGE_CLASS_FILE] = "file",         [PAGE_CLASS_RESERVED] = "reserved",
    [PAGE_CLASS_MAPPED] = "mapped",     [PAGE_CLASS_UNFLAGGED] = "unflagged",
};

const char *page_class_word(enum page_class class)
{
    return class_words[class];
}

enum page_class page_class_of(uint64_t flags)
{
    for (size_t i = 0; i < sizeof class_rules / sizeof class_rules[0]; i++) {
        const struct class_rule *rule = &class_rules[i];
        if ((flags & rule->all) == rule->all && (rule->any == 0 || (flags & rule->any) != 0) &&
            (flags & rule->none) == 0)
            return rule->class;
    }
    return PAGE_CLASS_UNFLAGGED;
}

void census_deinit(struct census *census)
{
    free(census->rows);
    *census = (struct census){0};
}

enum header_key { HEADER_PAGE_BYTES, HEADER_FRAMES, HEADER_RAM, HEADER_COUNTS, HEADER_KEY_COUNT };

static const struct slice header_names[HEADER_KEY_COUNT] = {
    [HEADER_PAGE_BYTES] = {"page_bytes", 10},
    [HEADER_FRAMES] = {"frames",     6 },
    [HEADER_RAM] = {"within_ram", 10},
    [HEADER_COUNTS] = {"counts",     6 },
};

struct census_reader {
    struct census census;
    size_t row_capacity;
    unsigned seen; /* bit of each header key */
    bool met_end;
};

static bool read_yes_no(struct slice word, bool *value)
{
    bool yes = slice_equal(word, SLICE("yes"));
    if (!yes && !slice_equal(word, SLICE("no")))
        return false;
    *value = yes;
    return true;
}

static bool read_header(struct census_reader *reader, struct slice name, struct slice value)
{
    struct census *census = &reader->census;
    for (unsigned key = 0; key < HEADER_KEY_COUNT; key++) {
        if (!slice_equal(name, header_names[key]))
            continue;
        if (reader->seen & 1U << key)
            return false;
        reader->seen |= 1U << key;
        switch ((enum header_key)key) {
        case HEADER_PAGE_BYTES:
            return parse_decimal(value, &census->page_bytes) && census->page_bytes > 0;
        case HEADER_FRAMES:
            return parse_decimal(value, &census->frames);
        case HEADER_RAM:
            return read_yes_no(value, &census->within_ram);
        case HEADER_COUNTS:
            return read_yes_no(value, &census->has_counts);
        case HEADER_KEY_COUNT:
            break;
        }
    }
    return true; /* a key of a newer version */
}

/* "HEX pages N mapped N", behind the word "flags" */
static bool read_row(struct slice rest, struct census_row *row)
{
    struct slice word, key;
    return next_word(&rest, &word) && parse_hexadecimal(word, &row->flags) &&
           next_word(&rest, &key) && slice_equal(key, SLICE("pages")) &&
           next_decimal(&rest, &row->pages) && next_word(&rest, &key) &&
           slice_equal(key, SLICE("mapped")) && next_decimal(&rest, &row->mapped) &&
           row->mapped <= row->pages && !next_word(&rest, &word);
}

/* "rows N complete yes|no", behind the word "end" */
static bool read_end(struct slice rest, struct census_reader *reader)
{
    struct slice word, key;
    uint64_t rows;
    bool complete;
    if (!next_word(&rest, &key) || !slice_equal(key, SLICE("rows")) ||
        !next_decimal(&rest, &rows) || rows != reader->census.row_count ||
        !next_word(&rest, &key) || !slice_equal(key, SLICE("complete")) ||
        !next_word(&rest, &word) || !read_yes_no(word, &complete) || next_word(&rest, &word))
        return false;
    reader->census.is_cut = !complete;
    reader->met_end = true;
    return true;
}

static bool add_row(struct census_reader *reader, struct slice rest, uint64_t number,
                    struct failure *why)
{
    struct census *census = &reader->census;
    struct census_row row = {0};
    if (!read_row(rest, &row))
        return failure_set(why, FAILURE_MALFORMED, number, "no 'flags HEX pages N mapped N' line");
    if (census->row_count && census->rows[census->row_count - 1].flags >= row.flags)
        return failure_set(why, FAILURE_MALFORMED, number, "rows are not in the order of flags");
    if (census->row_count >= CENSUS_ROWS_MAX)
        return failure_set(why, FAILURE_LIMIT, number, "more than %d rows", CENSUS_ROWS_MAX);
    struct census_row *slot = ARRAY_PUSH(census->rows, census->row_count, reader->row_capacity);
    if (!slot)
        return failure_set(why, FAILURE_SYSTEM, number, "out of memory");
    *slot = row;
    uint64_t *sum = &census->pages[page_class_of(row.flags)];
    *sum = add_saturating(*sum, row.pages);
    return true;
}

static bool take_line(struct census_reader *reader, struct slice line, uint64_t number,
                      struct failure *why)
{
    struct slice name, value;
    struct slice rest = line;
    if (reader->met_end)
        return failure_set(why, FAILURE_MALFORMED, number, "lines behind the end line");
    if (!next_word(&rest, &name))
        return failure_set(why, FAILURE_MALFORMED, number, "an empty line");
    if (slice_equal(name, SLICE("flags")))
        return add_row(reader, rest, number, why);
    if (slice_equal(name, SLICE("end")))
        return read_end(rest, reader) ||
               failure_set(why, FAILURE_MALFORMED, number, "the end line does not fit the rows");
    if (!next_word(&rest, &value) || !read_header(reader, name, value))
        return failure_set(why, FAILURE_MALFORMED, number, "a wrong value, or one given twice");
    return true;
}

static bool take_text(struct census_reader *reader, struct slice text, struct failure *why)
{
    struct slice line, word;
    uint64_t number = 0, version;
    if (!text_is_whole(text, why))
        return false;
    if (!next_line(&text, &line, &number) || !next_word(&line, &word) ||
        !slice_equal(word, SLICE("census")) || !next_decimal(&line, &version))
        return failure_set(why, FAILURE_MALFORMED, 1, "no 'census VERSION' in the first line");
    if (version != CENSUS_VERSION)
        return failure_set(why, FAILURE_UNSUPPORTED, 1, "a census of another version than %d",
                           CENSUS_VERSION);
    while (next_line(&text, &line, &number))
        if (!take_line(reader, line, number, why))
            return false;
    if (!reader->met_end)
        return failure_set(why, FAILURE_MALFORMED, number, "no end line: the census is cut");
    if (reader->seen != (1U << HEADER_KEY_COUNT) - 1)
        return failure_set(why, FAILURE_MALFORMED, number, "a header line is missing");
    return true;
}

bool census_parse(struct slice text, struct census *out, struct failure *why)
{
    struct census_reader reader = {0};
    if (!take_text(&reader, text, why)) {
        census_deinit(&reader.census);
        return false;
    }
    *out = reader.census;
    return true;
}
