#include "collector/read/frame_numbers.h"

#include "schema/pages_format.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS      6
#define TURN_WORD   6 /* this one and the next are for the turn */
#define TURN_SHIFT  23
#define DEVICE_BITS 46 /* blocks of as many frames as pagemap can name */

/* The turn takes the upper bits of a word, the halves the lower ones. */
_Static_assert(DEVICE_BITS / 2 <= TURN_SHIFT, "a half and a turn fit into one word");
_Static_assert(PAGES_BLOCK_FRAMES == 1 << (32 - TURN_SHIFT), "a turn is within a block");
_Static_assert(ROUNDS + 2 == HALF_WORDS, "a word a round, and two for the turn");

static void hash_half(const struct block_permutation *permutation, uint64_t half,
                      uint32_t words[HALF_WORDS])
{
    struct blake2s hash = permutation->keyed;
    uint8_t input[sizeof half], digest[BLAKE2S_HASH_BYTES];
    for (unsigned i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(half >> 8 * i);
    blake2s_add(&hash, input, sizeof input);
    blake2s_end(&hash, digest);
    memcpy(words, digest, sizeof digest);
}

/* The word of a half that belongs to one round. */
static uint32_t word_of(const struct block_permutation *permutation, uint64_t half, unsigned round)
{
    uint32_t words[HALF_WORDS];
    if (half < permutation->tabulated)
        return permutation->words[half][round];
    hash_half(permutation, half, words);
    return words[round];
}

static bool permutation_init(struct block_permutation *permutation, const uint8_t *key, char domain,
                             unsigned bits, size_t tabulated_most)
{
    *permutation = (struct block_permutation){
        .left_bits = bits / 2, .right_bits = bits - bits / 2, .last_block = UINT64_MAX};
    blake2s_init(&permutation->keyed, key, FRAME_KEY_BYTES);
    blake2s_add(&permutation->keyed, &domain, sizeof domain);
    size_t halves = (size_t)1 << permutation->right_bits;
    size_t tabulated = halves < tabulated_most ? halves : tabulated_most;
    if (tabulated == 0)
        return true;
    permutation->words = malloc(tabulated * sizeof *permutation->words);
    if (!permutation->words)
        return false;
    for (size_t i = 0; i < tabulated; i++)
        hash_half(permutation, i, permutation->words[i]);
    permutation->tabulated = tabulated;
    return true;
}

static void permute(struct block_permutation *permutation, uint64_t block)
{
    uint64_t left_mask = (UINT64_C(1) << permutation->left_bits) - 1;
    uint64_t right_mask = (UINT64_C(1) << permutation->right_bits) - 1;
    uint64_t left = block >> permutation->right_bits & left_mask, right = block & right_mask;
    for (unsigned round = 0; round < ROUNDS; round += 2) {
        left ^= word_of(permutation, right, round) & left_mask;
        right ^= word_of(permutation, left, round + 1) & right_mask;
    }
    uint32_t first = word_of(permutation, left, TURN_WORD);
    uint32_t second = word_of(permutation, right ^ (first & right_mask), TURN_WORD + 1);
    permutation->last_block = block;
    permutation->last_number = left << permutation->right_bits | right;
    permutation->last_turn = (first ^ second) >> TURN_SHIFT;
}

static uint64_t number_of(struct block_permutation *permutation, uint64_t frame)
{
    uint64_t block = frame / PAGES_BLOCK_FRAMES;
    if (block != permutation->last_block)
        permute(permutation, block);
    return permutation->last_number * PAGES_BLOCK_FRAMES +
           (frame + permutation->last_turn) % PAGES_BLOCK_FRAMES;
}

bool frame_numbers_init(struct frame_numbers *numbers, const uint8_t key[FRAME_KEY_BYTES],
                        uint64_t known)
{
    unsigned bits = 0;
    while (bits < DEVICE_BITS && (uint64_t)PAGES_BLOCK_FRAMES << bits < known)
        bits++;
    *numbers = (struct frame_numbers){.known = known};
    return permutation_init(&numbers->memory, key, 'm', bits, HALVES_TABULATED) &&
           permutation_init(&numbers->devices, key, 'd', DEVICE_BITS, 0);
}

void frame_numbers_deinit(struct frame_numbers *numbers)
{
    if (numbers->memory.words)
        explicit_bzero(numbers->memory.words,
                       numbers->memory.tabulated * sizeof *numbers->memory.words);
    free(numbers->memory.words);
    explicit_bzero(numbers, sizeof *numbers);
}

uint64_t frame_numbers_most(const struct frame_numbers *numbers)
{
    return (uint64_t)PAGES_BLOCK_FRAMES << (numbers->memory.left_bits + numbers->memory.right_bits);
}

uint64_t frame_number(struct frame_numbers *numbers, uint64_t frame)
{
    return number_of(&numbers->memory, frame);
}

uint64_t device_frame_number(struct frame_numbers *numbers, uint64_t frame)
{
    return number_of(&numbers->devices, frame);
}
