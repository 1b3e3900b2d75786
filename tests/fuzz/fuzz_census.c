/* Targets: census_parse, page_class_of. The sums of the classes are those of the rows. */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/census.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct census result;
    fuzz_poison(&result, sizeof result);
    bool parsed = census_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (!parsed)
        return 0;
    uint64_t by_row = 0, by_class = 0;
    fuzz_require(result.page_bytes > 0);
    for (size_t i = 0; i < result.row_count; i++) {
        fuzz_require(result.rows[i].mapped <= result.rows[i].pages);
        fuzz_require(i == 0 || result.rows[i - 1].flags < result.rows[i].flags);
        by_row = add_saturating(by_row, result.rows[i].pages);
    }
    for (unsigned class = 0; class < PAGE_CLASS_COUNT; class ++)
        by_class = add_saturating(by_class, result.pages[class]);
    fuzz_require(by_row == by_class);
    census_deinit(&result);
    return 0;
}
