/* Targets: process_statm_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/process/statm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct process_statm result;
    fuzz_poison(&result, sizeof result);
    bool parsed = process_statm_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        fuzz_require(size >= 14);
    }
    return 0;
}
