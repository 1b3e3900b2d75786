/* User memory and page cache. */
#include "analyzer/account/ledger_lines.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/base/checked_math.h"

static void add_shmem_part(struct ledger *ledger, int parent, const char *id, const char *label,
                           const struct shared_part *part)
{
    int index =
        ledger_add_line(ledger, parent, id, label, part->bytes, GRADE_DERIVED, part->source);
    if (index < 0)
        return;
    ledger->lines[index].noise_bytes = part->noise_bytes;
    if (part->low_bytes == part->high_bytes)
        return;
    ledger->lines[index].grade = GRADE_BOUNDED;
    ledger->lines[index].low_bytes = part->low_bytes;
    ledger->lines[index].high_bytes = part->high_bytes;
}

/* Only where something is known of at least one owner; the rest is then a line as well. */
static void add_shmem_parts(struct ledger *ledger, int parent, const struct shared_memory *shared)
{
    static const struct {
        enum shared_kind kind;
        const char *id, *label;
    } rows[] = {
        {SHARED_SYSV,  "user.shmem.sysv",        "System V segments"      },
        {SHARED_TMPFS, "user.shmem.tmpfs",       "tmpfs"                  },
        {SHARED_MEMFD, "user.shmem.memfd",       "memfd"                  },
        {SHARED_ANON,  "user.shmem.shared_anon", "Shared anonymous memory"},
        {SHARED_GPU,   "user.shmem.gpu",         "Objects of GPU drivers" },
    };
    if (parent < 0 || !shared || !shared->has_parts)
        return;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (shared->parts[rows[i].kind].known)
            add_shmem_part(ledger, parent, rows[i].id, rows[i].label, &shared->parts[rows[i].kind]);
    struct shared_part other = {.bytes = shared->other_bytes,
                                .low_bytes = shared->other_low_bytes,
                                .high_bytes = shared->other_high_bytes};
    snprintf(other.source, sizeof other.source, "meminfo Shmem - the parts above");
    add_shmem_part(ledger, parent, "user.shmem.other", "Without known owner", &other);
}

void ledger_add_user(struct ledger *ledger, const struct system_terms *terms,
                     const struct shared_memory *shared)
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
    add_shmem_parts(ledger, shmem, shared);
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

static const char *plural(uint64_t number, const char *many)
{
    return number == 1 ? "" : many;
}

/* Attachments of a segment, else processes. */
static int describe_mappers(const struct shared_owner *row, char *text, size_t room)
{
    bool is_segment = row->kind == SHARED_SYSV && row->creator_pid != 0;
    if (row->mappers == 0)
        return snprintf(text, room, "%s", row->unmapped ? "mapped by nobody" : "mappers not known");
    if (is_segment)
        return snprintf(text, room, "attached %" PRIu64 " time%s", row->mappers,
                        plural(row->mappers, "s"));
    return snprintf(text, room, "mapped by %" PRIu64 " process%s", row->mappers,
                    plural(row->mappers, "es"));
}

/* Who maps it, who holds it, who made it: what is known of these. */
static void describe_owner(const struct shared_owner *row, char *text, size_t room)
{
    int used = row->kind == SHARED_TMPFS ? snprintf(text, room, "used blocks of the mount")
                                         : describe_mappers(row, text, room);
    if (used < 0 || (size_t)used >= room)
        return;
    text += used;
    room -= (size_t)used;
    if (row->holders)
        snprintf(text, room, ", held by %" PRIu64 " descriptor%s of pid %" PRIu64 "%s",
                 row->holders, plural(row->holders, "s"), row->holder_pid,
                 row->holders == 1 ? "" : " and maybe others");
    else if (row->creator_pid)
        snprintf(text, room, ", created by pid %" PRIu64 "%s", row->creator_pid,
                 row->creator == CREATOR_GONE ? " (gone)" : "");
}

void ledger_list_owners(const struct shared_memory *shared, struct ledger *ledger)
{
    for (size_t i = 0; i < shared->count && shared->rows[i].resident.bytes; i++) {
        const struct shared_owner *row = &shared->rows[i];
        if (ledger->owner_count == LEDGER_OWNERS_MAX) {
            ledger->owners_left_out++;
            continue;
        }
        struct ledger_owner *owner = &ledger->owners[ledger->owner_count++];
        owner->kind = row->kind;
        owner->bytes = row->resident.bytes;
        snprintf(owner->name, sizeof owner->name, "%s", row->name);
        describe_owner(row, owner->detail, sizeof owner->detail);
    }
}
