/* Targets: proc_cgroups_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/proc_cgroups.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct proc_cgroups result;
    fuzz_poison(&result, sizeof result);
    bool parsed = proc_cgroups_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed)
        fuzz_require(result.found || result.memory_cgroups == 0);
    return 0;
}
