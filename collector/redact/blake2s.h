/* BLAKE2s (RFC 7693) with a key: a short hash of a name that nobody undoes without the key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLAKE2S_KEY_BYTES   32
#define BLAKE2S_HASH_BYTES  32
#define BLAKE2S_BLOCK_BYTES 64

struct blake2s {
    uint32_t state[8];
    uint64_t counted; /* bytes compressed so far */
    uint8_t block[BLAKE2S_BLOCK_BYTES];
    size_t held;
};

/* `key_length` at most BLAKE2S_KEY_BYTES; 0 for no key. The hash has BLAKE2S_HASH_BYTES. */
void blake2s_init(struct blake2s *hash, const void *key, size_t key_length);
void blake2s_add(struct blake2s *hash, const void *bytes, size_t length);
void blake2s_end(struct blake2s *hash, uint8_t out[BLAKE2S_HASH_BYTES]);
