/* Bundles that somebody made in order to do harm, or that are no bundles. */
#include "tests/unit/bundle/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/own_form.h"

static void paths_that_leave_the_tree_are_skipped(void **state)
{
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    builder_add(builder, "proc/meminfo", "x", 0);
    builder_add(builder, "proc/../../etc/passwd", "evil", 0);
    builder_add(builder, "../proc/meminfo", "evil", 0);
    builder_add(builder, "/proc/vmstat", "absolute", 0);
    struct built built = builder_finish(builder);
    struct reading reading = read_bytes(built.at, built.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.count, 2);
    assert_member(&reading, "proc/vmstat", "absolute");
    assert_int_equal(reading.facts.skipped_unsafe, 2);
    assert_int_equal(reading.facts.members, 2);
    reading_deinit(&reading);
    free(built.at);
}

static void a_hole_is_zeros(void **state)
{
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_NONE, FORM_PAX);
    builder_add_entry(builder, &(struct builder_entry){.path = "proc/1/pagemap",
                                                       .is_sparse = true,
                                                       .size_bytes = 300000,
                                                       .hole_before = 100000,
                                                       .text = SLICE("middle")});
    builder_add(builder, "proc/meminfo", "x", 0);
    struct built built = builder_finish(builder);
    assert_true(built.count < 20000);
    struct reading reading = read_bytes(built.at, built.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.count, 2);
    const struct read_member *sparse = &reading.members[0];
    assert_true(sparse->complete);
    assert_int_equal(sparse->text.count, 300000);
    assert_memory_equal(sparse->text.at + 100000, "middle", 6);
    for (size_t i = 0; i < 300000; i++)
        if (i < 100000 || i >= 100006)
            assert_int_equal(sparse->text.at[i], 0);
    assert_member(&reading, "proc/meminfo", "x");
    reading_deinit(&reading);
    free(built.at);
}

/* A few hundred bytes of tar that claim 4 TiB: the ratio says no, and soon. */
static void a_hole_of_terabytes_hits_a_limit(void **state)
{
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_NONE, FORM_PAX);
    builder_add_entry(builder, &(struct builder_entry){.path = "proc/1/pagemap",
                                                       .is_sparse = true,
                                                       .size_bytes = UINT64_C(4) << 40,
                                                       .text = SLICE("start")});
    builder_add(builder, "proc/meminfo", "x", 0);
    struct built built = builder_finish_without_end(builder);
    struct reading reading = count_bytes(built.at, built.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_BROKEN);
    assert_int_equal(reading.why.kind, FAILURE_LIMIT);
    assert_non_null(strstr(reading.why.message, "ratio"));
    assert_true(reading.data_bytes < UINT64_C(256) << 20);
    reading_deinit(&reading);
    free(built.at);
}

/* Headers of headers: libarchive must give up before the stack does. */
static void a_chain_of_special_headers_is_refused(void **state)
{
    enum { HEADERS = 200000, BLOCK = 512 };
    struct built chain = {0};
    static const char magic[8] = {'u', 's', 't', 'a', 'r', 0, '0', '0'};
    unsigned char block[BLOCK] = "././@PaxHeader";
    (void)state;
    memcpy(block + 100, "0000644", 8);
    memcpy(block + 108, "0000000", 8);
    memcpy(block + 116, "0000000", 8);
    memcpy(block + 124, "00000000000", 12);
    memcpy(block + 136, "00000000000", 12);
    block[156] = 'x';
    memcpy(block + 257, magic, sizeof magic);
    unsigned sum = 8 * ' ';
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= 148 && i < 156 ? 0U : block[i];
    snprintf((char *)block + 148, 8, "%06o", sum);
    block[155] = ' ';
    for (size_t i = 0; i < HEADERS; i++)
        built_append(&chain, block, BLOCK);
    struct built packed = zstd_pack((struct slice){(const char *)chain.at, chain.count}, 1, 0);
    struct reading reading = read_bytes(packed.at, packed.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_BROKEN);
    assert_int_equal(reading.count, 0);
    reading_deinit(&reading);
    free(packed.at);
    free(chain.at);
}

static const struct no_bundle {
    const char *bytes;
    size_t count;
    const char *word; /* in the message */
} no_bundles[] = {
    {"",                     0,  "empty file"},
    {"MemTotal: 1 kB\n",     15, "text file?"},
    {"\x7f"
     "ELF\x02\x01\x01", 7,  "text file?"},
    {"PK\x03\x04",           4,  "text file?"},
    {"{\"schema\": 1}\n",    14, "text file?"},
    {"x",                    1,  "text file?"},
};

static void what_is_no_archive_is_refused_with_a_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_bundles / sizeof no_bundles[0]; i++) {
        struct reading reading =
            read_bytes(no_bundles[i].bytes, no_bundles[i].count, &default_limits);
        assert_false(reading.opened);
        assert_int_equal(reading.why.kind, FAILURE_MALFORMED);
        assert_non_null(strstr(reading.why.message, "not a bundle"));
        assert_non_null(strstr(reading.why.message, no_bundles[i].word));
        reading_deinit(&reading);
    }
    struct built packed = zstd_pack(SLICE("only some text\n"), 3, 0);
    struct reading reading = read_bytes(packed.at, packed.count, &default_limits);
    assert_false(reading.opened);
    assert_non_null(strstr(reading.why.message, "no tar inside"));
    reading_deinit(&reading);
    free(packed.at);
}

static void what_cannot_be_opened_says_why(void **state)
{
    struct failure why = {0};
    (void)state;
    assert_null(bundle_open("/nonexistent/x.tar.zst", &default_limits, &why));
    assert_int_equal(why.kind, FAILURE_SYSTEM);
    assert_string_equal(why.member, "/nonexistent/x.tar.zst");
    assert_string_equal(why.message, "cannot open: No such file or directory");
}

/* An archive without any proc/ is an archive; only the facts tell. */
static void a_tar_without_proc_is_told_by_its_facts(void **state)
{
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_GZIP, FORM_PAX);
    builder_add(builder, "src/main.c", "int main", 0);
    struct built built = builder_finish(builder);
    struct reading reading = read_bytes(built.at, built.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.facts.members, 1);
    assert_int_equal(reading.facts.proc_members, 0);
    assert_false(reading.facts.has_manifest);
    assert_string_equal(reading.root, "(none)");
    reading_deinit(&reading);
    free(built.at);
}

/* One plain tar, one byte changed at a time, all headers included: anything but a crash. */
static void no_byte_of_a_plain_tar_can_do_harm(void **state)
{
    static const enum builder_form dialects[] = {FORM_PAX, FORM_GNU};
    (void)state;
    for (size_t d = 0; d < sizeof dialects / sizeof dialects[0]; d++) {
        struct bundle_builder *builder = builder_create(PACKED_NONE, dialects[d]);
        builder_add(builder, "top/proc/meminfo", "MemTotal: 1 kB\n", 1234567890);
        builder_add_entry(builder, &(struct builder_entry){.type = BUILD_LINK,
                                                           .path = "top/proc/1/exe",
                                                           .target = "/bin/sh"});
        struct built built = builder_finish(builder);
        for (size_t i = 0; i < built.count; i++) {
            static const unsigned char values[] = {0x00, 0x80, 0xff, '9', ' ', '/'};
            unsigned char before = built.at[i];
            for (size_t v = 0; v < sizeof values; v++) {
                built.at[i] = values[v];
                struct reading reading = count_bytes(built.at, built.count, &default_limits);
                reading_deinit(&reading);
            }
            built.at[i] = before;
        }
        free(built.at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_that_leave_the_tree_are_skipped),
        cmocka_unit_test(a_hole_is_zeros),
        cmocka_unit_test(a_hole_of_terabytes_hits_a_limit),
        cmocka_unit_test(a_chain_of_special_headers_is_refused),
        cmocka_unit_test(what_is_no_archive_is_refused_with_a_word),
        cmocka_unit_test(what_cannot_be_opened_says_why),
        cmocka_unit_test(a_tar_without_proc_is_told_by_its_facts),
        cmocka_unit_test(no_byte_of_a_plain_tar_can_do_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
