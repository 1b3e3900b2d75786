/* What may come: every packing, every dialect of tar, every kind of entry. */
#include "tests/unit/bundle/reading.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzer/bundle/journal.h"
#include "tests/support/own_form.h"

static const char meminfo[] = "MemTotal: 1 kB\n";

/* The members that every form below has. */
static void add_tree(struct bundle_builder *builder)
{
    builder_add_entry(builder, &(struct builder_entry){.type = BUILD_FOLDER, .path = "h/proc"});
    builder_add(builder, "h/proc/meminfo", meminfo, 5);
    builder_add(builder, "h/proc/1/smaps", "", 1);
    builder_add(builder, "h/notes", "hello", 0);
}

static const struct form {
    enum builder_packing packing;
    enum builder_form form;
    const char *name;
} forms[] = {
    {PACKED_ZSTD,     FORM_PAX,   "tar, zstd"         },
    {PACKED_NONE,     FORM_PAX,   "tar"               },
    {PACKED_NONE,     FORM_GNU,   "tar"               },
    {PACKED_NONE,     FORM_USTAR, "tar"               },
    {PACKED_NONE,     FORM_V7,    "tar"               },
    {PACKED_GZIP,     FORM_PAX,   "tar, gzip"         },
    {PACKED_XZ,       FORM_PAX,   "tar, xz"           },
    {PACKED_LZMA,     FORM_PAX,   "tar, lzma"         },
    {PACKED_LZIP,     FORM_PAX,   "tar, lzip"         },
    {PACKED_BZIP2,    FORM_PAX,   "tar, bzip2"        },
    {PACKED_LZ4,      FORM_PAX,   "tar, lz4"          },
    {PACKED_COMPRESS, FORM_PAX,   "tar, compress (.Z)"},
};

static void opens_every_packing_and_dialect(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct bundle_builder *builder = builder_create(forms[i].packing, forms[i].form);
        add_tree(builder);
        struct built built = builder_finish(builder);
        struct reading reading = read_bytes(built.at, built.count, &default_limits);
        assert_int_equal(reading.result, BUNDLE_END);
        assert_string_equal(reading.form, forms[i].name);
        assert_string_equal(reading.root, "h/");
        assert_int_equal(reading.count, 3);
        assert_member(&reading, "proc/meminfo", meminfo);
        assert_member(&reading, "proc/1/smaps", "");
        assert_member(&reading, "notes", "hello");
        assert_int_equal(reading.facts.members, 3);
        assert_int_equal(reading.facts.proc_members, 2);
        assert_int_equal(reading.facts.packed_size_bytes, built.count);
        reading_deinit(&reading);
        free(built.at);
    }
}

/* As smemcap writes: no end mark, and "proc/" is missing. */
static void a_foreign_tar_may_just_end(void **state)
{
    struct bundle_builder *builder = builder_create(PACKED_NONE, FORM_V7);
    (void)state;
    builder_add(builder, "meminfo", meminfo, 0);
    builder_add(builder, "version", "Linux\n", 0);
    builder_add(builder, "17/smaps", "text\n", 0);
    struct built built = builder_finish_without_end(builder);
    struct reading reading = read_bytes(built.at, built.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_member(&reading, "proc/meminfo", meminfo);
    assert_member(&reading, "proc/version", "Linux\n");
    assert_member(&reading, "proc/17/smaps", "text\n");
    reading_deinit(&reading);
    free(built.at);
}

static void our_own_tar_may_not_just_end(void **state)
{
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    (void)state;
    builder_add(builder, "memtally-h/manifest", "format 1.0\n", 0);
    builder_add(builder, "memtally-h/proc/meminfo", meminfo, 0);
    struct built built = builder_finish_without_end(builder);
    struct reading reading = read_bytes(built.at, built.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_BROKEN);
    assert_int_equal(reading.why.kind, FAILURE_TRUNCATED);
    assert_true(reading.facts.has_manifest);
    assert_member(&reading, "proc/meminfo", meminfo);
    reading_deinit(&reading);
    free(built.at);
}

static void times_and_parts_are_told(void **state)
{
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    (void)state;
    builder_add(builder, "t/manifest", "format 1.0\n", INT64_C(1767225600123456789));
    builder_add(builder, "t/proc/9/smaps.part-0001", "a", -1500000000);
    builder_add(builder, "t/proc/9/smaps.part-0002", "b", 0);
    struct built built = builder_finish(builder);
    struct reading reading = read_bytes(built.at, built.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.count, 3);
    assert_true(reading.members[0].has_mtime);
    assert_true(reading.members[0].mtime_ns == INT64_C(1767225600123456789));
    assert_int_equal(reading.members[0].part, 0);
    assert_true(reading.members[1].mtime_ns == -1500000000);
    assert_int_equal(reading.members[1].part, 1);
    assert_int_equal(reading.members[2].part, 2);
    assert_string_equal(reading.members[2].path, "proc/9/smaps");
    reading_deinit(&reading);
    free(built.at);
}

static void add_special(struct bundle_builder *builder, enum builder_type type, const char *path,
                        const char *target)
{
    builder_add_entry(builder,
                      &(struct builder_entry){.type = type, .path = path, .target = target});
}

static void only_files_and_links_are_members(void **state)
{
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    builder_add(builder, "proc/1/stat", "1", 0);
    add_special(builder, BUILD_FOLDER, "proc/1/fd", NULL);
    add_special(builder, BUILD_LINK, "proc/1/fd/0", "/dev/null (deleted)");
    add_special(builder, BUILD_LINK, "proc/1/exe", "../../../etc/passwd");
    add_special(builder, BUILD_HARD_LINK, "proc/1/statm", "/etc/passwd");
    add_special(builder, BUILD_DEVICE, "proc/1/mem", NULL);
    add_special(builder, BUILD_FIFO, "proc/1/pipe", NULL);
    struct built built = builder_finish(builder);
    struct reading reading = read_bytes(built.at, built.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.count, 3);
    assert_member(&reading, "proc/1/fd/0.link", "/dev/null (deleted)");
    assert_member(&reading, "proc/1/exe.link", "../../../etc/passwd");
    assert_int_equal(reading.facts.skipped_special, 3);
    reading_deinit(&reading);
    free(built.at);
}

static void the_first_of_two_roots_wins(void **state)
{
    struct bundle_builder *builder = builder_create(PACKED_GZIP, FORM_PAX);
    (void)state;
    builder_add(builder, "host1/proc/meminfo", meminfo, 0);
    builder_add(builder, "host2/proc/meminfo", "other", 0);
    builder_add(builder, "host2/proc/1/stat", "other", 0);
    builder_add(builder, "host1/proc/1/stat", "mine", 0);
    struct built built = builder_finish(builder);
    struct reading reading = read_bytes(built.at, built.count, &default_limits);
    assert_string_equal(reading.root, "host1/");
    assert_int_equal(reading.count, 2);
    assert_member(&reading, "proc/1/stat", "mine");
    assert_int_equal(reading.facts.skipped_other_root, 2);
    reading_deinit(&reading);
    free(built.at);
}

/* Names are bytes: whatever the locale and the dialect, they come through unchanged. */
static void names_in_utf8_survive_the_c_locale(void **state)
{
    static const enum builder_form dialects[] = {FORM_PAX, FORM_GNU, FORM_USTAR};
    (void)state;
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
        struct bundle_builder *builder = builder_create(PACKED_NONE, dialects[i]);
        builder_add(builder, "proc/1/n\xc3\xa4me \xe2\x82\xac", "x", 0);
        struct built built = builder_finish(builder);
        struct reading reading = read_bytes(built.at, built.count, &default_limits);
        assert_int_equal(reading.count, 1);
        assert_member(&reading, "proc/1/n\xc3\xa4me \xe2\x82\xac", "x");
        reading_deinit(&reading);
        free(built.at);
    }
}

static void several_frames_and_skippable_ones_are_one_stream(void **state)
{
    static const unsigned char skippable[] = {0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
    struct built all = {0};
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    builder_add(builder, "proc/meminfo", meminfo, 0);
    builder_end_frame(builder);
    builder_add(builder, "proc/1/stat", "1", 0);
    builder_end_frame(builder);
    struct built built = builder_finish(builder);
    built_append(&all, skippable, sizeof skippable);
    built_append(&all, built.at, built.count);
    built_append(&all, skippable, sizeof skippable);
    struct reading reading = read_bytes(all.at, all.count, &default_limits);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.count, 2);
    reading_deinit(&reading);
    free(built.at);
    free(all.at);
}

/* A pipe gives few bytes at a time, and has no size. */
static void reads_standard_input(void **state)
{
    int ends[2];
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    add_tree(builder);
    struct built built = builder_finish(builder);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (size_t i = 0; i < built.count; i++)
            if (write(ends[1], built.at + i, 1) != 1)
                _exit(1);
        _exit(0);
    }
    close(ends[1]);
    int before = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct reading reading = read_path("-", &default_limits, true);
    if (before >= 0) {
        dup2(before, STDIN_FILENO);
        close(before);
    }
    waitpid(child, NULL, 0);
    assert_int_equal(reading.result, BUNDLE_END);
    assert_member(&reading, "proc/meminfo", meminfo);
    assert_int_equal(reading.facts.packed_size_bytes, 0);
    assert_int_equal(reading.facts.packed_bytes, built.count);
    reading_deinit(&reading);
    free(built.at);
}

static void a_member_that_is_not_read_is_passed_over(void **state)
{
    struct failure why = {0};
    struct bundle_member member;
    struct slice chunk;
    (void)state;
    struct bundle_builder *builder = builder_create(PACKED_ZSTD, FORM_PAX);
    builder_add(builder, "proc/meminfo", meminfo, 0);
    builder_add(builder, "proc/vmstat", "second", 0);
    struct built built = builder_finish(builder);
    char *path = write_temporary(built.at, built.count);
    struct bundle *bundle = bundle_open(path, &default_limits, &why);
    assert_non_null(bundle);
    assert_int_equal(bundle_next(bundle, &member, &why), BUNDLE_MEMBER);
    assert_int_equal(bundle_next(bundle, &member, &why), BUNDLE_MEMBER);
    assert_int_equal(bundle_read(bundle, &chunk, &why), BUNDLE_DATA);
    assert_memory_equal(chunk.at, "second", 6);
    assert_int_equal(bundle_read(bundle, &chunk, &why), BUNDLE_END);
    assert_int_equal(bundle_read(bundle, &chunk, &why), BUNDLE_END);
    assert_int_equal(bundle_next(bundle, &member, &why), BUNDLE_END);
    assert_int_equal(bundle_next(bundle, &member, &why), BUNDLE_END);
    bundle_close(bundle);
    bundle_close(NULL);
    unlink(path);
    free(path);
    free(built.at);
}

static bool keep_end(void *context, const struct journal_record *record, struct failure *why)
{
    (void)why;
    if (record->kind == JOURNAL_END)
        *(struct journal_record *)context = *record;
    return true;
}

/* What the golden tests pack their trees into is our own form, to the last record. */
static void a_packed_tree_has_a_manifest_and_a_journal(void **state)
{
    static const char manifest_text[] = "format 1.0\nstarted_realtime_ns 1000000000\n";
    struct tree_files tree = tree_read(FIXTURES_FOLDER "/trees/amd64-6.1-mix-after");
    struct built built = tree_pack_own(&tree, "memtally-h", slice_of(manifest_text));
    struct reading reading = read_bytes(built.at, built.count, &default_limits);
    struct journal_record end = {0};
    (void)state;
    assert_int_equal(reading.result, BUNDLE_END);
    assert_int_equal(reading.count, tree.count + 2);
    assert_string_equal(reading.members[0].path, "manifest");
    assert_member(&reading, "manifest", manifest_text);
    assert_true(reading.members[1].mtime_ns == 1000000000);
    assert_true(reading.members[2].mtime_ns == 1001000000);
    const struct read_member *journal = &reading.members[reading.count - 1];
    assert_string_equal(journal->path, "journal");
    struct slice text = {(const char *)journal->text.at, journal->text.count};
    assert_true(journal_parse(text, keep_end, &end, NULL));
    assert_int_equal(end.kind, JOURNAL_END);
    assert_int_equal(end.members, tree.count);
    assert_true(end.processes > 10 && end.mappings > end.processes);
    reading_deinit(&reading);
    tree_free(&tree);
    free(built.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_every_packing_and_dialect),
        cmocka_unit_test(a_foreign_tar_may_just_end),
        cmocka_unit_test(our_own_tar_may_not_just_end),
        cmocka_unit_test(times_and_parts_are_told),
        cmocka_unit_test(only_files_and_links_are_members),
        cmocka_unit_test(the_first_of_two_roots_wins),
        cmocka_unit_test(names_in_utf8_survive_the_c_locale),
        cmocka_unit_test(several_frames_and_skippable_ones_are_one_stream),
        cmocka_unit_test(reads_standard_input),
        cmocka_unit_test(a_member_that_is_not_read_is_passed_over),
        cmocka_unit_test(a_packed_tree_has_a_manifest_and_a_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
