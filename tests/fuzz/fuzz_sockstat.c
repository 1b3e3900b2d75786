/* Targets: sockstat_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/sockstat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct sockstat result;
    fuzz_poison(&result, sizeof result);
    bool parsed = sockstat_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        uint64_t value;
        for (size_t i = 0; i < result.count; i++)
            fuzz_require(
                sockstat_get(&result, result.values[i].protocol, result.values[i].name, &value));
        sockstat_deinit(&result);
    }
    return 0;
}
