#include "analyzer/parse/process/smaps_layout.h"

#include <stdlib.h>

#include "analyzer/parse/owned_text.h"
#include "analyzer/parse/process/smaps_header.h"
#include "analyzer/parse/text_cursor.h"

/* A size line as every kernel prints it while the value has at most 8 digits. */
enum {
    VALUE_OFFSET = 16,
    VALUE_DIGITS = 8,
    UNIT_OFFSET = 24,
    SIZE_LINE_BYTES = 28,
    THP_LINE_BYTES = 25
};

static const char *const field_keys[SMAPS_FIELD_COUNT] = {
#define SMAPS_ROW(constant, key) [SMAPS_##constant] = (key),
    SMAPS_FIELDS(SMAPS_ROW)
#undef SMAPS_ROW
};

const char *smaps_field_name(enum smaps_field field)
{
    return (unsigned)field < SMAPS_FIELD_COUNT ? field_keys[field] : "";
}

void smaps_layout_init(struct smaps_layout *layout)
{
    *layout = (struct smaps_layout){.first = SMAPS_NO_SHAPE};
}

void smaps_layout_deinit(struct smaps_layout *layout)
{
    for (size_t i = 0; i < layout->unknown_name_count; i++)
        free(layout->unknown_names[i]);
    smaps_layout_init(layout);
}

bool smaps_block_begin(struct smaps_block *block, const struct smaps_layout *layout,
                       struct slice line)
{
    memset(block, 0, sizeof *block);
    block->mapping.thp_eligible = -1;
    block->expected = layout->first;
    block->previous = SMAPS_NO_SHAPE;
    return smaps_header_parse(line, &block->mapping);
}

/* ---- the slow way: any line ------------------------------------------------------------ */

static uint8_t find_shape(const struct smaps_layout *layout, uint8_t expected, struct slice key)
{
    if (expected != SMAPS_NO_SHAPE && slice_equal(layout->shapes[expected].key, key))
        return expected;
    uint8_t i = 0;
    while (i < layout->shape_count && !slice_equal(layout->shapes[i].key, key))
        i++;
    return i < layout->shape_count ? i : SMAPS_NO_SHAPE;
}

/* What kind of line has this key; its static name in *name, NULL for an unknown one. */
static enum smaps_key_kind classify(struct slice key, unsigned *field, const char **name)
{
    for (*field = 0; *field < SMAPS_FIELD_COUNT; *field += 1) {
        *name = field_keys[*field];
        if (slice_equal(slice_of(*name), key))
            return SMAPS_KEY_SIZE;
    }
    *field = 0;
    *name = "THPeligible";
    if (slice_equal(slice_of(*name), key))
        return SMAPS_KEY_THP_ELIGIBLE;
    *name = "VmFlags";
    if (slice_equal(slice_of(*name), key))
        return SMAPS_KEY_VM_FLAGS;
    *name = NULL;
    return SMAPS_KEY_OTHER;
}

/* Adds a shape for a key seen for the first time; SMAPS_NO_SHAPE with *why set on failure. */
static uint8_t learn_shape(struct smaps_layout *layout, struct slice key, uint64_t number,
                           struct failure *why)
{
    unsigned field;
    const char *name;
    if (layout->shape_count == SMAPS_SHAPES_MAX) {
        failure_set(why, FAILURE_LIMIT, number, "more than %d different fields", SMAPS_SHAPES_MAX);
        return SMAPS_NO_SHAPE;
    }
    enum smaps_key_kind kind = classify(key, &field, &name);
    if (!name) {
        char *copy = owned_text(key);
        if (!copy) {
            failure_set(why, FAILURE_SYSTEM, number, "out of memory");
            return SMAPS_NO_SHAPE;
        }
        field = (unsigned)layout->unknown_name_count;
        layout->unknown_names[layout->unknown_name_count++] = copy;
        name = copy;
    }
    struct smaps_shape *shape = &layout->shapes[layout->shape_count];
    *shape = (struct smaps_shape){.kind = (uint8_t)kind,
                                  .field = (uint8_t)field,
                                  .next = SMAPS_NO_SHAPE,
                                  .key = slice_of(name)};
    memset(shape->image, ' ', sizeof shape->image);
    for (size_t i = 0; i < sizeof shape->image && i <= key.length_bytes; i++)
        shape->image[i] = i < key.length_bytes ? key.at[i] : ':';
    return layout->shape_count++;
}

/* "   4 kB" */
static bool read_size(struct slice text, uint64_t *bytes, const char **what)
{
    struct slice word;
    uint64_t number;
    *what = "is no number";
    if (!next_decimal(&text, &number))
        return false;
    *what = "has no unit";
    if (!next_word(&text, &word) || !slice_equal(word, SLICE("kB")) || next_word(&text, &word))
        return false;
    *what = "overflows";
    return !__builtin_mul_overflow(number, UINT64_C(1024), bytes);
}

/* A value that does not begin with a number is left out: nothing says what it is. */
static void store_other(struct smaps_mapping *mapping, unsigned index, struct slice value)
{
    uint64_t number;
    if (index >= SMAPS_OTHERS_MAX || !next_decimal(&value, &number))
        return;
    mapping->other_number[index] = number;
    mapping->others_present |= (uint8_t)(1u << index);
}

/* Stores the value of a line in the mapping; *what says why not. */
static bool store_value(struct smaps_layout *layout, struct smaps_mapping *mapping,
                        const struct smaps_shape *shape, struct slice value, const char **what)
{
    uint64_t number;
    switch ((enum smaps_key_kind)shape->kind) {
    case SMAPS_KEY_SIZE:
        if (!read_size(value, &mapping->value_bytes[shape->field], what))
            return false;
        mapping->present |= SMAPS_BIT(shape->field);
        return true;
    case SMAPS_KEY_THP_ELIGIBLE:
        *what = "is neither 0 nor 1";
        if (!parse_decimal(trim_blanks(value), &number) || number > 1)
            return false;
        mapping->thp_eligible = (int8_t)number;
        return true;
    case SMAPS_KEY_VM_FLAGS:
        mapping->vm_flags = trim_blanks(value);
        return true;
    case SMAPS_KEY_OTHER:
        store_other(mapping, shape->field, value);
        break;
    }
    layout->unknown_lines++;
    return true;
}

/* Makes `shape` what is expected behind the line before. */
static void expect_after(struct smaps_layout *layout, const struct smaps_block *block,
                         uint8_t shape)
{
    uint8_t *expectation =
        block->previous == SMAPS_NO_SHAPE ? &layout->first : &layout->shapes[block->previous].next;
    if (*expectation != SMAPS_NO_SHAPE && *expectation != shape)
        layout->relearnt++;
    *expectation = shape;
}

static bool take_any_line(struct smaps_layout *layout, struct smaps_block *block, struct slice line,
                          uint64_t number, struct failure *why)
{
    struct slice key;
    struct slice value;
    const char *what = "";
    if (line.length_bytes > SMAPS_LINE_LIMIT)
        return failure_set(why, FAILURE_LIMIT, number, "a line longer than %u bytes",
                           SMAPS_LINE_LIMIT);
    if (!split_at(line, ':', &key, &value) || key.length_bytes == 0 ||
        key.length_bytes > SMAPS_KEY_BYTES_MAX || key.at[0] < 'A' || key.at[0] > 'Z')
        return failure_set(why, FAILURE_MALFORMED, number,
                           "neither a mapping nor a field: is this smaps?");
    uint8_t index = find_shape(layout, block->expected, key);
    if (index == SMAPS_NO_SHAPE &&
        (index = learn_shape(layout, key, number, why)) == SMAPS_NO_SHAPE)
        return false;
    const struct smaps_shape *shape = &layout->shapes[index];
    if (block->seen >> index & 1)
        return failure_set(why, FAILURE_MALFORMED, number, "field '%s' printed twice",
                           shape->key.at);
    if (!store_value(layout, &block->mapping, shape, value, &what))
        return failure_set(why, FAILURE_MALFORMED, number, "value of '%s' %s", shape->key.at, what);
    expect_after(layout, block, index);
    block->seen |= UINT64_C(1) << index;
    block->previous = index;
    block->expected = shape->next;
    return true;
}

/* ---- the fast way: the line that is expected -------------------------------------------- */

/* Eight columns, right-aligned: "       0", "    1232". */
static inline bool read_padded(const char *at, uint64_t *value)
{
    if (memcmp(at, "       0", VALUE_DIGITS) == 0) {
        *value = 0;
        return true;
    }
    unsigned i = 0;
    while (i < VALUE_DIGITS - 1 && at[i] == ' ')
        i++;
    uint32_t total = 0;
    for (; i < VALUE_DIGITS; i++) {
        uint32_t digit = (uint32_t)(unsigned char)at[i] - '0';
        if (digit > 9)
            return false;
        total = total * 10 + digit;
    }
    *value = total;
    return true;
}

/* A size line in its usual width. False, with nothing changed, when the slow way must look. */
static inline bool take_size_line(struct smaps_mapping *mapping, const struct smaps_shape *shape,
                                  const char *at)
{
    uint64_t number;
    if (memcmp(at, shape->image, SMAPS_KEY_IMAGE_BYTES) != 0 ||
        memcmp(at + UNIT_OFFSET, " kB\n", SIZE_LINE_BYTES - UNIT_OFFSET) != 0 ||
        !read_padded(at + VALUE_OFFSET, &number))
        return false;
    mapping->value_bytes[shape->field] = number * 1024;
    mapping->present |= SMAPS_BIT(shape->field);
    return true;
}

/* "THPeligible:           0" as kernels print it. */
static inline bool take_thp_line(struct smaps_mapping *mapping, const struct smaps_shape *shape,
                                 const char *at)
{
    const char *last = at + VALUE_OFFSET + VALUE_DIGITS - 1;
    if (memcmp(at, shape->image, SMAPS_KEY_IMAGE_BYTES) != 0 ||
        memcmp(at + VALUE_OFFSET, "       ", VALUE_DIGITS - 1) != 0 ||
        (*last != '0' && *last != '1') || last[1] != '\n')
        return false;
    mapping->thp_eligible = (int8_t)(*last - '0');
    return true;
}

/* "VmFlags: rd mr mw me " with one blank at its end; returns its length, 0 for the slow way. */
static inline size_t take_flags_line(struct smaps_mapping *mapping, const char *at, const char *end)
{
    static const char key[] = "VmFlags: ";
    const size_t key_bytes = sizeof key - 1;
    if (memcmp(at, key, key_bytes) != 0)
        return 0;
    const char *flags = at + key_bytes;
    /* Two letters and a blank each: the end is where the third byte is another. */
    const char *p = flags;
    while (end - p > 3 && p[2] == ' ' && p[0] > ' ' && p[1] > ' ')
        p += 3;
    if (p == flags || p == end || *p != '\n')
        return 0;
    mapping->vm_flags = (struct slice){flags, (size_t)(p - 1 - flags)};
    return (size_t)(p + 1 - at);
}

/* Takes one line of an expected shape; returns its length, 0 when the slow way must look. */
static inline size_t take_shaped_line(struct smaps_mapping *mapping,
                                      const struct smaps_shape *shape, const char *at,
                                      const char *end)
{
    if (shape->kind == SMAPS_KEY_SIZE)
        return take_size_line(mapping, shape, at) ? SIZE_LINE_BYTES : 0;
    if (shape->kind == SMAPS_KEY_THP_ELIGIBLE)
        return take_thp_line(mapping, shape, at) ? THP_LINE_BYTES : 0;
    return shape->kind == SMAPS_KEY_VM_FLAGS ? take_flags_line(mapping, at, end) : 0;
}

/* Takes lines as long as they are of the expected shapes; returns where it stopped. */
static const char *take_expected_lines(const struct smaps_layout *layout, struct smaps_block *block,
                                       const char *at, const char *end, uint64_t *number)
{
    uint8_t expected = block->expected;
    uint8_t previous = block->previous;
    uint64_t seen = block->seen;
    while (expected != SMAPS_NO_SHAPE && end - at >= SIZE_LINE_BYTES) {
        const struct smaps_shape *shape = &layout->shapes[expected];
        size_t length = 0;
        if (!(seen >> expected & 1))
            length = take_shaped_line(&block->mapping, shape, at, end);
        if (length == 0)
            break;
        seen |= UINT64_C(1) << expected;
        previous = expected;
        expected = shape->next;
        at += length;
        *number += 1;
    }
    block->expected = expected;
    block->previous = previous;
    block->seen = seen;
    return at;
}

bool smaps_layout_take_fields(struct smaps_layout *layout, struct smaps_block *block,
                              struct slice *text, uint64_t *number, struct failure *why)
{
    const char *end = text->at + text->length_bytes;
    for (const char *at = text->at;;) {
        at = take_expected_lines(layout, block, at, end, number);
        *text = (struct slice){at, (size_t)(end - at)};
        if (at == end || smaps_is_header(*at))
            return true;
        struct slice line;
        next_line(text, &line, number);
        if (!take_any_line(layout, block, line, *number, why))
            return false;
        at = text->at;
    }
}
