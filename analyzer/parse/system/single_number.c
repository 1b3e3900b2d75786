#include "analyzer/parse/system/single_number.h"

#include "analyzer/parse/text_cursor.h"

bool single_number_parse(struct slice text, int64_t *value, struct failure *why)
{
    if (ends_with_newline(text))
        text.length_bytes--;
    if (!parse_signed_decimal(text, value))
        return failure_set(why, FAILURE_MALFORMED, 1, "not a single number");
    return true;
}

bool hugepages_folder_parse(struct slice name, uint64_t *bytes)
{
    struct slice start = SLICE("hugepages-");
    struct slice unit = SLICE("kB");
    uint64_t number;
    if (!slice_starts(name, start))
        return false;
    name = slice_skip(name, start.length_bytes);
    if (!slice_ends(name, unit))
        return false;
    name.length_bytes -= unit.length_bytes;
    uint64_t product;
    if (!parse_decimal(name, &number) || __builtin_mul_overflow(number, UINT64_C(1024), &product))
        return false;
    *bytes = product;
    return true;
}
