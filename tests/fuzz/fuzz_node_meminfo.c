/* Targets: node_meminfo_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/meminfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct failure why = {0};
    struct field_record result;
    unsigned node;
    fuzz_poison(&result, sizeof result);
    fuzz_poison(&node, sizeof node);
    bool parsed = node_meminfo_parse(fuzz_text(data, size), &node, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    fuzz_check(parsed, &why, &node, sizeof node);
    if (parsed)
        field_record_deinit(&result);
    return 0;
}
