#include "analyzer/parse/system/zoneinfo.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/owned_text.h"
#include "analyzer/parse/text_cursor.h"

#define SHOWN(slice) (int)((slice).length_bytes < 40 ? (slice).length_bytes : 40), (slice).at

/* Keys of a zone whose single number is kept. They have no colon: "high:" belongs to a per-CPU list
 * and is another figure than "high". */
static const struct zone_key {
    const char *word;
    size_t offset; /* of the figure in struct zone */
} zone_keys[] = {
    {"pages free", offsetof(struct zone, free_pages)   },
    {"min",        offsetof(struct zone, min_pages)    },
    {"low",        offsetof(struct zone, low_pages)    },
    {"high",       offsetof(struct zone, high_pages)   },
    {"boost",      offsetof(struct zone, boost_pages)  },
    {"spanned",    offsetof(struct zone, spanned_pages)},
    {"present",    offsetof(struct zone, present_pages)},
    {"managed",    offsetof(struct zone, managed_pages)},
};
enum { ZONE_KEY_COUNT = sizeof zone_keys / sizeof zone_keys[0], ZONE_KEY_FREE = 0 };

/* Lines that we know and have no use for. */
static const char *const ignored_keys[] = {
    "high:",
    "batch:",
    "high_min:",
    "high_max:",
    "all_unreclaimable:",
    "node_unreclaimable:",
    "prev_priority:",
    "start_pfn:",
    "inactive_ratio:",
    "reserved_highatomic:",
    "free_highatomic:",
};

/* One run over one text; `zones` is published only when the run succeeds. */
struct run {
    struct zoneinfo zones;
    size_t capacity;
    struct zone *zone; /* the one being read, inside zones; NULL before the first */
    unsigned seen;     /* bit n: zone key n was printed for this zone            */
    bool has_protection;
    uint64_t line;
};

void zoneinfo_deinit(struct zoneinfo *zoneinfo)
{
    free(zoneinfo->zones);
    *zoneinfo = (struct zoneinfo){0};
}

static bool bad_figure(const struct run *run, struct slice key, struct failure *why)
{
    return failure_set(why, FAILURE_MALFORMED, run->line, "value of '%.*s' is no number",
                       SHOWN(key));
}

static bool only_decimal(struct slice rest, uint64_t *value)
{
    struct slice word;
    return next_decimal(&rest, value) && !next_word(&rest, &word);
}

/* A zone ends where the next one begins, or the text. */
static bool end_zone(const struct run *run, struct failure *why)
{
    if (run->zone && !(run->seen & 1u << ZONE_KEY_FREE))
        return failure_set(why, FAILURE_MALFORMED, run->line, "zone %s has no 'pages free' line",
                           run->zone->name);
    return true;
}

/* "Node 0, zone   Normal" */
static bool begin_zone(struct run *run, struct slice rest, struct failure *why)
{
    struct slice node;
    struct slice word;
    struct slice name;
    struct slice more;
    uint64_t number;
    if (!end_zone(run, why))
        return false;
    bool fits = split_at(rest, ',', &node, &rest) && parse_decimal(trim_blanks(node), &number) &&
                number <= UINT32_MAX && next_word(&rest, &word) &&
                slice_equal(word, SLICE("zone")) && next_word(&rest, &name) &&
                !next_word(&rest, &more);
    if (!fits || name.length_bytes >= sizeof run->zone->name)
        return failure_set(why, FAILURE_MALFORMED, run->line, "no 'Node N, zone NAME' line");
    run->zone = ARRAY_PUSH(run->zones.zones, run->zones.count, run->capacity);
    if (!run->zone)
        return failure_set(why, FAILURE_SYSTEM, run->line, "out of memory");
    run->zone->node = (unsigned)number;
    copy_text(name, run->zone->name, sizeof run->zone->name);
    run->seen = 0;
    run->has_protection = false;
    return true;
}

static bool take_zone_key(struct run *run, unsigned key, struct slice rest, struct failure *why)
{
    const struct zone_key *row = &zone_keys[key];
    uint64_t value;
    if (run->seen & 1u << key)
        return failure_set(why, FAILURE_MALFORMED, run->line, "'%s' printed twice in zone %s",
                           row->word, run->zone->name);
    if (!only_decimal(rest, &value))
        return bad_figure(run, slice_of(row->word), why);
    memcpy((char *)run->zone + row->offset, &value, sizeof value);
    run->seen |= 1u << key;
    run->zone->has_managed |= row->offset == offsetof(struct zone, managed_pages);
    return true;
}

/* "(0, 830, 1486, 1486)" */
static bool take_protection(struct run *run, struct slice rest, struct failure *why)
{
    struct zone *zone = run->zone;
    rest = trim_blanks(rest);
    if (run->has_protection)
        return failure_set(why, FAILURE_MALFORMED, run->line, "'protection' printed twice");
    run->has_protection = true;
    if (!slice_starts(rest, SLICE("(")) || !slice_ends(rest, SLICE(")")))
        return bad_figure(run, SLICE("protection:"), why);
    rest = (struct slice){rest.at + 1, rest.length_bytes - 2};
    for (bool more = true; more;) {
        struct slice item = rest;
        uint64_t value;
        more = split_at(rest, ',', &item, &rest);
        if (!parse_decimal(trim_blanks(item), &value))
            return bad_figure(run, SLICE("protection:"), why);
        if (zone->protection_count == ZONE_PROTECTION_MAX)
            return failure_set(why, FAILURE_LIMIT, run->line, "more than %d kinds of zones",
                               ZONE_PROTECTION_MAX);
        zone->protection[zone->protection_count++] = value;
    }
    return true;
}

static bool take_count(struct run *run, struct slice rest, struct failure *why)
{
    uint64_t value;
    if (!only_decimal(rest, &value))
        return bad_figure(run, SLICE("count:"), why);
    run->zone->pcp_pages = add_saturating(run->zone->pcp_pages, value);
    return true;
}

/* Printed once a CPU, always with the same figure; the largest counts. */
static bool take_threshold(struct run *run, struct slice rest, struct failure *why)
{
    uint64_t value;
    if (!only_decimal(rest, &value))
        return bad_figure(run, SLICE("vm stats threshold:"), why);
    if (value > run->zone->stat_threshold)
        run->zone->stat_threshold = value;
    return true;
}

static bool is_ignored(struct slice word)
{
    for (size_t i = 0; i < sizeof ignored_keys / sizeof ignored_keys[0]; i++)
        if (slice_equal(slice_of(ignored_keys[i]), word))
            return true;
    return false;
}

/* The rest: figures that we have no use for, statistics ("nr_free_pages 12") and lines of kernels
 * to come. */
static bool take_other(struct run *run, struct slice word, struct slice rest, struct failure *why)
{
    uint64_t value;
    struct slice more;
    if (is_ignored(word)) {
        /* all_unreclaimable and others are flags printed as numbers, sometimes signed */
        int64_t number;
        if (!next_word(&rest, &more) || !parse_signed_decimal(more, &number))
            return bad_figure(run, word, why);
        return true;
    }
    if (slice_starts(word, SLICE("nr_")) && !only_decimal(rest, &value))
        return bad_figure(run, word, why);
    if (!only_decimal(rest, &value))
        run->zone->unknown_keys++;
    return true;
}

static bool take_line(struct run *run, struct slice line, struct failure *why)
{
    struct slice rest = line;
    struct slice word;
    if (!next_word(&rest, &word))
        return true; /* an empty line ends an unpopulated zone */
    if (slice_equal(word, SLICE("Node")) && word.at == line.at)
        return begin_zone(run, rest, why);
    if (!run->zone)
        return failure_set(why, FAILURE_MALFORMED, run->line,
                           "a line before any zone: is this /proc/zoneinfo?");
    line = trim_blanks(line);
    for (unsigned key = 0; key < ZONE_KEY_COUNT; key++) {
        struct slice wanted = slice_of(zone_keys[key].word);
        struct slice figure = slice_skip(line, wanted.length_bytes);
        if (slice_starts(line, wanted) && slice_starts(figure, SLICE(" ")))
            return take_zone_key(run, key, figure, why);
    }
    if (slice_equal(word, SLICE("protection:")))
        return take_protection(run, rest, why);
    if (slice_equal(word, SLICE("count:")))
        return take_count(run, rest, why);
    if (slice_equal(word, SLICE("cpu:")))
        return ++run->zone->pcp_cpus;
    if (slice_starts(line, SLICE("vm stats threshold:")))
        return take_threshold(run, slice_skip(line, sizeof "vm stats threshold:" - 1), why);
    if (slice_equal(line, SLICE("pagesets")))
        return run->zone->populated = true;
    if (slice_equal(line, SLICE("per-node stats")))
        return run->zone->has_per_node_stats = true;
    return take_other(run, word, rest, why);
}

static bool take_text(struct run *run, struct slice text, struct failure *why)
{
    struct slice line;
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &run->line))
        if (!take_line(run, line, why))
            return false;
    if (!run->zone)
        return failure_set(why, FAILURE_MALFORMED, 1, "no zone: is this /proc/zoneinfo?");
    return end_zone(run, why);
}

bool zoneinfo_parse(struct slice text, struct zoneinfo *out, struct failure *why)
{
    struct run run = {.zones = {0}};
    if (!take_text(&run, text, why)) {
        zoneinfo_deinit(&run.zones);
        return false;
    }
    *out = run.zones;
    return true;
}

uint64_t zoneinfo_pcp_pages(const struct zoneinfo *zoneinfo)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < zoneinfo->count; i++)
        sum = add_saturating(sum, zoneinfo->zones[i].pcp_pages);
    return sum;
}

uint64_t zoneinfo_free_pages(const struct zoneinfo *zoneinfo)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < zoneinfo->count; i++)
        sum = add_saturating(sum, zoneinfo->zones[i].free_pages);
    return sum;
}

uint64_t zoneinfo_present_pages(const struct zoneinfo *zoneinfo)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < zoneinfo->count; i++)
        sum = add_saturating(sum, zoneinfo->zones[i].present_pages);
    return sum;
}

bool zoneinfo_managed_pages(const struct zoneinfo *zoneinfo, uint64_t *pages)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < zoneinfo->count; i++) {
        const struct zone *zone = &zoneinfo->zones[i];
        if (zone->populated && !zone->has_managed)
            return false;
        sum = add_saturating(sum, zone->managed_pages);
    }
    *pages = sum;
    return true;
}
