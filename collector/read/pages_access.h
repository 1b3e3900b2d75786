/* Whether the frames behind pages may be looked at, and what their numbers become: made once by the
 * program, before it forks its readers, which inherit it. */
#pragma once

#include "collector/read/frame_numbers.h"
#include "collector/read/tree.h"
#include "schema/failure.h"
#include "schema/outcome.h"

struct pages_access {
    bool wanted;          /* by --pages                                                   */
    enum outcome outcome; /* READ: they may; else what becomes of the pages of all         */
    int error;            /* errno of that, 0 if none                                     */
    int root;             /* of the tree; borrowed                                        */
    struct frame_numbers numbers; /* each process that asks has its own copy              */
};

/* False only without memory or random bytes. pages_access_deinit() in any case. */
bool pages_access_init(struct pages_access *access, const struct tree *tree, bool wanted,
                       struct failure *why);
void pages_access_deinit(struct pages_access *access);

/* Why nothing of it may be read, in words. Static. */
const char *pages_access_reason(const struct pages_access *access);
