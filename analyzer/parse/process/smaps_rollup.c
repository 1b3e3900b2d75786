#include "analyzer/parse/process/smaps.h"

#include "analyzer/parse/process/smaps_header.h"
#include "analyzer/parse/process/smaps_layout.h"
#include "analyzer/parse/text_cursor.h"

static bool take_rollup(struct smaps_layout *layout, struct slice text, struct smaps_block *block,
                        struct failure *why)
{
    struct slice line;
    uint64_t number = 0;
    if (!text_is_whole(text, why))
        return false;
    if (!next_line(&text, &line, &number) || line.length_bytes > SMAPS_LINE_LIMIT ||
        !smaps_block_begin(block, layout, line))
        return failure_set(why, FAILURE_MALFORMED, 1, "malformed header: is this smaps_rollup?");
    if (!smaps_layout_take_fields(layout, block, &text, &number, why))
        return false;
    if (text.length_bytes > 0)
        return failure_set(why, FAILURE_MALFORMED, number + 1,
                           "a second mapping: is this smaps instead of smaps_rollup?");
    if (!(block->mapping.present & SMAPS_BIT(SMAPS_RSS)))
        return failure_set(why, FAILURE_MALFORMED, number, "no Rss: is this smaps_rollup?");
    return true;
}

bool smaps_rollup_parse(struct slice text, struct smaps_mapping *out, struct failure *why)
{
    struct smaps_layout layout;
    struct smaps_block block;
    smaps_layout_init(&layout);
    bool taken = take_rollup(&layout, text, &block, why);
    smaps_layout_deinit(&layout);
    if (taken)
        *out = block.mapping;
    return taken;
}
