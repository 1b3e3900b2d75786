/* Targets: parse_decimal, parse_signed_decimal, parse_hexadecimal, next_word, last_word,
 * trim_blanks, hugepages_folder_parse */
#include "tests/fuzz/fuzz_support.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/parse/system/single_number.h"
#include "analyzer/parse/text_cursor.h"

/* What was read as a number prints as the text, but for leading zeros. */
static void check_decimal(struct slice text)
{
    char printed[32];
    uint64_t number;
    int64_t with_sign;
    bool is_negative = slice_starts(text, SLICE("-"));
    if (!parse_signed_decimal(text, &with_sign))
        fuzz_require(!parse_decimal(text, &number) || number > INT64_MAX);
    else
        fuzz_require(is_negative ? with_sign <= 0 : with_sign >= 0);
    if (!parse_decimal(text, &number))
        return;
    while (text.length_bytes > 1 && text.at[0] == '0')
        text = slice_skip(text, 1);
    int length = snprintf(printed, sizeof printed, "%" PRIu64, number);
    fuzz_require(slice_equal(text, (struct slice){printed, (size_t)length}));
}

/* As many words from the left as from the right. */
static void check_words(struct slice text)
{
    struct slice word;
    size_t from_left = 0;
    size_t from_right = 0;
    for (struct slice rest = text; next_word(&rest, &word); from_left++)
        fuzz_require_inside(word, text);
    for (struct slice rest = text; last_word(&rest, &word); from_right++)
        fuzz_require_inside(word, text);
    fuzz_require(from_left == from_right);
    fuzz_require((trim_blanks(text).length_bytes == 0) == (from_left == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    uint64_t value;
    check_decimal(text);
    check_words(text);
    if (parse_hexadecimal(text, &value))
        fuzz_require(size >= 1 && size <= 16);
    if (hugepages_folder_parse(text, &value))
        fuzz_require(value % 1024 == 0);
    return 0;
}
