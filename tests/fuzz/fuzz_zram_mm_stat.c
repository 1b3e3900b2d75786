/* Targets: zram_mm_stat_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/zram_mm_stat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct zram_mm_stat result;
    fuzz_poison(&result, sizeof result);
    bool parsed = zram_mm_stat_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        fuzz_require(size >= 14);
    }
    return 0;
}
