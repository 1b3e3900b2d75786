/* Targets: meminfo_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/meminfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct field_record result;
    fuzz_poison(&result, sizeof result);
    bool parsed = meminfo_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        uint64_t total;
        fuzz_require(field_get(&result, MEMINFO_MEM_TOTAL, &total) && total % 1024 == 0);
        fuzz_require(result.extra_count <= FIELD_EXTRA_LIMIT);
        field_record_deinit(&result);
    }
    return 0;
}
