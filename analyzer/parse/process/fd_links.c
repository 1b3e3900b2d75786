#include "analyzer/parse/process/fd_links.h"

#include "analyzer/parse/text_cursor.h"

bool fd_link_next(struct slice *rest, struct slice *target)
{
    struct slice line, descriptor, after;
    uint64_t number = 0, value;
    while (next_line(rest, &line, &number)) {
        if (split_at(line, ' ', &descriptor, &after) && parse_decimal(descriptor, &value) &&
            slice_starts(after, SLICE("-> "))) {
            *target = slice_skip(after, 3);
            return true;
        }
    }
    return false;
}

bool pipe_target_parse(struct slice target, uint64_t *inode)
{
    struct slice start = SLICE("pipe:[");
    if (!slice_starts(target, start) || !slice_ends(target, SLICE("]")))
        return false;
    target = slice_skip(target, start.length_bytes);
    target.length_bytes--;
    return parse_decimal(target, inode);
}
