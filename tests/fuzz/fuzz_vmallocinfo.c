/* Targets: vmallocinfo_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/vmallocinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct vmallocinfo result;
    fuzz_poison(&result, sizeof result);
    bool parsed = vmallocinfo_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        for (size_t i = 0; i < result.count; i++) {
            const struct vmalloc_area *area = &result.areas[i];
            fuzz_require(area->caller && vmalloc_type_word(area->type)[0]);
            fuzz_require(area->has_pages || area->pages == 0);
        }
        vmallocinfo_deinit(&result);
    }
    return 0;
}
