/* Targets: keyed_number_parse, boot_log_parse, fd_link_next, pipe_target_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/process/fd_links.h"
#include "analyzer/parse/system/boot_log.h"
#include "analyzer/parse/system/keyed_number.h"

static void check_number(struct slice text, struct slice key, unsigned column)
{
    struct failure why = {0};
    uint64_t value;
    fuzz_poison(&value, sizeof value);
    bool parsed = keyed_number_parse(text, key, column, &value, &why);
    fuzz_check(parsed, &why, &value, sizeof value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size), rest = text, target;
    uint64_t inode;
    check_number(text, SLICE("current"), 1);
    check_number(text, SLICE("size"), 2);
    struct boot_log log = boot_log_parse(text);
    fuzz_require(!log.percpu_units.known || log.percpu_units.bytes <= size);
    while (fd_link_next(&rest, &target)) {
        fuzz_require_inside(target, text);
        if (pipe_target_parse(target, &inode))
            fuzz_require(target.length_bytes > 7);
    }
    return 0;
}
