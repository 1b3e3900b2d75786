/* User memory and page cache. */
#include "analyzer/account/ledger_lines.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"

void ledger_add_user(struct ledger *ledger, const struct system_terms *terms)
{
    uint64_t swap_cache = subtract_to_zero(terms->swap_cache.bytes, terms->swap_cache_mapped_bytes);
    uint64_t sum =
        add_saturating(add_saturating(add_saturating(terms->anon.bytes, terms->file_cache.bytes),
                                      add_saturating(terms->shmem.bytes, terms->buffers.bytes)),
                       add_saturating(swap_cache, terms->lru_unowned_bytes));
    int user = ledger_add_line(ledger, -1, "user", "User memory and page cache", sum, GRADE_DERIVED,
                               "sum of its parts");
    ledger_add_amount(ledger, user, "user.anon", "Anonymous, mapped", terms->anon, GRADE_EXACT,
                      "meminfo AnonPages");
    ledger_add_amount(ledger, user, "user.file_cache", "Page cache of files", terms->file_cache,
                      terms->shmem.known ? GRADE_DERIVED : GRADE_EXACT,
                      terms->shmem.known ? "meminfo Cached - Shmem"
                                         : "meminfo Cached (with shmem)");
    ledger_add_amount(ledger, user, "user.shmem", "Shared memory and tmpfs", terms->shmem,
                      GRADE_EXACT, "meminfo Shmem");
    ledger_add_amount(ledger, user, "user.buffers", "Page cache of block devices", terms->buffers,
                      GRADE_EXACT, "meminfo Buffers");
    int cache = -1;
    if (terms->swap_cache.known)
        cache = ledger_add_line(ledger, user, "user.swap_cache", "Swap cache, not mapped",
                                swap_cache, GRADE_EXACT, "meminfo SwapCached");
    if (cache >= 0 && terms->swap_cache.bytes) {
        struct ledger_line *line = &ledger->lines[cache];
        line->grade = GRADE_BOUNDED;
        line->low_bytes = 0;
        line->high_bytes = terms->swap_cache.bytes;
        snprintf(line->source, sizeof line->source,
                 "meminfo SwapCached - what AnonPages has of it (from the LRU sum)");
    }
    if (terms->lru_unowned_bytes)
        ledger_add_line(
            ledger, user, "user.lru_unowned", "On LRU lists, without owner",
            terms->lru_unowned_bytes, GRADE_DERIVED,
            "Active + Inactive + Unevictable + isolated - (AnonPages + Cached + Buffers + "
            "SwapCached)");
}
