/* User memory and page cache. */
#include "analyzer/account/ledger_lines.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"

static void add_shmem_part(struct ledger *ledger, int parent, const char *id, const char *label,
                           const struct shmem_part *part)
{
    int index =
        ledger_add_line(ledger, parent, id, label, part->bytes, GRADE_DERIVED, part->source);
    if (index < 0 || part->low_bytes == part->high_bytes)
        return;
    ledger->lines[index].grade = GRADE_BOUNDED;
    ledger->lines[index].low_bytes = part->low_bytes;
    ledger->lines[index].high_bytes = part->high_bytes;
}

/* Only where something is known of at least one owner; the rest is then a line as well. */
static void add_shmem_parts(struct ledger *ledger, int parent, const struct shmem_owners *owners)
{
    static const struct {
        enum shmem_part_kind kind;
        const char *id, *label;
    } rows[] = {
        {SHMEM_SYSV,        "user.shmem.sysv",        "System V segments"      },
        {SHMEM_TMPFS,       "user.shmem.tmpfs",       "tmpfs"                  },
        {SHMEM_MEMFD,       "user.shmem.memfd",       "memfd"                  },
        {SHMEM_SHARED_ANON, "user.shmem.shared_anon", "Shared anonymous memory"},
        {SHMEM_GPU,         "user.shmem.gpu",         "Objects of GPU drivers" },
    };
    if (parent < 0 || !owners || !owners->known)
        return;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (owners->parts[rows[i].kind].known)
            add_shmem_part(ledger, parent, rows[i].id, rows[i].label, &owners->parts[rows[i].kind]);
    struct shmem_part other = {.bytes = owners->other_bytes,
                               .low_bytes = owners->other_low_bytes,
                               .high_bytes = owners->other_high_bytes};
    snprintf(other.source, sizeof other.source, "meminfo Shmem - the parts above");
    add_shmem_part(ledger, parent, "user.shmem.other", "Without known owner", &other);
}

void ledger_add_user(struct ledger *ledger, const struct system_terms *terms,
                     const struct shmem_owners *owners)
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
    int shmem = ledger_add_amount(ledger, user, "user.shmem", "Shared memory and tmpfs",
                                  terms->shmem, GRADE_EXACT, "meminfo Shmem");
    add_shmem_parts(ledger, shmem, owners);
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
