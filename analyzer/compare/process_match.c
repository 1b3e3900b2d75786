#include "analyzer/compare/process_match.h"

#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/compare/match_groups.h"

/* A parent is matched before its children: so many generations are followed. */
#define GENERATIONS_MAX 16

const char *process_basis_word(enum process_basis basis)
{
    static const char *const words[] = {
#define PROCESS_BASIS_WORD(constant, word) [PROCESS_BASIS_##constant] = word,
        PROCESS_BASES(PROCESS_BASIS_WORD)
#undef PROCESS_BASIS_WORD
    };
    return words[basis];
}

enum process_text { TEXT_EXE, TEXT_COMM, TEXT_ARGUMENTS, TEXT_CGROUP, TEXT_COUNT };

/* A process of either side. */
struct candidate {
    const struct process *process;
    uint32_t pair;             /* index + 1 into matches, 0: none yet               */
    uint32_t alike;            /* unmatched: how many alike there were on the other side */
    uint32_t text[TEXT_COUNT]; /* number of the text + 1, 0: not known              */
};

/* Both sides in one list: those of the earlier snapshot first, each in the order of PID. */
struct matching {
    const struct snapshot *sides[2];
    bool same_boot;
    struct candidate *candidates; /* owned */
    struct match_entry *entries;  /* owned; scratch of one pass */
    struct process_match *matches;
    size_t count, before_count, match_count;
};

/* What must be equal. EXE and COMM must be known too. PARENT: both parents are a pair. ALONE: within
 * one boot only where there is one on each side. */
enum { EXE = 1, COMM = 2, ARGUMENTS = 4, CGROUP = 8, PARENT = 16, ALONE = 32, OTHER_BOOT = 64 };

/* Without EXE: where it is not known, or another file now. */
static const struct pass {
    enum process_basis basis;
    unsigned needs;
} passes[] = {
    {PROCESS_BASIS_PARENT,    EXE | COMM | ARGUMENTS | CGROUP | PARENT},
    {PROCESS_BASIS_PARENT,    COMM | ARGUMENTS | CGROUP | PARENT      },
    {PROCESS_BASIS_CGROUP,    EXE | COMM | ARGUMENTS | CGROUP         },
    {PROCESS_BASIS_CGROUP,    COMM | ARGUMENTS | CGROUP               },
    {PROCESS_BASIS_ARGUMENTS, EXE | COMM | ARGUMENTS | ALONE          },
    {PROCESS_BASIS_ARGUMENTS, COMM | ARGUMENTS | ALONE                },
    {PROCESS_BASIS_SERVICE,   EXE | COMM | CGROUP | OTHER_BOOT        },
    {PROCESS_BASIS_SERVICE,   COMM | CGROUP | OTHER_BOOT              },
    {PROCESS_BASIS_PROGRAM,   EXE | COMM | OTHER_BOOT                 },
    {PROCESS_BASIS_PROGRAM,   COMM | OTHER_BOOT                       },
    {PROCESS_BASIS_PROGRAM,   EXE | OTHER_BOOT                        },
};

static struct slice text_of(const struct snapshot *snapshot, const struct process *process,
                            enum process_text kind, bool *known)
{
    const struct {
        unsigned file;
        uint32_t id;
    } texts[TEXT_COUNT] = {
        [TEXT_EXE] = {PROCESS_EXE,     process->exe    },
        [TEXT_COMM] = {PROCESS_COMM,    process->comm   },
        [TEXT_ARGUMENTS] = {PROCESS_CMDLINE, process->cmdline},
        [TEXT_CGROUP] = {PROCESS_CGROUP,  process->cgroup },
    };
    *known = process->files & texts[kind].file;
    if (!*known)
        return SLICE("");
    struct slice text = snapshot_text(snapshot, texts[kind].id);
    /* an upgrade took the file away from under the running program */
    if (kind == TEXT_EXE && slice_ends(text, SLICE(" (deleted)")))
        text.length_bytes -= sizeof " (deleted)" - 1;
    return text;
}

static bool number_texts(struct matching *matching)
{
    AUTO_FREE struct slice *texts = malloc((matching->count + 1) * sizeof *texts);
    AUTO_FREE uint32_t *ids = malloc((matching->count + 1) * sizeof *ids);
    if (!texts || !ids)
        return false;
    for (enum process_text kind = 0; kind < TEXT_COUNT; kind++) {
        for (size_t i = 0; i < matching->count; i++) {
            bool known;
            struct candidate *one = &matching->candidates[i];
            texts[i] =
                text_of(matching->sides[i >= matching->before_count], one->process, kind, &known);
            one->text[kind] = known;
        }
        if (!match_text_ids(texts, matching->count, ids))
            return false;
        for (size_t i = 0; i < matching->count; i++)
            if (matching->candidates[i].text[kind])
                matching->candidates[i].text[kind] = ids[i] + 1;
    }
    return true;
}

static struct process_match *add_match(struct matching *matching, struct candidate *before,
                                       struct candidate *after, enum process_basis basis)
{
    struct process_match *match = &matching->matches[matching->match_count++];
    *match = (struct process_match){.before = before ? before->process : NULL,
                                    .after = after ? after->process : NULL,
                                    .basis = basis};
    if (before)
        before->pair = (uint32_t)matching->match_count;
    if (after)
        after->pair = (uint32_t)matching->match_count;
    return match;
}

/* From stat, or from the journal's record of the process. */
static bool has_start_time(const struct process *process)
{
    return (process->files & PROCESS_STAT) || (process->has_outcome && process->start_time_ticks);
}

/* Both sides are in the order of PID. */
static void match_identities(struct matching *matching)
{
    struct candidate *a = matching->candidates, *a_end = a + matching->before_count;
    struct candidate *b = a_end, *b_end = matching->candidates + matching->count;
    while (a < a_end && b < b_end) {
        uint64_t before = a->process->pid, after = b->process->pid;
        if (before == after && (!has_start_time(a->process) || !has_start_time(b->process) ||
                                a->process->start_time_ticks == b->process->start_time_ticks))
            add_match(matching, a, b, PROCESS_BASIS_IDENTITY);
        a += before <= after;
        b += after <= before;
    }
}

/* The pair that the parent is in, 0 where it is in none. */
static uint32_t pair_of_parent(const struct matching *matching, size_t index)
{
    size_t side = index >= matching->before_count;
    const struct snapshot *snapshot = matching->sides[side];
    const struct process *process = matching->candidates[index].process;
    const struct process *parent = process->files & PROCESS_STAT && process->ppid
                                       ? snapshot_process(snapshot, process->ppid)
                                       : NULL;
    if (!parent)
        return 0;
    return matching
        ->candidates[(size_t)(parent - snapshot->processes) + (side ? matching->before_count : 0)]
        .pair;
}

/* False where it cannot take part. */
static bool fill_entry(const struct matching *matching, const struct pass *pass, size_t index,
                       struct match_entry *entry)
{
    const struct candidate *one = &matching->candidates[index];
    const uint32_t *text = one->text;
    uint32_t parent = pass->needs & PARENT ? pair_of_parent(matching, index) : 0;
    if (one->pair || (pass->needs & EXE && !text[TEXT_EXE]) ||
        (pass->needs & COMM && !text[TEXT_COMM]) || (pass->needs & PARENT && !parent))
        return false;
    *entry = (struct match_entry){
        .key = {(uint64_t)(pass->needs & EXE ? text[TEXT_EXE] : 0) << 32 |
                    (pass->needs & COMM ? text[TEXT_COMM] : 0),
                pass->needs & ARGUMENTS ? text[TEXT_ARGUMENTS] : 0,
                pass->needs & CGROUP ? text[TEXT_CGROUP] : 0,
                (uint64_t)parent << 1 | process_is_kernel_thread(one->process)},
        .rank = one->process->start_time_ticks,
        .item = (uint32_t)index,
        .after = index >= matching->before_count,
    };
    return true;
}

static size_t fill_entries(struct matching *matching, const struct pass *pass)
{
    size_t filled = 0;
    for (size_t i = 0; i < matching->count; i++)
        filled += fill_entry(matching, pass, i, &matching->entries[filled]);
    match_entries_sort(matching->entries, filled);
    return filled;
}

/* The first with the first, `pairs` times; what is left is told how many alike the other side has. */
static void pair_up(struct matching *matching, const struct match_group *group, size_t pairs,
                    enum process_basis basis)
{
    struct candidate *all = matching->candidates;
    size_t most =
        group->before_count > group->after_count ? group->before_count : group->after_count;
    for (size_t i = 0; i < pairs; i++) {
        struct process_match *match =
            add_match(matching, &all[group->before[i].item], &all[group->after[i].item], basis);
        match->instance = (uint32_t)i + 1;
        match->candidates = (uint32_t)most;
    }
    for (size_t i = pairs; i < group->before_count; i++)
        all[group->before[i].item].alike = (uint32_t)group->after_count;
    for (size_t i = pairs; i < group->after_count; i++)
        all[group->after[i].item].alike = (uint32_t)group->before_count;
}

/* True when there is a new pair. */
static bool run_pass(struct matching *matching, const struct pass *pass)
{
    if (matching->same_boot && pass->needs & OTHER_BOOT)
        return false;
    struct match_group group;
    size_t count = fill_entries(matching, pass), at = 0, paired = matching->match_count;
    while (match_next_group(matching->entries, count, &at, &group)) {
        size_t pairs =
            group.before_count < group.after_count ? group.before_count : group.after_count;
        bool alone = group.before_count == 1 && group.after_count == 1;
        if (!pairs)
            continue;
        if (matching->same_boot && pass->needs & ALONE && !alone)
            pairs = 0;
        pair_up(matching, &group, pairs, pass->basis);
    }
    return matching->match_count > paired;
}

static void match_restarted(struct matching *matching)
{
    for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++)
        for (unsigned generation = 0; generation < GENERATIONS_MAX; generation++)
            if (!run_pass(matching, &passes[i]) || !(passes[i].needs & PARENT))
                break;
}

static void add_the_rest(struct matching *matching)
{
    for (size_t i = 0; i < matching->count; i++) {
        struct candidate *one = &matching->candidates[i];
        bool is_before = i < matching->before_count;
        if (!one->pair)
            add_match(matching, is_before ? one : NULL, is_before ? NULL : one,
                      PROCESS_BASIS_IDENTITY)
                ->candidates = one->alike;
    }
}

bool process_match(const struct snapshot *before, const struct snapshot *after, bool same_boot,
                   struct process_matches *out)
{
    size_t count = before->process_count + after->process_count;
    AUTO_FREE struct candidate *candidates = calloc(count + 1, sizeof *candidates);
    AUTO_FREE struct match_entry *entries = malloc((count + 1) * sizeof *entries);
    AUTO_FREE struct process_match *matches = malloc((count + 1) * sizeof *matches);
    if (count >= UINT32_MAX || !candidates || !entries || !matches)
        return false;
    struct matching matching = {
        .sides = {before, after},
        .same_boot = same_boot,
        .candidates = candidates,
        .entries = entries,
        .matches = matches,
        .count = count,
        .before_count = before->process_count
    };
    for (size_t i = 0; i < count; i++)
        candidates[i].process = i < before->process_count
                                    ? &before->processes[i]
                                    : &after->processes[i - before->process_count];
    if (!number_texts(&matching))
        return false;
    if (same_boot)
        match_identities(&matching);
    match_restarted(&matching);
    add_the_rest(&matching);
    *out = (struct process_matches){TAKE(matches), matching.match_count};
    return true;
}

void process_matches_deinit(struct process_matches *matches)
{
    free(matches->matches);
    *matches = (struct process_matches){0};
}
