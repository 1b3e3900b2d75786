/* Targets: allocinfo_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/allocinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct allocinfo result;
    fuzz_poison(&result, sizeof result);
    bool parsed = allocinfo_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (!parsed)
        return 0;
    for (size_t i = 0; i < result.count; i++) {
        const struct allocinfo_site *site = &result.sites[i];
        fuzz_require_inside(site->file_line, text);
        fuzz_require_inside(site->module, text);
        fuzz_require_inside(site->function, text);
        fuzz_require(site->file_line.length_bytes && site->function.length_bytes);
        fuzz_require(site->bytes <= INT64_MAX && site->calls <= INT64_MAX);
    }
    allocinfo_deinit(&result);
    return 0;
}
