/* Targets: packet_sockets_parse */
#include "tests/fuzz/fuzz_support.h"

#include "analyzer/parse/system/packet_sockets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = fuzz_text(data, size);
    struct failure why = {0};
    struct packet_sockets result;
    fuzz_poison(&result, sizeof result);
    bool parsed = packet_sockets_parse(text, &result, &why);
    fuzz_check(parsed, &why, &result, sizeof result);
    if (parsed) {
        fuzz_require(result.count == 0 || result.inodes);
        packet_sockets_deinit(&result);
    }
    return 0;
}
