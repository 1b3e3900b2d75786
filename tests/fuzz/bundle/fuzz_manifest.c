/* Targets: manifest_parse, manifest_number. */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/bundle/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest manifest;
    struct failure why = {0};
    uint64_t number;
    fuzz_poison(&manifest, sizeof manifest);
    bool parsed = manifest_parse(fuzz_text(data, size), &manifest, &why);
    fuzz_check(parsed, &why, &manifest, sizeof manifest);
    if (!parsed)
        return 0;
    fuzz_require(manifest.format_major == BUNDLE_FORMAT_MAJOR);
    fuzz_require(manifest.value[MANIFEST_FORMAT] != NULL);
    for (unsigned i = 0; i < MANIFEST_KEY_COUNT; i++) {
        enum manifest_key key = (enum manifest_key)i;
        fuzz_require(!manifest.value[i] || strlen(manifest.value[i]) < size);
        fuzz_require(!manifest_number(&manifest, key, &number) || manifest.value[i][0] <= '9');
    }
    manifest_deinit(&manifest);
    return 0;
}
