/* The lines below a header, and what has been learnt about their order. For the parsers of smaps
 * and smaps_rollup only.
 *
 * Each key that has been seen has a shape: how its line looks, and which key followed it last time.
 * The next line is compared with the shape that is expected, 16 bytes at once; only when it differs
 * is its key looked up, and the expectation corrected. */
#pragma once

#include "analyzer/parse/process/smaps.h"

#define SMAPS_SHAPES_MAX      SMAPS_KEYS_MAX /* different keys in a kernel's smaps: 7.x has 25 */
#define SMAPS_KEY_BYTES_MAX   48
#define SMAPS_KEY_IMAGE_BYTES 16 /* kernels print "%-16s%8lu kB\n" */
#define SMAPS_NO_SHAPE        SMAPS_SHAPES_MAX

struct smaps_shape {
    char image[SMAPS_KEY_IMAGE_BYTES]; /* key, ':' and blanks, cut at 16 bytes            */
    uint8_t kind;                      /* enum smaps_key_kind                             */
    uint8_t field;                     /* enum smaps_field, or the number of an unknown key */
    uint8_t next;                      /* shape that followed last time, SMAPS_NO_SHAPE   */
    struct slice key;                  /* with a NUL behind it; static, or one of unknown_names */
};

struct smaps_layout {
    struct smaps_shape shapes[SMAPS_SHAPES_MAX];
    uint8_t shape_count;
    uint8_t first; /* shape below the header */
    char *unknown_names[SMAPS_SHAPES_MAX];
    size_t unknown_name_count;
    uint64_t unknown_lines, relearnt;
};

/* The block being read. */
struct smaps_block {
    struct smaps_mapping mapping;
    uint64_t seen;    /* bit n: shape n stood in this block                          */
    uint8_t expected; /* shape of the next line, SMAPS_NO_SHAPE when nothing is known */
    uint8_t previous; /* shape of the last line, SMAPS_NO_SHAPE below the header     */
};

void smaps_layout_init(struct smaps_layout *layout);
void smaps_layout_deinit(struct smaps_layout *layout);

/* Begins a block with its header line (without '\n'); false when the line is malformed. */
bool smaps_block_begin(struct smaps_block *block, const struct smaps_layout *layout,
                       struct slice line);

/* Takes field lines off *text, which holds whole lines only, up to the next header or the end,
 * counting them in *number. On failure (see smaps_parser_feed) *number is the line at fault. */
bool smaps_layout_take_fields(struct smaps_layout *layout, struct smaps_block *block,
                              struct slice *text, uint64_t *number, struct failure *why);
