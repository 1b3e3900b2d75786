/* Hashes, names, and the stream of lines. */
#include "collector/redact/names.h"
#include "collector/redact/stream.h"

#include "tests/collector/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct redact_options everything = {CMDLINE_DROPPED, true, true, NULL};

static void assert_hash(const void *key, size_t key_length, const char *text, const char *expected)
{
    struct blake2s hash;
    uint8_t out[BLAKE2S_HASH_BYTES];
    char words[2 * BLAKE2S_HASH_BYTES + 1];
    blake2s_init(&hash, key, key_length);
    for (const char *at = text; *at; at++)
        blake2s_add(&hash, at, 1);
    blake2s_end(&hash, out);
    for (unsigned i = 0; i < BLAKE2S_HASH_BYTES; i++)
        snprintf(words + 2 * (size_t)i, 3, "%02x", out[i]);
    assert_string_equal(words, expected);
}

/* RFC 7693 appendix B, and the official list of keyed hashes (its first line). */
static void test_hash_vectors(void **state)
{
    (void)state;
    uint8_t key[BLAKE2S_KEY_BYTES];
    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    assert_hash(NULL, 0, "abc", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
    assert_hash(NULL, 0, "", "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9");
    assert_hash(key, sizeof key, "",
                "48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49");
    assert_hash(key, sizeof key,
                "0123456789012345678901234567890123456789012345678901234567890123456789",
                "cd50a1d1e8e55bd60a1e36cda6cec32b281af87b1d851d768c95692ac89933d8");
}

static struct redact with_key(const char *key)
{
    struct redact redact;
    redact_init_with(&redact, &everything, key, strlen(key));
    return redact;
}

/* Each hash in `text` becomes "#", so that tables below can be read. */
static void mask(char *text)
{
    char *to = text;
    for (const char *at = text; *at;) {
        if (*at == 'h' && strspn(at + 1, "0123456789abcdef") >= REDACT_HASH_DIGITS) {
            *to++ = '#';
            at += 1 + REDACT_HASH_DIGITS;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
}

static void test_mapping_names(void **state)
{
    (void)state;
    static const char *const table[][2] = {
        {"",                                      ""                                   },
        {"[heap]",                                "[heap]"                             },
        {"[stack:41]",                            "[stack:41]"                         },
        {"[vdso]",                                "[vdso]"                             },
        {"[anon:secret pool]",                    "[anon:#]"                           },
        {"[anon_shmem:secret]",                   "[anon_shmem:#]"                     },
        {"[secret]",                              "[#]"                                },
        {"/memfd:secret (deleted)",               "/memfd:# (deleted)"                 },
        {"/SYSV0000beef (deleted)",               "/SYSV0000beef (deleted)"            },
        {"/SYSVsecret00",                         "/#"                                 },
        {"/dev/zero (deleted)",                   "/dev/zero (deleted)"                },
        {"/dev/shm/secret",                       "/dev/shm/#"                         },
        {"anon_inode:[eventfd]",                  "anon_inode:[eventfd]"               },
        {"socket:[123]",                          "socket:[123]"                       },
        {"/usr/lib/x86_64-linux-gnu/libc.so.6",   "/usr/lib/x86_64-linux-gnu/libc.so.6"},
        {"/lib64/ld-linux-x86-64.so.2",           "/lib64/ld-linux-x86-64.so.2"        },
        {"/usr/lib/secret/libc.so.6",             "/usr/lib/#/#.so.6"                  },
        {"/usr/lib/x86_64-linux-gnu/secret/l.so", "/usr/lib/x86_64-linux-gnu/#/#.so"   },
        {"/usr/lib/lib secret.so",                "/usr/lib/#.so"                      },
        {"/usr/bin/secret",                       "/usr/bin/#"                         },
        {"/srv/bob/a secret/x.jar (deleted)",     "/srv/#/#/#.jar (deleted)"           },
        {"/srv/bob/x.secret",                     "/srv/#/#"                           },
        {"/srv/bob/.so",                          "/srv/#/#"                           },
        {"/opt/a/b/c/libx.so.1.22.333",           "/opt/#/#/#/#.so.1.22.333"           },
        {"/opt/libx.so.20261231",                 "/opt/#"                             },
        {"/../../secret",                         "/../../#"                           },
        {"secret/usr/lib/libc.so.6",              "#/#/#/#.so.6"                       },
    };
    struct redact redact = with_key("0123456789abcdef");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char storage[512];
        struct text text = TEXT_OVER(storage);
        redact_mapping_name(&redact, &text, table[i][0], strlen(table[i][0]));
        text_string(&text);
        mask(storage);
        assert_string_equal(storage, table[i][1]);
    }
}

static void test_the_key_decides(void **state)
{
    (void)state;
    struct redact one = with_key("0123456789abcdef"), same = one,
                  other = with_key("0123456789abcdeF");
    char storage[3][32];
    const struct redact *const keyed[] = {&one, &same, &other};
    for (unsigned i = 0; i < 3; i++) {
        struct text text = TEXT_OVER(storage[i]);
        redact_hash(keyed[i], &text, "secret", 6);
        text_string(&text);
    }
    assert_string_equal(storage[0], storage[1]);
    assert_string_not_equal(storage[0], storage[2]);
}

struct kept {
    char bytes[4096];
    size_t length;
};

static bool keep(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct kept *kept = context;
    (void)why;
    assert_true(kept->length + chunk->length < sizeof kept->bytes);
    memcpy(kept->bytes + kept->length, chunk->bytes, chunk->length);
    kept->length += chunk->length;
    kept->bytes[kept->length] = '\0';
    return true;
}

/* The text in chunks of `step` bytes. */
static void stream(struct redact_stream *stream, enum redact_kind kind, const char *text,
                   size_t length, size_t step, struct kept *kept)
{
    *kept = (struct kept){.length = 0};
    redact_stream_start(stream, kind, keep, kept);
    for (size_t at = 0; at < length; at += step) {
        size_t some = length - at < step ? length - at : step;
        struct fetch_chunk chunk = {
            .bytes = text + at, .length = some, .last = at + some == length};
        assert_true(redact_stream_take(stream, &chunk, NULL));
    }
}

static const struct {
    enum redact_kind kind;
    const char *text, *expected;
} members[] = {
    {REDACT_MAPPINGS,
     "7f00-7f01 r--p 00000000 fe:01 12                 /srv/secret\\012x y.so (deleted)\n"
     "Rss:      4 kB\nVmFlags: rd\n7f02-7f03 rw-p 00000000 00:00 0 \nRss:      8 kB\n"
     "7f04-7f05 rw-p 00000000 00:00 0      [heap]",                                                        "7f00-7f01 r--p 00000000 fe:01 12                 /srv/#.so (deleted)\n"
     "Rss:      4 kB\nVmFlags: rd\n7f02-7f03 rw-p 00000000 00:00 0 \nRss:      8 kB\n"
     "7f04-7f05 rw-p 00000000 00:00 0      [heap]"                                                                             },
    {REDACT_STAT,           "41 (a) S\nsecret (b) S 1 7\n",                                                "41 (#) S 1 7\n"                                                       },
    {REDACT_STATUS,         "Name:\ta\\nsecret\nUid:\t1\t2\nsecret\n",                                     "Name:\t#\nUid:\t1\t2\n"                                               },
    {REDACT_NAME,           "a\nsecret\n",                                                                 "#\n"                                                                  },
    {REDACT_LINK,           "/usr/bin/se\ncret (deleted)",                                                 "/usr/bin/# (deleted)"                                                 },
    {REDACT_PROCESS_CGROUP,
     "4:memory:/user.slice/secret.service\n0::/\n1:name=systemd:/a\n2:name=secret:/\nsecret:a:/x\n",       "4:memory:/user.slice/#.service\n0::/\n1:name=systemd:/#\n2:name=#:/\n"},
    {REDACT_SWAPS,          "Filename  Type\n/home/sec\\040ret   file  1 2 -2\nFilenamesecret x\n",
     "Filename  Type\n/home/#   file  1 2 -2\n# x\n"                                                                                                                              },
    {REDACT_MOUNTS,         "host:/secret /mnt/secret nfs4 rw,addr=secret,size=1k,secret,/secret=1 0 0\n",
     "#/# /mnt/# nfs4 rw,addr=#,size=1k,#,# 0 0\n"                                                                                                                                },
    {REDACT_MOUNTINFO,
     "36 35 98:0 /secret /mnt rw,x=secret shared:1 - fuse.secret secret rw,up=/s\nsecret secret a "
     "- b\n",                                                                                              "36 35 98:0 /# /mnt rw,x=# shared:1 - fuse.# # rw,up=#\n"              },
    {REDACT_HELD,
     "pipe inode 12\nheld kind memfd device 0:1 inode 7 bytes 4096 path "
     "/memfd:secret\\n\\x01 \\\\secret (deleted)\nheld secret\nsecret\npipe inode \n"
     "held kind shm path /dev/shm/secret\n",                                                               "pipe inode 12\nheld kind memfd device 0:1 inode 7 bytes 4096 path /memfd:# (deleted)\n"
     "held kind shm path /dev/shm/#\n"                                                                                                },
    {REDACT_VERSION,        "Linux version 6.1 (bob@secret) (gcc) #1\n",
     "Linux version 6.1 (#) (gcc) #1\n"                                                                                                                                           },
};

static void test_every_chunking_gives_the_same(void **state)
{
    (void)state;
    struct redact redact = with_key("0123456789abcdef");
    struct redact_stream redacted;
    struct kept kept;
    assert_true(redact_stream_init(&redacted, &redact, NULL));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        size_t length = strlen(members[i].text);
        for (size_t step = 1; step <= length; step++) {
            stream(&redacted, members[i].kind, members[i].text, length, step, &kept);
            assert_int_equal(redacted.bytes, kept.length);
            mask(kept.bytes);
            assert_string_equal(kept.bytes, members[i].expected);
            assert_false(redacted.cut);
        }
    }
    redact_stream_deinit(&redacted);
}

/* Reading was cut off anywhere: the lines that are whole are kept, what is not is nowhere. */
static void test_a_torn_line_is_left_out(void **state)
{
    (void)state;
    struct redact redact = with_key("0123456789abcdef");
    struct redact_stream redacted;
    struct kept kept, whole;
    assert_true(redact_stream_init(&redacted, &redact, NULL));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const char *text = members[i].text;
        for (size_t cut = 0; cut <= strlen(text); cut++) {
            size_t lines = redact_is_whole(members[i].kind) ? 0 : cut;
            while (lines > 0 && text[lines - 1] != '\n')
                lines--;
            stream(&redacted, members[i].kind, text, lines, strlen(text), &whole);
            kept = (struct kept){.length = 0};
            redact_stream_start(&redacted, members[i].kind, keep, &kept);
            const struct fetch_chunk before = {.bytes = text, .length = cut / 2};
            const struct fetch_chunk torn = {
                .bytes = text + cut / 2, .length = cut - cut / 2, .last = true, .torn = true};
            assert_true(redact_stream_take(&redacted, &before, NULL));
            assert_true(redact_stream_take(&redacted, &torn, NULL));
            assert_string_equal(kept.bytes, whole.bytes);
            assert_int_equal(redacted.bytes, kept.length);
        }
    }
    redact_stream_deinit(&redacted);
}

static void test_overlong_lines_are_left_out(void **state)
{
    (void)state;
    struct redact redact = with_key("0123456789abcdef");
    struct redact_stream redacted;
    struct kept kept;
    size_t length = REDACT_LINE_BYTES + 10;
    char *text = malloc(length + 5);
    assert_non_null(text);
    memset(text, 'x', length);
    text[length] = '\n';
    memcpy(text + length + 1, (const char[]){'b', ':', 'c', '\n'}, 4);
    assert_true(redact_stream_init(&redacted, &redact, NULL));
    for (size_t step = 1000; step < length + 1000; step += 13000) {
        stream(&redacted, REDACT_MAPPINGS, text, length + 5, step, &kept);
        assert_string_equal(kept.bytes, "b:c\n");
        assert_true(redacted.cut);
    }
    redact_stream_deinit(&redacted);
    free(text);
}

static void test_rules(void **state)
{
    (void)state;
    const struct redact_options off = {CMDLINE_WHOLE, false, false, NULL};
    assert_int_equal(redact_kind_of(&everything, "proc/1/smaps"), REDACT_MAPPINGS);
    assert_int_equal(redact_kind_of(&everything, "proc/1/task/2/status"), REDACT_STATUS);
    assert_int_equal(redact_kind_of(&everything, "proc/1/cmdline"), REDACT_DROP);
    assert_int_equal(redact_kind_of(&everything, "proc/cmdline"), REDACT_DROP);
    assert_int_equal(redact_kind_of(&everything, "proc/1/environ"), REDACT_DROP);
    assert_int_equal(redact_kind_of(&everything, "proc/meminfo"), REDACT_NOTHING);
    assert_int_equal(redact_kind_of(&off, "proc/1/smaps"), REDACT_NOTHING);
}

static void test_lists(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",     "x",           "paths,",  ",paths",
                                        "path", "all cmdline", "cmdline:"};
    struct redact_options options = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(redact_options_read(wrong[i], &options, NULL));
    options = (struct redact_options){0};
    assert_true(redact_options_read("all,cmdline:argv0", &options, NULL));
    assert_int_equal(options.cmdline, CMDLINE_ARGV0);
    assert_true(options.paths && options.names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_vectors),
        cmocka_unit_test(test_mapping_names),
        cmocka_unit_test(test_the_key_decides),
        cmocka_unit_test(test_every_chunking_gives_the_same),
        cmocka_unit_test(test_a_torn_line_is_left_out),
        cmocka_unit_test(test_overlong_lines_are_left_out),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
