/* Targets: sysvipc_shm_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/sysvipc_shm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct sysvipc_shm result;
    fuzz_poison(&result, sizeof result);
    bool parsed = sysvipc_shm_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        for (size_t i = 0; i < result.count; i++)
            fuzz_require(result.segments[i].has_rss == result.segments[0].has_rss);
        sysvipc_shm_deinit(&result);
    }
    return 0;
}
