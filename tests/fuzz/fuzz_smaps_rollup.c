/* Targets: smaps_rollup_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/process/smaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct smaps_mapping result;
    fuzz_poison(&result, sizeof result);
    bool parsed = smaps_rollup_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        fuzz_require_inside(result.name, text);
        fuzz_require_inside(result.vm_flags, text);
        fuzz_require(result.start <= result.end && (result.present & SMAPS_BIT(SMAPS_RSS)));
    }
    return 0;
}
