/* Targets: zoneinfo_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/zoneinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct zoneinfo result;
    fuzz_poison(&result, sizeof result);
    bool parsed = zoneinfo_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        uint64_t managed;
        fuzz_require(result.count > 0);
        (void)zoneinfo_managed_pages(&result, &managed);
        (void)zoneinfo_present_pages(&result);
        fuzz_require(zoneinfo_pcp_pages(&result) >= result.zones[0].pcp_pages);
        fuzz_require(zoneinfo_free_pages(&result) >= result.zones[0].free_pages);
        zoneinfo_deinit(&result);
    }
    return 0;
}
