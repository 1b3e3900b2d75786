#include "tests/unit/model/plain_tar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { BLOCK_BYTES = 512 };

void plain_tar_create(struct plain_tar *tar)
{
    const char *base = getenv("TMPDIR");
    int length = snprintf(tar->path, sizeof tar->path, "%s/memtally-tar-XXXXXX",
                          base && strlen(base) < 32 ? base : "/tmp");
    assert_in_range(length, 1, sizeof tar->path - 1);
    int file = mkstemp(tar->path);
    assert_true(file >= 0);
    tar->to = fdopen(file, "wb");
    assert_non_null(tar->to);
}

static void put_octal(char *field, size_t digits, size_t value)
{
    for (size_t i = digits; i > 0; i--, value /= 8)
        field[i - 1] = (char)('0' + value % 8);
}

/* ustar: name, mode, owner, size, time, checksum, type, magic; all numbers octal. */
static void put_header(FILE *to, const char *name, size_t bytes)
{
    char header[BLOCK_BYTES] = {0};
    size_t sum = 0;
    snprintf(header, 100, "%s", name);
    put_octal(header + 100, 7, 0600);
    put_octal(header + 108, 7, 0);
    put_octal(header + 116, 7, 0);
    put_octal(header + 124, 11, bytes);
    put_octal(header + 136, 11, 0);
    memset(header + 148, ' ', 8);
    header[156] = '0';
    memcpy(header + 257, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof header; i++)
        sum += (unsigned char)header[i];
    put_octal(header + 148, 6, sum);
    header[154] = '\0';
    assert_int_equal(fwrite(header, 1, sizeof header, to), sizeof header);
}

static void put_zeros(FILE *to, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        assert_int_equal(fputc('\0', to), '\0');
}

void plain_tar_put(struct plain_tar *tar, const char *name, const char *text)
{
    size_t bytes = strlen(text);
    put_header(tar->to, name, bytes);
    assert_int_equal(fwrite(text, 1, bytes, tar->to), bytes);
    put_zeros(tar->to, (BLOCK_BYTES - bytes % BLOCK_BYTES) % BLOCK_BYTES);
}

void plain_tar_end(struct plain_tar *tar)
{
    put_zeros(tar->to, 2 * (size_t)BLOCK_BYTES);
    plain_tar_cut(tar);
}

void plain_tar_cut(struct plain_tar *tar)
{
    assert_int_equal(fclose(tar->to), 0);
    tar->to = NULL;
}

void plain_tar_remove(struct plain_tar *tar)
{
    assert_int_equal(unlink(tar->path), 0);
}
