/* Reads bundles as memtally does before it computes anything, and does nothing with them.
 *
 *     read_bundle BUNDLE...
 *
 * All are in memory together at the end, as for a comparison. Status 1: one cannot be read. */
#include <stdio.h>

#include "analyzer/model/snapshot_load.h"

int main(int argc, char **argv)
{
    const struct load_options options = {.limits = BUNDLE_LIMITS_DEFAULT,
                                         .kept_mappings = MAPPINGS_ALL};
    for (int i = 1; i < argc; i++) {
        struct failure why = {0};
        /* never given back: the end of the process is its end */
        if (!snapshot_load(argv[i], &options, &why)) {
            fprintf(stderr, "%s: %s\n", argv[i], why.message);
            return 1;
        }
    }
    return 0;
}
