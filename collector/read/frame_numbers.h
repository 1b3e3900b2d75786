/* Numbers for page frames that are not those of the machine, and keep what analysis needs: the
 * same frame has the same number, and neighbours within a block stay neighbours. Blocks of
 * PAGES_BLOCK_FRAMES frames are permuted by a keyed Feistel network, and each is turned by an
 * amount of its own. Nothing is remembered of a frame: what is held grows with the square root of
 * the number of blocks, and not beyond HALVES_TABULATED. Specified in docs/bundle-format.md 6.4. */
#pragma once

#include "collector/redact/blake2s.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_KEY_BYTES  BLAKE2S_KEY_BYTES
#define HALF_WORDS       8    /* what one hash gives for one half of a block's number */
#define HALVES_TABULATED 8192 /* enough for 128 TiB of 4 KiB frames; others are hashed each time */

struct block_permutation {
    struct blake2s keyed; /* has taken the key and the domain */
    unsigned left_bits, right_bits;
    uint32_t (*words)[HALF_WORDS]; /* of the halves below `tabulated` */
    size_t tabulated;
    uint64_t last_block, last_number; /* runs ask for the same block again and again */
    uint32_t last_turn;
};

struct frame_numbers {
    struct block_permutation memory, devices;
    uint64_t known; /* frames below it are memory, in a domain of their own */
};

/* False when there is no memory. frame_numbers_deinit() in any case; it forgets the key. */
bool frame_numbers_init(struct frame_numbers *numbers, const uint8_t key[FRAME_KEY_BYTES],
                        uint64_t known);
void frame_numbers_deinit(struct frame_numbers *numbers);

/* All numbers of frames below `known` are below this. */
uint64_t frame_numbers_most(const struct frame_numbers *numbers);

/* The number of a frame below `known`, and of one beyond, which is a domain of its own. */
uint64_t frame_number(struct frame_numbers *numbers, uint64_t frame);
uint64_t device_frame_number(struct frame_numbers *numbers, uint64_t frame);
