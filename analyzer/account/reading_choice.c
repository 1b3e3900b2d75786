#include "analyzer/account/reading_choice.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/account/ledger_lines.h"
#include "analyzer/account/reading_error.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/parse/system/meminfo.h"

/* A bundle has five or six; a bundle with thousands is not ours, and its first ones do. */
#define READINGS_MAX 64

/* Readings are equally good when they are apart by no more than the drift of counters, and at least
 * this: machines with few CPUs hold back less than what comes and goes with a process. */
#define CLOSE_BYTES (UINT64_C(512) << 10)

/* Of two readings that differ nobody knows which is torn. */
#define READINGS_FOR_A_VOTE 3

struct candidate {
    const struct system_sample *sample;
    int64_t residual_bytes;
    uint64_t distance; /* from proc/ in time                                        */
    bool is_confirmed; /* zoneinfo before and after meminfo give the same residual */
    bool has_moved;    /* vmalloc is not what vmallocinfo shows                    */
};

struct choice {
    const struct snapshot *snapshot;
    struct ledger *scratch;
    uint64_t mem_total_bytes;
    struct amount vmalloc_used;
    uint64_t close_bytes;
    struct candidate candidates[READINGS_MAX]; /* the first is proc/ */
    size_t count;
};

static uint64_t apart(int64_t a, int64_t b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

bool reading_residual(const struct snapshot *snapshot, const struct system_sample *sample,
                      uint64_t mem_total_bytes, struct amount vmalloc_used, struct ledger *scratch,
                      int64_t *residual_bytes)
{
    static const struct kernel_usage none = {0};
    const struct ledger_sources sources = {.kernel = &none, .vmalloc_used = vmalloc_used};
    struct system_terms terms;
    *scratch = (struct ledger){0};
    if (!sample->has_meminfo || !sample->has_zoneinfo ||
        !ledger_build(snapshot, sample, &sources, scratch, &terms, NULL) ||
        terms.mem_total_bytes != mem_total_bytes)
        return false;
    *residual_bytes = scratch->residual_bytes;
    return true;
}

static bool residual_of(const struct choice *choice, const struct system_sample *sample,
                        int64_t *residual_bytes)
{
    return reading_residual(choice->snapshot, sample, choice->mem_total_bytes, choice->vmalloc_used,
                            choice->scratch, residual_bytes);
}

static uint64_t vmalloc_moved(const struct choice *choice, const struct system_sample *sample)
{
    uint64_t used;
    if (!choice->vmalloc_used.known || !field_get(&sample->meminfo, MEMINFO_VMALLOC_USED, &used))
        return 0;
    return apart(to_signed(used), to_signed(choice->vmalloc_used.bytes));
}

static void add_candidate(struct choice *choice, const struct system_sample *sample)
{
    const struct system_sample *now = &choice->snapshot->system.now;
    struct candidate candidate = {.sample = sample, .distance = sample->number};
    int64_t before;
    if (choice->count == READINGS_MAX || !residual_of(choice, sample, &candidate.residual_bytes))
        return;
    candidate.has_moved = vmalloc_moved(choice, sample) > choice->close_bytes;
    if (now->mtime_ns && sample->mtime_ns)
        candidate.distance = apart(now->mtime_ns, sample->mtime_ns);
    if (sample->has_zoneinfo_first) {
        struct system_sample first = *sample; /* borrows */
        first.zoneinfo = sample->zoneinfo_first;
        candidate.is_confirmed = residual_of(choice, &first, &before) &&
                                 apart(before, candidate.residual_bytes) <= choice->close_bytes;
    }
    choice->candidates[choice->count++] = candidate;
}

static int by_value(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* The middle of the confirmed readings; where there is none, of all. A torn reading is off to either
 * side, so that most of them would have to be torn to the same side to move it. */
static bool find_median(const struct choice *choice, int64_t *median)
{
    int64_t all[READINGS_MAX], confirmed[READINGS_MAX];
    size_t confirmed_count = 0;
    for (size_t i = 0; i < choice->count; i++) {
        all[i] = choice->candidates[i].residual_bytes;
        if (choice->candidates[i].is_confirmed)
            confirmed[confirmed_count++] = all[i];
    }
    if (!confirmed_count && choice->count < READINGS_FOR_A_VOTE)
        return false;
    int64_t *values = confirmed_count ? confirmed : all;
    size_t count = confirmed_count ? confirmed_count : choice->count;
    qsort(values, count, sizeof *values, by_value);
    *median = values[(count - 1) / 2];
    return true;
}

static bool is_better(const struct candidate *a, const struct candidate *b)
{
    if (a->has_moved != b->has_moved)
        return b->has_moved;
    if (a->is_confirmed != b->is_confirmed)
        return a->is_confirmed;
    return a->distance < b->distance;
}

/* proc/ if it is as good as any, since the rest of the system was read with it; else what was read
 * nearest to it. The median is one of the candidates, so there is always one. */
static const struct candidate *choose(const struct choice *choice, int64_t median)
{
    const struct candidate *best = NULL;
    for (size_t i = 0; i < choice->count; i++) {
        const struct candidate *candidate = &choice->candidates[i];
        if (apart(candidate->residual_bytes, median) > choice->close_bytes)
            continue;
        if (i == 0)
            return candidate;
        if (!best || is_better(candidate, best))
            best = candidate;
    }
    return best;
}

/* The chosen reading and that of proc/ change places. */
static bool exchange(const struct system_sample *chosen, struct chosen_reading *out,
                     struct failure *why)
{
    struct system_state *system = &out->snapshot.system;
    size_t index = (size_t)(chosen - system->samples);
    struct system_sample *samples = malloc(system->sample_count * sizeof *samples);
    if (!samples)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    memcpy(samples, system->samples, system->sample_count * sizeof *samples);
    samples[index] = system->now;
    system->now = *chosen;
    system->samples = samples;
    out->number = chosen->number;
    out->is_exchanged = true;
    return true;
}

bool reading_choose(const struct snapshot *snapshot, struct chosen_reading *out,
                    struct failure *why)
{
    const struct system_state *system = &snapshot->system;
    struct reading_error error;
    AUTO_FREE struct ledger *scratch = calloc(1, sizeof *scratch);
    struct choice choice = {.snapshot = snapshot, .scratch = scratch};
    *out = (struct chosen_reading){.snapshot = *snapshot};
    if (!scratch)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    out->vmalloc_used.known =
        field_get(&system->now.meminfo, MEMINFO_VMALLOC_USED, &out->vmalloc_used.bytes);
    if (!field_get(&system->now.meminfo, MEMINFO_MEM_TOTAL, &choice.mem_total_bytes))
        return true;
    reading_error_find(snapshot, &error);
    choice.close_bytes = error.drift_bytes > CLOSE_BYTES ? error.drift_bytes : CLOSE_BYTES;
    choice.vmalloc_used = out->vmalloc_used;
    add_candidate(&choice, &system->now);
    if (!choice.count)
        return true;
    for (size_t i = 0; i < system->sample_count; i++)
        add_candidate(&choice, &system->samples[i]);
    out->first_bytes = choice.candidates[0].residual_bytes;
    if (!find_median(&choice, &out->median_bytes))
        return true;
    const struct candidate *chosen = choose(&choice, out->median_bytes);
    return !chosen || chosen->sample == &system->now || exchange(chosen->sample, out, why);
}

void chosen_reading_deinit(struct chosen_reading *reading)
{
    if (reading->is_exchanged)
        free(reading->snapshot.system.samples);
    *reading = (struct chosen_reading){0};
}
