/* Targets: buddyinfo_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/buddyinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct buddyinfo result;
    fuzz_poison(&result, sizeof result);
    bool parsed = buddyinfo_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        fuzz_require(result.count > 0);
        (void)buddyinfo_free_pages(&result);
        buddyinfo_deinit(&result);
    }
    return 0;
}
