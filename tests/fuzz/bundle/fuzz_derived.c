/* Targets: derived_parse. A record is only told with what it is about. */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/bundle/derived.h"

static bool hear(void *context, const struct derived_record *record, struct failure *why)
{
    const struct slice *text = context;
    (void)why;
    fuzz_require_inside(record->type, *text);
    fuzz_require(record->path.length_bytes <= text->length_bytes);
    for (size_t i = 0; i < record->path.length_bytes; i++) {
        volatile char byte = record->path.at[i]; /* a read that the sanitizer sees */
        (void)byte;
    }
    switch (record->kind) {
    case DERIVED_MOUNT:
        fuzz_require(record->has_device && record->type.length_bytes);
        return true;
    case DERIVED_HELD:
        fuzz_require(record->type.length_bytes);
        return true;
    case DERIVED_PIPE:
        fuzz_require(record->has[DERIVED_INODE]);
        return true;
    }
    fuzz_require(false);
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    bool parsed = derived_parse(text, hear, &text, &why);
    fuzz_check(parsed, &why, NULL, 0);
    return 0;
}
