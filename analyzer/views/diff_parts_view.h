/* What the parts of the diff's text share. Not for other layers. */
#pragma once

#include "analyzer/base/checked_math.h"
#include "analyzer/compare/snapshot_diff.h"
#include "analyzer/views/views.h"

/* Rows picked out of one of the diff's lists. */
struct diff_picked {
    const struct snapshot_diff *diff;
    size_t *rows; /* owned */
    size_t count;
};

/* Room for `most` rows; free(picked->rows). False when memory ran out. */
bool diff_picked_init(struct diff_picked *picked, const struct snapshot_diff *diff, size_t most);

/* One table of the diff, with its first rows only unless the user asked for more. */
bool diff_print_part(const struct column *columns, size_t column_count, const char *defaults,
                     const void *report, size_t rows, const struct view_options *options,
                     struct failure *why);

#define DIFF_COLUMNS(columns) (columns), sizeof(columns) / sizeof((columns)[0])

static inline uint64_t diff_magnitude(int64_t change)
{
    return change < 0 ? (uint64_t)-change : (uint64_t)change;
}

/* The process itself, on the side that has it, the later one first. */
const struct process *diff_either(const struct process_change *change);

/* A cause for people: its name, or the label of its line. */
const char *diff_kernel_name(const struct snapshot_diff *diff, const struct kernel_change *change);

/* Of the picked groups what each holds once; nothing where that was not asked for. */
bool diff_print_held(const struct diff_picked *picked, const struct view_options *options,
                     struct failure *why);

/* The parts of the JSON document, a file each. */
void diff_add_processes(struct json_document *document, const struct snapshot_diff *diff);
void diff_add_groups(struct json_document *document, const struct snapshot_diff *diff);
/* held_before and held_after of one group: what it holds once, or null. */
void diff_add_held(struct json_document *document, struct json_node *node,
                   const struct snapshot_diff *diff, const struct group_change *group);
void diff_add_objects(struct json_document *document, const struct snapshot_diff *diff);
/* Fails without memory. */
bool diff_add_classes(struct json_document *document, const struct snapshot_diff *diff,
                      struct failure *why);
/* noise_bytes and beyond_noise, which every change has. */
void diff_add_noise(struct json_document *document, struct json_node *node, uint64_t noise_bytes,
                    bool beyond_noise);

/* What a part of `took_bytes` is of all that free memory lost; absent unless that is beyond noise. */
struct cell diff_share_of(const struct diff_waterfall *waterfall, int64_t took_bytes);

/* Growth since before; absent where there was nothing. */
static inline struct cell diff_growth(int64_t change, struct amount before)
{
    return before.known ? cell_of_signed_percent(change, to_signed(before.bytes))
                        : cell_of_text(NULL);
}

/* The parts of the text. */
bool diff_print_waterfall(const struct snapshot_diff *diff, const struct view_options *options,
                          struct failure *why);
bool diff_print_causes(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why);
bool diff_print_ledger(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why);
bool diff_print_beside(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why);
bool diff_print_groups(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why);
bool diff_print_processes(const struct snapshot_diff *diff, const struct view_options *options,
                          struct failure *why);
bool diff_print_mappings(const struct snapshot_diff *diff, const struct view_options *options,
                         struct failure *why);
bool diff_print_classes(const struct snapshot_diff *diff, const struct view_options *options,
                        struct failure *why);
bool diff_print_objects(const struct snapshot_diff *diff, const struct view_options *options,
                        struct failure *why);
bool diff_print_kernel(const struct snapshot_diff *diff, const struct view_options *options,
                       struct failure *why);
