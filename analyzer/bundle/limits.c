#include "analyzer/bundle/limits.h"

#include <inttypes.h>

bool limit_holds(const char *name, uint64_t value, uint64_t limit, struct failure *why)
{
    if (value <= limit)
        return true;
    return failure_set(why, FAILURE_LIMIT, 0, "%s is %" PRIu64 ", over the limit of %" PRIu64, name,
                       value, limit);
}

bool limit_flow_holds(const struct bundle_limits *limits, uint64_t packed, uint64_t unpacked,
                      struct failure *why)
{
    if (!limit_holds("total_bytes", unpacked, limits->total_bytes, why))
        return false;
    if (unpacked <= RATIO_FREE_BYTES || packed == 0)
        return true;
    return limit_holds("ratio", unpacked / packed, limits->ratio, why);
}
