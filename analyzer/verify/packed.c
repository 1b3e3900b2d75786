#include "analyzer/verify/packed.h"

#define START(bytes)                                                                               \
    {                                                                                              \
        bytes, sizeof(bytes) - 1                                                                   \
    }

/* Long enough that no name of a process says one by chance. */
static const struct slice starts[] = {
    START("\x28\xb5\x2f\xfd"),     /* zstd */
    START("\x1f\x8b\x08"),         /* gzip */
    START("\xfd\x37zXZ\x00"),      /* xz */
    START("\x04\x22\x4d\x18"),     /* lz4 */
    START("LZIP\x01"),             /* lzip */
    START("PK\x03\x04"),           /* zip */
    START("7z\xbc\xaf\x27\x1c"),   /* 7-Zip */
    START("\x1f\x9d\x90"),         /* compress */
    START("\x5d\x00\x00\x80\x00"), /* lzma, as it is usually written */
};

/* "BZh", a digit, and the mark of the first block. */
static bool starts_bzip2(struct slice start)
{
    static const char block[] = "1AY&SY";
    return start.length_bytes >= 10 && memcmp(start.at, "BZh", 3) == 0 &&
           memcmp(start.at + 4, block, sizeof block - 1) == 0;
}

bool starts_packed(struct slice start)
{
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (start.length_bytes >= starts[i].length_bytes &&
            memcmp(start.at, starts[i].at, starts[i].length_bytes) == 0)
            return true;
    return starts_bzip2(start);
}
