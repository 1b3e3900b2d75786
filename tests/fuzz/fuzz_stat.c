/* Targets: process_stat_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/process/stat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct process_stat result;
    fuzz_poison(&result, sizeof result);
    bool parsed = process_stat_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        fuzz_require_inside(result.comm, text);
        /* nothing behind the name closes a bracket */
        const char *behind = result.comm.at + result.comm.length_bytes + 1;
        fuzz_require(!memchr(behind, ')', size - (size_t)(behind - text.at)));
    }
    return 0;
}
