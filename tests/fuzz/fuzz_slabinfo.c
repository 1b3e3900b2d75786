/* Targets: slabinfo_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/slabinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct slabinfo result;
    fuzz_poison(&result, sizeof result);
    bool parsed = slabinfo_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        for (size_t i = 0; i < result.count; i++)
            fuzz_require(result.caches[i].name);
        slabinfo_deinit(&result);
    }
    return 0;
}
