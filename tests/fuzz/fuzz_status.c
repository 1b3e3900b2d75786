/* Targets: process_status_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/process/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct process_status result;
    fuzz_poison(&result, sizeof result);
    bool parsed = process_status_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        fuzz_require_inside(result.name, text);
        for (unsigned i = 0; i < STATUS_SIZE_COUNT; i++)
            fuzz_require(result.has_size[i] || result.size_bytes[i] == 0);
    }
    return 0;
}
