/* Targets: single_number_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/single_number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    int64_t result;
    fuzz_poison(&result, sizeof result);
    bool parsed = single_number_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        fuzz_require(size > 0);
    }
    return 0;
}
