/* Every limit that the reader looks at, just under and just over. */
#include "tests/unit/bundle/reading.h"

#include <stdio.h>
#include <stdlib.h>

static struct built tar_of(const char *const *paths, const char *const *texts, size_t count,
                           enum builder_packing packing)
{
    struct bundle_builder *builder = builder_create(packing, FORM_PAX);
    for (size_t i = 0; i < count; i++)
        builder_add(builder, paths[i], texts[i], 0);
    return builder_finish(builder);
}

static const char *const two_paths[] = {"proc/meminfo", "proc/1/smaps"};
static const char *const two_texts[] = {"12345", "1234567890"};

/* The last failure of a reading is LIMIT with these words. */
static void assert_limit(const struct failure *why, const char *name, const char *value,
                         const char *limit)
{
    assert_int_equal(why->kind, FAILURE_LIMIT);
    assert_non_null(strstr(why->message, name));
    assert_non_null(strstr(why->message, value));
    assert_non_null(strstr(why->message, limit));
}

static void members(void **state)
{
    struct bundle_limits limits = default_limits;
    struct built built = tar_of(two_paths, two_texts, 2, PACKED_ZSTD);
    (void)state;
    limits.members = 2;
    struct reading reading = read_bytes(built.at, built.count, &limits);
    assert_int_equal(reading.result, BUNDLE_END);
    reading_deinit(&reading);
    limits.members = 1;
    reading = read_bytes(built.at, built.count, &limits);
    assert_int_equal(reading.count, 1);
    assert_limit(&reading.why, "members", "2", "1");
    reading_deinit(&reading);
    free(built.at);
}

static void a_million_empty_members(void **state)
{
    enum { MEMBERS = 1000000, KEPT = 300000 };
    struct bundle_limits limits = default_limits;
    char path[32];
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_USTAR);
    for (int i = 0; i < MEMBERS; i++) {
        snprintf(path, sizeof path, "proc/%d/smaps", i);
        builder_add(builder, path, "", 0);
    }
    struct built built = builder_finish(builder);
    limits.members = KEPT;
    struct reading reading = count_bytes(built.at, built.count, &limits);
    assert_limit(&reading.why, "members", "300001", "300000");
    assert_int_equal(reading.facts.members, KEPT);
    reading_deinit(&reading);
    free(built.at);
}

/* A member too long is cut at the limit; those behind it are still read. */
static void stream_bytes(void **state)
{
    static const char *const paths[] = {"proc/1/smaps", "proc/meminfo"};
    struct bundle_limits limits = default_limits;
    struct built built = tar_of(paths, (const char *const[]){"1234567890", "123"}, 2, PACKED_ZSTD);
    (void)state;
    limits.stream_bytes = 10;
    struct reading reading = read_bytes(built.at, built.count, &limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_true(reading.members[0].complete);
    reading_deinit(&reading);
    limits.stream_bytes = 9;
    reading = read_bytes(built.at, built.count, &limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_false(reading.members[0].complete);
    assert_limit(&reading.members[0].why, "stream_bytes", "10", "9");
    assert_string_equal(reading.members[0].why.member, "proc/1/smaps");
    assert_member(&reading, "proc/meminfo", "123");
    reading_deinit(&reading);
    free(built.at);
}

/* Counted in the unpacked tar, with its headers. */
static void total_bytes(void **state)
{
    static const enum builder_packing packings[] = {PACKED_ZSTD, PACKED_GZIP, PACKED_NONE};
    struct bundle_limits limits = default_limits;
    struct built plain = tar_of(two_paths, two_texts, 2, PACKED_NONE);
    char number[32];
    (void)state;
    for (size_t i = 0; i < sizeof packings / sizeof packings[0]; i++) {
        struct built built = tar_of(two_paths, two_texts, 2, packings[i]);
        limits.total_bytes = plain.count;
        struct reading reading = read_bytes(built.at, built.count, &limits);
        assert_int_equal(reading.result, BUNDLE_END);
        reading_deinit(&reading);
        /* Not by one byte: libarchive need not read the last padding. */
        limits.total_bytes = 1024;
        reading = read_bytes(built.at, built.count, &limits);
        assert_int_equal(reading.result, BUNDLE_BROKEN);
        snprintf(number, sizeof number, "%llu", (unsigned long long)limits.total_bytes);
        assert_limit(&reading.why, "total_bytes", "", number);
        reading_deinit(&reading);
        free(built.at);
    }
    struct built packed = zstd_pack((struct slice){(const char *)plain.at, plain.count}, 3, 0);
    limits.total_bytes = plain.count;
    struct reading reading = read_bytes(packed.at, packed.count, &limits);
    assert_int_equal(reading.result, BUNDLE_END);
    reading_deinit(&reading);
    limits.total_bytes--;
    reading = read_bytes(packed.at, packed.count, &limits);
    assert_limit(&reading.why, "total_bytes", "", "");
    reading_deinit(&reading);
    free(packed.at);
    free(plain.at);
}

/* A member of zeros, 80 MiB of them, under any packing. */
static struct built bomb(enum builder_packing packing)
{
    enum { BYTES = 80 << 20 };
    char *zeros = calloc(1, BYTES);
    struct bundle_builder *builder = builder_create(packing, FORM_PAX);
    assert_non_null(zeros);
    builder_add_entry(builder, &(struct builder_entry){
                                   .path = "proc/1/smaps", .text = {zeros, BYTES}
    });
    free(zeros);
    return builder_finish(builder);
}

static void ratio(void **state)
{
    static const enum builder_packing packings[] = {PACKED_ZSTD, PACKED_GZIP, PACKED_XZ,
                                                    PACKED_BZIP2};
    (void)state;
    for (size_t i = 0; i < sizeof packings / sizeof packings[0]; i++) {
        struct bundle_limits limits = default_limits;
        struct built built = bomb(packings[i]);
        uint64_t real_ratio = ((UINT64_C(80) << 20) + 4096) / built.count;
        limits.ratio = real_ratio * 5; /* the first bytes may do better than all of them */
        struct reading reading = count_bytes(built.at, built.count, &limits);
        assert_int_equal(reading.result, BUNDLE_END);
        assert_int_equal(reading.data_bytes, UINT64_C(80) << 20);
        reading_deinit(&reading);
        limits.ratio = real_ratio / 5;
        reading = count_bytes(built.at, built.count, &limits);
        assert_int_equal(reading.result, BUNDLE_BROKEN);
        assert_limit(&reading.why, "ratio", "", "");
        assert_true(reading.data_bytes <= RATIO_FREE_BYTES + (4 << 20));
        assert_int_equal(reading.count, 0);
        reading_deinit(&reading);
        free(built.at);
    }
}

/* With the limits that everybody gets, zeros in zstd are refused. */
static void a_zstd_bomb_meets_the_default(void **state)
{
    enum { BYTES = 80 << 20 };
    char *zeros = calloc(1, BYTES);
    (void)state;
    assert_non_null(zeros);
    struct built built = zstd_pack((struct slice){zeros, BYTES}, 19, 0);
    free(zeros);
    assert_true(BYTES / built.count > default_limits.ratio);
    /* No tar at all: an all-empty one, so the bomb is what comes behind its end. */
    struct reading reading = count_bytes(built.at, built.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_BROKEN);
    assert_limit(&reading.why, "ratio", "", "4000");
    reading_deinit(&reading);
    free(built.at);
}

static void path_bytes(void **state)
{
    char path[5001];
    struct bundle_limits limits = default_limits;
    (void)state;
    memset(path, 'a', sizeof path);
    for (size_t i = 200; i < sizeof path; i += 200)
        path[i] = '/';
    path[5000] = '\0';
    struct built built = tar_of((const char *const[]){path}, two_texts, 1, PACKED_ZSTD);
    struct reading reading = read_bytes(built.at, built.count, &limits);
    assert_limit(&reading.why, "path_bytes", "5000", "4096");
    reading_deinit(&reading);
    limits.path_bytes = 5000;
    reading = read_bytes(built.at, built.count, &limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_member(&reading, path, two_texts[0]);
    reading_deinit(&reading);
    limits.path_bytes = 4999;
    reading = read_bytes(built.at, built.count, &limits);
    assert_limit(&reading.why, "path_bytes", "5000", "4999");
    reading_deinit(&reading);
    free(built.at);
}

static void path_bytes_of_a_target(void **state)
{
    struct bundle_limits limits = default_limits;
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    builder_add_entry(builder, &(struct builder_entry){.type = BUILD_LINK,
                                                       .path = "proc/1/exe",
                                                       .target = "/twelve/bytes"});
    struct built built = builder_finish(builder);
    limits.path_bytes = 13;
    struct reading reading = read_bytes(built.at, built.count, &limits);
    assert_int_equal(reading.result, BUNDLE_END);
    reading_deinit(&reading);
    limits.path_bytes = 12;
    reading = read_bytes(built.at, built.count, &limits);
    assert_limit(&reading.why, "target", "13", "12");
    reading_deinit(&reading);
    free(built.at);
}

static void window_log(void **state)
{
    struct bundle_limits limits = default_limits;
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    builder_add(builder, "proc/meminfo", "x", 0);
    struct built built = builder_finish(builder);
    /* The frame's header: magic, descriptor, window (exponent in the upper five bits). */
    assert_int_equal(built.at[4] & 0x20, 0);
    built.at[5] = (27 - 10) << 3;
    struct reading reading = read_bytes(built.at, built.count, &limits);
    assert_int_equal(reading.result, BUNDLE_END);
    reading_deinit(&reading);
    built.at[5] = ((27 - 10) << 3) + 1;
    reading = read_bytes(built.at, built.count, &limits);
    assert_limit(&reading.why, "window_log", "150994944", "134217728");
    reading_deinit(&reading);
    built.at[5] = (31 - 10) << 3;
    reading = read_bytes(built.at, built.count, &limits);
    assert_limit(&reading.why, "window_log", "2147483648", "134217728");
    assert_int_equal(reading.count, 0);
    reading_deinit(&reading);
    free(built.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members),      cmocka_unit_test(a_million_empty_members),
        cmocka_unit_test(stream_bytes), cmocka_unit_test(total_bytes),
        cmocka_unit_test(ratio),        cmocka_unit_test(a_zstd_bomb_meets_the_default),
        cmocka_unit_test(path_bytes),   cmocka_unit_test(path_bytes_of_a_target),
        cmocka_unit_test(window_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
