#include "collector/redact/blake2s.h"

#include <string.h>

static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static const uint8_t order[10][16] = {
    {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15},
    {14, 10, 4,  8,  9,  15, 13, 6,  1,  12, 0,  2,  11, 7,  5,  3 },
    {11, 8,  12, 0,  5,  2,  15, 13, 10, 14, 3,  6,  7,  1,  9,  4 },
    {7,  9,  3,  1,  13, 12, 11, 14, 2,  6,  5,  10, 4,  0,  15, 8 },
    {9,  0,  5,  7,  2,  4,  10, 15, 14, 1,  11, 12, 6,  8,  3,  13},
    {2,  12, 6,  10, 0,  11, 8,  3,  4,  13, 7,  5,  15, 14, 1,  9 },
    {12, 5,  1,  15, 14, 13, 4,  10, 0,  7,  6,  3,  9,  2,  8,  11},
    {13, 11, 7,  14, 12, 1,  3,  9,  5,  0,  15, 4,  8,  6,  2,  10},
    {6,  15, 14, 9,  11, 3,  0,  8,  12, 2,  13, 7,  1,  4,  10, 5 },
    {10, 2,  8,  4,  7,  6,  1,  5,  15, 11, 9,  14, 3,  12, 13, 0 },
};

/* The four columns, then the four diagonals of the 4 x 4 state. */
static const uint8_t mixed[8][4] = {
    {0, 4, 8,  12},
    {1, 5, 9,  13},
    {2, 6, 10, 14},
    {3, 7, 11, 15},
    {0, 5, 10, 15},
    {1, 6, 11, 12},
    {2, 7, 8,  13},
    {3, 4, 9,  14},
};

static uint32_t rotated(uint32_t word, unsigned right)
{
    return word >> right | word << (32 - right);
}

static void mix(uint32_t v[16], const uint8_t at[4], uint32_t x, uint32_t y)
{
    uint32_t a = v[at[0]], b = v[at[1]], c = v[at[2]], d = v[at[3]];
    a += b + x;
    d = rotated(d ^ a, 16);
    c += d;
    b = rotated(b ^ c, 12);
    a += b + y;
    d = rotated(d ^ a, 8);
    c += d;
    b = rotated(b ^ c, 7);
    v[at[0]] = a, v[at[1]] = b, v[at[2]] = c, v[at[3]] = d;
}

static void compress(struct blake2s *hash, bool last)
{
    uint32_t v[16], words[16];
    for (unsigned i = 0; i < 16; i++) {
        const uint8_t *at = hash->block + 4 * (size_t)i;
        words[i] =
            (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    }
    memcpy(v, hash->state, sizeof hash->state);
    memcpy(v + 8, start, sizeof start);
    v[12] ^= (uint32_t)hash->counted;
    v[13] ^= (uint32_t)(hash->counted >> 32);
    if (last)
        v[14] = ~v[14];
    for (unsigned round = 0; round < 10; round++)
        for (unsigned i = 0; i < 8; i++)
            mix(v, mixed[i], words[order[round][2 * i]], words[order[round][2 * i + 1]]);
    for (unsigned i = 0; i < 8; i++)
        hash->state[i] ^= v[i] ^ v[i + 8];
}

void blake2s_init(struct blake2s *hash, const void *key, size_t key_length)
{
    *hash = (struct blake2s){0};
    memcpy(hash->state, start, sizeof start);
    hash->state[0] ^= 0x01010000u ^ (uint32_t)key_length << 8 ^ BLAKE2S_HASH_BYTES;
    if (key_length) {
        memcpy(hash->block, key, key_length);
        hash->held = BLAKE2S_BLOCK_BYTES;
    }
}

void blake2s_add(struct blake2s *hash, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    while (length > 0) {
        if (hash->held == BLAKE2S_BLOCK_BYTES) { /* not the last: more follows */
            hash->counted += BLAKE2S_BLOCK_BYTES;
            compress(hash, false);
            hash->held = 0;
        }
        size_t room = BLAKE2S_BLOCK_BYTES - hash->held;
        size_t some = length < room ? length : room;
        memcpy(hash->block + hash->held, at, some);
        hash->held += some;
        at += some;
        length -= some;
    }
}

void blake2s_end(struct blake2s *hash, uint8_t out[BLAKE2S_HASH_BYTES])
{
    memset(hash->block + hash->held, 0, BLAKE2S_BLOCK_BYTES - hash->held);
    hash->counted += hash->held;
    compress(hash, true);
    for (unsigned i = 0; i < BLAKE2S_HASH_BYTES; i++)
        out[i] = (uint8_t)(hash->state[i / 4] >> 8 * (i % 4));
}
