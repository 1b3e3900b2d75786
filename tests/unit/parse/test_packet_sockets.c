/* analyzer/parse/system/packet_sockets.c */
#include "tests/unit/parse/parse_support.h"

#include "analyzer/parse/system/packet_sockets.h"

#define HEADING "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"
#define SOCKET  "00000000a1b2c3d4 3      3    0003   2     1 4352   0      21467\n"

static bool parse(struct slice text, struct failure *why)
{
    struct packet_sockets parsed_file = {0};
    bool parsed = packet_sockets_parse(text, &parsed_file, why);
    packet_sockets_deinit(&parsed_file);
    return parsed;
}

static void reads_inodes_and_queues(void **state)
{
    (void)state;
    struct packet_sockets sockets = {0};
    struct failure why = {0};
    assert_true(packet_sockets_parse(
        SLICE(HEADING SOCKET "0000000000000000 3 10 88cc 0 1 100 101 31\n"), &sockets, &why));
    assert_int_equal(sockets.count, 2);
    assert_int_equal(sockets.inodes[0], 21467);
    assert_int_equal(sockets.inodes[1], 31);
    assert_int_equal(sockets.queued_bytes, 4452);
    packet_sockets_deinit(&sockets);
    assert_true(packet_sockets_parse(SLICE(HEADING), &sockets, &why)); /* none is not absent */
    assert_int_equal(sockets.count, 0);
    packet_sockets_deinit(&sockets);
}

static void refuses_what_is_no_packet(void **state)
{
    (void)state;
    static const struct rejected rejected[] = {
        {"empty",      "",                                          1, "heading"     },
        {"no heading", SOCKET,                                      1, "heading"     },
        {"short line", HEADING "0 3 3 0003 2 1 4352 0\n",           2, "does not fit"},
        {"long line",  HEADING "0 3 3 0003 2 1 4352 0 21467 1\n",   2, "does not fit"},
        {"no number",  HEADING SOCKET "0 3 3 0003 2 1 x 0 21467\n", 3, "does not fit"},
        {"cut",        HEADING "0 3 3 0003 2 1 4352 0 21",          2, "cut"         },
        {"negative",   HEADING "0 3 3 0003 2 1 4352 0 -1\n",        2, "does not fit"},
    };
    EXPECT_REJECTED(parse, rejected);
    assert_int_equal(expect_safe_prefixes(parse, HEADING SOCKET), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_inodes_and_queues),
        cmocka_unit_test(refuses_what_is_no_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
