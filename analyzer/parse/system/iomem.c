#include "analyzer/parse/system/iomem.h"

#include <stddef.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/text_cursor.h"

#define INDENT_BYTES 2 /* of each level: kernel/resource.c prints depth * 2 blanks */

/* "  01000000-01ffffff : Kernel code" */
struct range {
    size_t depth;
    uint64_t first, last;
    struct slice name;
};

/* Ranges inside System RAM, at any depth below it. */
static const struct named_range {
    struct slice name;
    size_t offset;
} inside_ram[] = {
    {{"Kernel code", 11},   offsetof(struct iomem, kernel_code)  },
    {{"Kernel rodata", 13}, offsetof(struct iomem, kernel_rodata)},
    {{"Kernel data", 11},   offsetof(struct iomem, kernel_data)  },
    {{"Kernel bss", 10},    offsetof(struct iomem, kernel_bss)   },
    {{"Crash kernel", 12},  offsetof(struct iomem, crash_kernel) },
};

static bool read_range(struct slice line, struct range *out)
{
    size_t blanks = 0;
    while (blanks < line.length_bytes && line.at[blanks] == ' ')
        blanks++;
    struct slice first, last, addresses;
    struct slice rest = slice_skip(line, blanks);
    if (!next_word(&rest, &addresses) || !split_at(addresses, '-', &first, &last) ||
        !parse_hexadecimal(first, &out->first) || !parse_hexadecimal(last, &out->last) ||
        out->last < out->first || !slice_starts(rest, SLICE(" : ")))
        return false;
    out->depth = blanks / INDENT_BYTES;
    out->name = slice_skip(rest, 3);
    return true;
}

/* "System RAM", and "System RAM (kmem)" or "System RAM (virtio_mem)" where a driver added it. */
static bool is_ram(struct slice name)
{
    return slice_equal(name, SLICE("System RAM")) || slice_starts(name, SLICE("System RAM ("));
}

static void add_range(struct amount *sum, const struct range *range)
{
    uint64_t bytes = add_saturating(range->last - range->first, 1);
    *sum = amount_of(add_saturating(sum->bytes, bytes));
}

/* A range below System RAM, `below` levels deep in it. */
static void add_inside(struct iomem *iomem, const struct range *range, size_t below)
{
    for (size_t i = 0; i < sizeof inside_ram / sizeof inside_ram[0]; i++)
        if (slice_equal(range->name, inside_ram[i].name))
            add_range((struct amount *)((char *)iomem + inside_ram[i].offset), range);
    if (below == 1 && (slice_equal(range->name, SLICE("Reserved")) ||
                       slice_equal(range->name, SLICE("reserved"))))
        add_range(&iomem->reserved_in_ram, range);
}

bool iomem_parse(struct slice text, struct iomem *out, bool *is_hidden, struct failure *why)
{
    struct iomem parsed = {0};
    struct slice line;
    uint64_t number = 0;
    size_t ram_depth = SIZE_MAX; /* of the System RAM that we are in; SIZE_MAX: in none */
    bool all_zero = true;
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &number)) {
        struct range range;
        if (!read_range(line, &range))
            return failure_set(why, FAILURE_MALFORMED, number, "no 'FIRST-LAST : NAME' line");
        all_zero = all_zero && range.first == 0 && range.last == 0;
        if (ram_depth != SIZE_MAX && range.depth > ram_depth) {
            add_inside(&parsed, &range, range.depth - ram_depth);
            continue;
        }
        ram_depth = is_ram(range.name) ? range.depth : SIZE_MAX;
        if (ram_depth != SIZE_MAX)
            add_range(&parsed.system_ram, &range);
    }
    if (number == 0)
        return failure_set(why, FAILURE_MALFORMED, 1, "no range: is this /proc/iomem?");
    *is_hidden = all_zero;
    *out = all_zero ? (struct iomem){0} : parsed;
    return true;
}
