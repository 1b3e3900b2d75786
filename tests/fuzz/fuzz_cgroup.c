/* Targets: process_cgroup_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/process/cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct process_cgroup result;
    fuzz_poison(&result, sizeof result);
    bool parsed = process_cgroup_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        fuzz_require_inside(result.path, text);
        fuzz_require(result.found || result.path.length_bytes == 0);
    }
    return 0;
}
