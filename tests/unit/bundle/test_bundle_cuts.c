/* A bundle that is cut or damaged on its way gives all that came before, and a clear word. */
#include "tests/unit/bundle/reading.h"

#include <stdlib.h>

#include "tests/support/own_form.h"

static const struct slice manifest = {"format 1.0\nhost h\n", 18};

/* A small bundle of our own: a frame a pass. */
static struct built small_bundle(void)
{
    static const char *const paths[] = {"proc/1/smaps", "proc/1/smaps_rollup", "proc/1/stat",
                                        "proc/meminfo"};
    struct tree_file files[4];
    for (size_t i = 0; i < 4; i++) {
        files[i].path = strdup(paths[i]);
        files[i].length_bytes = 100 + 400 * i;
        files[i].text = malloc(files[i].length_bytes);
        assert_non_null(files[i].text);
        for (size_t b = 0; b < files[i].length_bytes; b++)
            files[i].text[b] = (char)('a' + (b * b + i) % 26);
    }
    struct tree_files tree = {.files = files, .count = 4};
    struct built built = tree_pack_own(&tree, "memtally-h", manifest);
    for (size_t i = 0; i < 4; i++) {
        free(files[i].path);
        free(files[i].text);
    }
    return built;
}

/* Every member of the cut reading is one of the whole reading, in the same order, and only the
 * last may lack its end. */
static void assert_is_start_of(const struct reading *cut, const struct reading *whole)
{
    assert_true(cut->count <= whole->count);
    for (size_t i = 0; i < cut->count; i++) {
        const struct read_member *a = &cut->members[i], *b = &whole->members[i];
        assert_string_equal(a->path, b->path);
        assert_true(a->text.count <= b->text.count);
        if (a->text.count > 0)
            assert_memory_equal(a->text.at, b->text.at, a->text.count);
        assert_int_equal(a->complete, a->text.count == b->text.count && a->why.kind == 0);
        if (i + 1 < cut->count)
            assert_true(a->complete);
    }
}

static void check_cut(const struct built *built, size_t length, const struct reading *whole)
{
    struct reading cut = read_bytes(built->at, length, &default_limits);
    assert_int_equal(cut.opened, length > 0);
    if (cut.opened) {
        assert_is_start_of(&cut, whole);
        assert_int_equal(cut.result, BUNDLE_BROKEN);
        assert_int_equal(cut.why.kind, FAILURE_TRUNCATED);
        assert_int_equal(cut.why.position, length);
    }
    reading_deinit(&cut);
}

static void a_small_bundle_cut_at_every_byte(void **state)
{
    struct built built = small_bundle();
    struct reading whole = read_bytes(built.at, built.count, &default_limits);
    (void)state;
    assert_int_equal(whole.result, BUNDLE_END);
    assert_int_equal(whole.count, 6);
    for (size_t length = 0; length < built.count; length++)
        check_cut(&built, length, &whole);
    reading_deinit(&whole);
    free(built.at);
}

static void a_larger_bundle_cut_at_every_4_kb(void **state)
{
    struct tree_files tree = tree_read(FIXTURES_FOLDER "/trees/amd64-6.1-mix-after");
    struct built built = tree_pack_own(&tree, "memtally-h", manifest);
    struct reading whole = read_bytes(built.at, built.count, &default_limits);
    (void)state;
    assert_int_equal(whole.result, BUNDLE_END);
    assert_int_equal(whole.count, tree.count + 2);
    assert_true(built.count > 16384);
    for (size_t length = 0; length < built.count; length += 4096)
        check_cut(&built, length, &whole);
    reading_deinit(&whole);
    tree_free(&tree);
    free(built.at);
}

/* All members that lie in frames before the cut are there in full, and of the frame that is cut all
 * whole blocks. */
static void a_cut_loses_no_frame_before_it(void **state)
{
    enum { FRAMES = 5, MEMBER_BYTES = 300000 };
    char *text = malloc(MEMBER_BYTES + 1);
    size_t borders[FRAMES];
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < MEMBER_BYTES; i++)
        text[i] = (char)(' ' + (i * 2654435761U >> 7) % 90);
    text[MEMBER_BYTES] = '\0';
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    for (size_t i = 0; i < FRAMES; i++) {
        char path[] = "proc/1/smaps";
        path[5] = (char)('1' + i);
        builder_add(builder, path, text, 0);
        builder_end_frame(builder);
        borders[i] = builder_packed_bytes(builder);
    }
    struct built built = builder_finish(builder);
    for (size_t i = 0; i + 1 < FRAMES; i++) {
        size_t almost = borders[i + 1] - 1;
        struct reading cut = read_bytes(built.at, almost, &default_limits);
        assert_int_equal(cut.why.kind, FAILURE_TRUNCATED);
        /* Only the checksum of the frame is cut: its data are all there. */
        assert_int_equal(cut.count, i + 2);
        assert_true(cut.members[i].complete);
        assert_int_equal(cut.members[i + 1].text.count, MEMBER_BYTES);
        reading_deinit(&cut);
    }
    free(built.at);
    free(text);
}

/* Cut between two frames, a foreign tar just ends. */
static void a_foreign_tar_cut_between_frames_ends_there(void **state)
{
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    builder_add(builder, "proc/meminfo", "x", 0);
    builder_end_frame(builder);
    size_t border = builder_packed_bytes(builder);
    builder_add(builder, "proc/vmstat", "y", 0);
    struct built built = builder_finish(builder);
    struct reading cut = read_bytes(built.at, border, &default_limits);
    assert_int_equal(cut.count, 1);
    assert_true(cut.result == BUNDLE_END || cut.why.kind == FAILURE_TRUNCATED);
    reading_deinit(&cut);
    free(built.at);
}

static void a_flipped_byte_is_noticed(void **state)
{
    struct built built = small_bundle();
    struct reading whole = read_bytes(built.at, built.count, &default_limits);
    (void)state;
    for (size_t i = 0; i < built.count; i++) {
        for (unsigned bit = 0; bit < 8; bit += 3) {
            built.at[i] ^= (unsigned char)(1U << bit);
            struct reading hurt = read_bytes(built.at, built.count, &default_limits);
            /* The frame's magic and header may come to mean something else that is valid
             * (a skippable frame, another window); data may not. */
            if (hurt.opened && hurt.result == BUNDLE_END)
                assert_is_start_of(&hurt, &whole);
            built.at[i] ^= (unsigned char)(1U << bit);
            reading_deinit(&hurt);
        }
    }
    reading_deinit(&whole);
    free(built.at);
}

static void damage_is_not_called_a_cut(void **state)
{
    struct built built = small_bundle();
    (void)state;
    built.at[built.count - 1] ^= 1; /* in the last frame's checksum */
    struct reading hurt = read_bytes(built.at, built.count, &default_limits);
    assert_int_equal(hurt.count, 6);
    assert_true(hurt.members[5].complete);
    assert_int_equal(hurt.result, BUNDLE_BROKEN);
    assert_int_equal(hurt.why.kind, FAILURE_DAMAGED);
    assert_non_null(strstr(hurt.why.message, "checksum"));
    assert_true(hurt.why.position > built.count - 32 && hurt.why.position <= built.count);
    reading_deinit(&hurt);

    built.at[built.count - 1] ^= 1;
    size_t good_bytes = built.count;
    built_append(&built, "\n\n\n\n\n\n", 6);
    for (size_t extra = 1; extra <= 6; extra++) {
        hurt = read_bytes(built.at, good_bytes + extra, &default_limits);
        assert_int_equal(hurt.count, 6);
        assert_int_equal(hurt.why.kind, FAILURE_DAMAGED);
        assert_int_equal(hurt.why.position, good_bytes);
        assert_non_null(strstr(hurt.why.member, "/proc/self/fd/"));
        reading_deinit(&hurt);
    }
    free(built.at);
}

/* Blocks before a damaged one are delivered, even if they lie in one frame with it. */
static void blocks_before_the_damage_are_delivered(void **state)
{
    enum { TEXT_BYTES = 1 << 20, BLOCK_BYTES = 128 << 10 };
    char *text = malloc(TEXT_BYTES + 1);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < TEXT_BYTES; i++)
        text[i] = (char)(' ' + (i * i * 2654435761U >> 9) % 90);
    text[TEXT_BYTES] = '\0';
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    builder_add(builder, "proc/1/smaps", text, 0);
    struct built built = builder_finish(builder);
    /* Zeros are a wrong block header or a wrong Huffman table somewhere in the second half. */
    memset(built.at + built.count / 2, 0, built.count / 2);
    struct reading hurt = read_bytes(built.at, built.count, &default_limits);
    assert_int_equal(hurt.result, BUNDLE_BROKEN);
    assert_int_equal(hurt.count, 1);
    assert_true(hurt.members[0].text.count > TEXT_BYTES / 2 - 2 * BLOCK_BYTES);
    assert_memory_equal(hurt.members[0].text.at, text, TEXT_BYTES / 2 - 2 * BLOCK_BYTES);
    reading_deinit(&hurt);
    free(built.at);
    free(text);
}

/* libarchive's filters may keep what they did not finish, but never call a cut anything else. */
static void other_packings_are_told_to_be_cut(void **state)
{
    static const enum builder_packing packings[] = {PACKED_NONE, PACKED_GZIP, PACKED_XZ,
                                                    PACKED_BZIP2, PACKED_LZ4};
    struct tree_files tree = tree_read(FIXTURES_FOLDER "/trees/only-meminfo");
    (void)state;
    for (size_t i = 0; i < sizeof packings / sizeof packings[0]; i++) {
        struct bundle_builder *builder = builder_create(packings[i], FORM_PAX);
        for (size_t f = 0; f < tree.count; f++)
            builder_add_entry(builder, &(struct builder_entry){
                                           .path = tree.files[f].path,
                                           .text = {tree.files[f].text, tree.files[f].length_bytes},
            });
        struct built built = builder_finish(builder);
        for (size_t length = 1; length < built.count; length += 1 + built.count / 200) {
            struct reading cut = read_bytes(built.at, length, &default_limits);
            bool refused = !cut.opened && cut.why.kind == FAILURE_MALFORMED && length < 700;
            bool cut_short = cut.result == BUNDLE_BROKEN && cut.why.kind == FAILURE_TRUNCATED;
            bool ended = cut.result == BUNDLE_END; /* within the padding, or between members */
            if (!refused && !cut_short && !ended)
                fail_msg("packing %d cut at %zu: %s", (int)packings[i], length, cut.why.message);
            reading_deinit(&cut);
        }
        free(built.at);
    }
    tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_bundle_cut_at_every_byte),
        cmocka_unit_test(a_larger_bundle_cut_at_every_4_kb),
        cmocka_unit_test(a_cut_loses_no_frame_before_it),
        cmocka_unit_test(a_foreign_tar_cut_between_frames_ends_there),
        cmocka_unit_test(a_flipped_byte_is_noticed),
        cmocka_unit_test(damage_is_not_called_a_cut),
        cmocka_unit_test(blocks_before_the_damage_are_delivered),
        cmocka_unit_test(other_packings_are_told_to_be_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
