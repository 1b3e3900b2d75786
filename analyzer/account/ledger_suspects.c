#include "analyzer/account/ledger_suspects.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/checked_math.h"

/* What can hold so much is mostly far from full: a pipe has room for 16 pages and holds one or none.
 * In the order of suspects such a figure counts for this part. */
#define CAPACITY_SHARE 16

/* Idle machines of every size have less than this of MemTotal that nobody counts. */
#define USUAL_PER_MILLE 2

const char *suspect_weight_word(enum suspect_weight weight)
{
    static const char *const words[] = {"measured", "capacity", "uncounted", "possible"};
    return words[weight];
}

void suspect_add(struct suspect_search *search, const char *id, enum suspect_weight weight,
                 uint64_t bytes, const char *confirm, const char *evidence, ...)
{
    struct ledger *ledger = search->ledger;
    uint64_t most = ledger->residual_high_bytes > 0 ? (uint64_t)ledger->residual_high_bytes : 0;
    if (ledger->suspect_count >= LEDGER_SUSPECTS_MAX || bytes == 0 || most == 0)
        return;
    struct ledger_suspect *suspect = &ledger->suspects[ledger->suspect_count++];
    va_list arguments;
    va_start(arguments, evidence);
    vsnprintf(suspect->evidence, sizeof suspect->evidence, evidence, arguments);
    va_end(arguments);
    suspect->weight = weight;
    suspect->at_most_bytes = bytes < most ? bytes : most;
    suspect->is_limited = bytes != UINT64_MAX;
    snprintf(suspect->id, sizeof suspect->id, "%s", id);
    snprintf(suspect->confirm, sizeof suspect->confirm, "%s", confirm);
}

static uint64_t likely_bytes(const struct ledger_suspect *suspect)
{
    switch (suspect->weight) {
    case SUSPECT_MEASURED:
    case SUSPECT_UNCOUNTED:
        return suspect->at_most_bytes;
    case SUSPECT_CAPACITY:
        return suspect->at_most_bytes / CAPACITY_SHARE;
    case SUSPECT_POSSIBLE:
        break;
    }
    return 0;
}

/* Evidence in bytes stands before mere possibility; what is certainly missing before what is a
 * figure of the same size. */
static int by_likely_bytes(const void *a, const void *b)
{
    const struct ledger_suspect *left = a, *right = b;
    bool left_possible = left->weight == SUSPECT_POSSIBLE;
    if (left_possible != (right->weight == SUSPECT_POSSIBLE))
        return left_possible ? 1 : -1;
    if (likely_bytes(left) != likely_bytes(right))
        return likely_bytes(left) > likely_bytes(right) ? -1 : 1;
    if ((left->weight == SUSPECT_UNCOUNTED) != (right->weight == SUSPECT_UNCOUNTED))
        return left->weight == SUSPECT_UNCOUNTED ? -1 : 1;
    return strcmp(left->id, right->id);
}

/* Every machine has a residual, and room in pipes and queues. While the residual is no larger than
 * usual, nobody stands first for having room. */
static int capacity_last(const void *a, const void *b)
{
    const struct ledger_suspect *left = a, *right = b;
    bool left_room = left->weight == SUSPECT_CAPACITY,
         right_room = right->weight == SUSPECT_CAPACITY;
    if (left_room != right_room && left->weight != SUSPECT_POSSIBLE &&
        right->weight != SUSPECT_POSSIBLE)
        return left_room ? 1 : -1;
    return by_likely_bytes(a, b);
}

/* What is left of the residual when each suspect with evidence holds its most, and when only those
 * that are measured do. What is not counted at all can be all of it, or nothing; what could hold
 * anything explains nothing. */
static void find_unexplained(struct ledger *ledger)
{
    uint64_t low = ledger->residual_bytes > 0 ? (uint64_t)ledger->residual_bytes : 0, high = low;
    for (size_t i = 0; i < ledger->suspect_count; i++) {
        const struct ledger_suspect *suspect = &ledger->suspects[i];
        if (suspect->is_limited || suspect->weight == SUSPECT_UNCOUNTED)
            low = subtract_to_zero(low, suspect->at_most_bytes);
        if (suspect->weight == SUSPECT_MEASURED)
            high = subtract_to_zero(high, suspect->at_most_bytes);
    }
    ledger->unexplained_low_bytes = low;
    ledger->unexplained_high_bytes = high;
}

void ledger_find_suspects(const struct snapshot *snapshot, const struct system_terms *terms,
                          const struct shared_memory *shared, struct ledger *ledger)
{
    static void (*const finders[])(struct suspect_search *) = {
        suspect_balloon,
        suspect_sockets,
        suspect_messages,
        suspect_pipes,
        suspect_packet_sockets,
        suspect_mapped_driver_pages,
        suspect_arc,
        suspect_cma,
        suspect_dma_bufs,
        suspect_uncounted,
        suspect_page_tables,
        suspect_zero_page,
        suspect_large_kmalloc,
        suspect_hot_added_memmap,
        suspect_call_sites,
        suspect_modules,
    };
    struct suspect_search search = {snapshot, terms, shared, ledger};
    /* What the machine has is no part of a container's figures. */
    for (size_t i = 0; !terms->is_made_up && i < sizeof finders / sizeof finders[0]; i++)
        finders[i](&search);
    ledger->residual_is_usual =
        ledger->residual_bytes <= to_signed(ledger->mem_total_bytes / 1000 * USUAL_PER_MILLE);
    qsort(ledger->suspects, ledger->suspect_count, sizeof ledger->suspects[0],
          ledger->residual_is_usual ? capacity_last : by_likely_bytes);
    find_unexplained(ledger);
}
