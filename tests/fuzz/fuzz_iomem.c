/* Targets: iomem_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/iomem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct iomem result;
    bool is_hidden = false;
    fuzz_poison(&result, sizeof result);
    bool parsed = iomem_parse(text, &result, &is_hidden, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (!parsed)
        return 0;
    if (is_hidden || !result.system_ram.known)
        fuzz_require(!result.kernel_code.known && !result.crash_kernel.known &&
                     !result.reserved_in_ram.known);
    fuzz_require(!result.system_ram.known || result.system_ram.bytes > 0);
    return 0;
}
