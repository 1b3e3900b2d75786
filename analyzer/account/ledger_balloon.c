/* Balloons: inside MemTotal a line, outside only shown. docs/accounting.md, 4.6. */
#include "analyzer/account/ledger_lines.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/vmstat.h"

enum balloon_place { PLACE_UNKNOWN, PLACE_INSIDE, PLACE_OUTSIDE };

struct balloon_evidence {
    struct amount bytes; /* what the drivers say; unknown when none does */
    enum balloon_place place;
    const char *driver, *source; /* static; of the first that says something */
};

/* Drivers that say different things of the place leave it open. */
static struct balloon_evidence ask_drivers(const struct system_details *details)
{
    struct balloon_evidence evidence = {.place = PLACE_UNKNOWN};
    bool any = false, differ = false;
    for (size_t i = 0; i < details->balloon_count; i++) {
        const struct balloon *balloon = &details->balloons[i];
        enum balloon_place place = !balloon->knows_place   ? PLACE_UNKNOWN
                                   : balloon->inside_total ? PLACE_INSIDE
                                                           : PLACE_OUTSIDE;
        if (balloon->bytes.known)
            evidence.bytes =
                amount_add(evidence.bytes.known ? evidence.bytes : amount_of(0), balloon->bytes);
        if (any && place != evidence.place)
            differ = true;
        if (!any) {
            evidence.driver = balloon_driver_word(balloon->driver);
            evidence.source = balloon->source;
        }
        any = true;
        evidence.place = place;
    }
    if (differ)
        evidence.place = PLACE_UNKNOWN;
    return evidence;
}

/* Where no driver says its size, the pages that all balloons have taken since boot, minus those that
 * they gave back. */
static void ask_counters(const struct snapshot *snapshot, const struct system_terms *terms,
                         struct balloon_evidence *evidence)
{
    const struct system_sample *now = &snapshot->system.now;
    uint64_t inflated, deflated;
    if (evidence->bytes.known || !now->has_vmstat || !terms->page_bytes ||
        !field_get(&now->vmstat, VMSTAT_BALLOON_INFLATE, &inflated) ||
        !field_get(&now->vmstat, VMSTAT_BALLOON_DEFLATE, &deflated) || inflated <= deflated)
        return;
    evidence->bytes = amount_of(multiply_saturating(inflated - deflated, terms->page_bytes));
    if (!evidence->source)
        evidence->source = "vmstat balloon_inflate - balloon_deflate";
}

static void add_inside(struct ledger *ledger, uint64_t bytes, const char *from,
                       const struct balloon_evidence *evidence)
{
    char source[200];
    if (evidence->place == PLACE_INSIDE)
        snprintf(source, sizeof source, "%s; %s leaves its pages in MemTotal (%s)", from,
                 evidence->driver, evidence->source);
    else
        snprintf(source, sizeof source, "%s", from);
    ledger_add_line(ledger, -1, "balloon", "Balloon", bytes, bytes ? GRADE_DERIVED : GRADE_EXACT,
                    source);
}

static void add_outside(struct ledger *ledger, struct amount bytes, const char *from,
                        struct system_terms *terms)
{
    char source[96];
    snprintf(source, sizeof source, "%s", from);
    terms->balloon_outside = bytes;
    ledger_add_beside(ledger, "balloon", "Balloon, outside MemTotal", bytes, GRADE_EXACT, "",
                      source);
}

/* A balloon inside MemTotal must fit into what nothing else explains. If it does not, the driver
 * has taken its pages out of MemTotal: that is proof. Else the driver's own word counts. If there
 * is none, the kernel's field is taken to be inside, and what only the driver counts is left to
 * the suspects. */
void ledger_add_balloon(struct ledger *ledger, const struct snapshot *snapshot,
                        struct system_terms *terms)
{
    struct balloon_evidence evidence = ask_drivers(&snapshot->system.details);
    ask_counters(snapshot, terms, &evidence);
    uint64_t rest = subtract_to_zero(ledger->mem_total_bytes, ledger_sum_of_top_lines(ledger));
    struct amount bytes = terms->balloon.known ? terms->balloon : evidence.bytes;
    const char *from = terms->balloon.known ? "meminfo Balloon" : evidence.source;
    if (!bytes.known)
        return;
    if (evidence.place == PLACE_OUTSIDE)
        add_outside(ledger, bytes, from, terms);
    else if (bytes.bytes > rest)
        add_outside(ledger, bytes,
                    terms->balloon.known ? "meminfo Balloon (too large to lie in the residual)"
                                         : "balloon counters (too large to lie in the residual)",
                    terms);
    else if (terms->balloon.known || evidence.place == PLACE_INSIDE)
        add_inside(ledger, bytes.bytes, from, &evidence);
}
