/* Passes 1 to 4 over the processes: sends the visits of one pass to the readers, and takes them
 * in the order of PIDs. */
#include "collector/passes/run.h"

#include "collector/base/interrupt.h"
#include "collector/passes/visit.h"
#include "schema/bundle_format.h"

#include <string.h>
#include <unistd.h>

/* Without root on a large machine: the sum of so many tells enough. */
#define UNCOVERED_ASKED 100000

static void send_visit(struct run *run, const struct process *process, struct reader_seat *seat)
{
    const struct job job = {.kind = JOB_VISIT,
                            .pid = process->pid,
                            .pass = run->pass,
                            .start_time_ticks = process->start_time_ticks,
                            .until_ns = run->pass > 2 && run->options->budget_ns
                                            ? run->started_ns + run->options->budget_ns
                                            : 0,
                            .share = run->options->share,
                            .known = process->known,
                            .stuck = process->stuck,
                            .live = run->tree.live};
    if (seat->lane)
        lane_send(seat->lane, &job);
}

/* Readers run ahead as far as their lanes hold; what they read is taken in the order of PIDs. */
bool run_processes(struct run *run, struct failure *why)
{
    static const char *const words[] = {"",
#define PASS_WORD(number, word) word,
                                        BUNDLE_PASSES(PASS_WORD)
#undef PASS_WORD
    };
    struct readers *readers = &run->readers;
    size_t sent = 0;
    for (size_t i = 0; i < run->processes.count; i++) {
        while (sent < run->processes.count && sent < i + (size_t)readers->count * LANE_JOBS &&
               !interrupt_signal()) {
            send_visit(run, &run->processes.at[sent], readers_seat(readers, sent));
            sent++;
        }
        if (i == sent)
            break;
        progress_step(run->progress, words[run->pass], i, run->processes.count);
        if (!take_visit(run, &run->processes.at[i], readers_seat(readers, i), why))
            return false;
    }
    return true;
}

/* What the process holds resident, by its statm: the second number, in pages. */
static bool keep_resident(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    uint64_t *pages = context;
    const char *space = memchr(chunk->bytes, ' ', chunk->length);
    (void)why;
    if (space)
        decimal_read(space + 1, chunk->length - (size_t)(space + 1 - chunk->bytes), pages);
    return true;
}

static bool is_uncovered(enum outcome outcome)
{
    return outcome != OUTCOME_READ && outcome != OUTCOME_EMPTY && outcome != OUTCOME_VANISHED &&
           outcome != OUTCOME_REUSED;
}

static void count_uncovered(struct run *run, uint32_t pid)
{
    char name[48];
    struct text path = TEXT_OVER(name);
    struct fetch_result result;
    uint64_t pages = 0;
    run->summary->uncovered++;
    if (!run->tree.live || run->summary->uncovered > UNCOVERED_ASKED)
        return;
    text_add(&path, "proc/");
    text_decimal(&path, pid);
    text_add(&path, "/statm");
    const struct fetch_request request = {
        .folder = run->tree.root, .name = text_string(&path), .to_the_end = true};
    readers_fetch(&run->readers, &request, keep_resident, &pages, &result, NULL);
    run->summary->uncovered_rss_bytes += pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool run_process_records(struct run *run, struct failure *why)
{
    for (size_t i = 0; i < run->processes.count; i++) {
        const struct process *process = &run->processes.at[i];
        enum outcome outcome = (enum outcome)process->outcome;
        if (process->last_pass < 3) /* interrupted before its detail was read */
            outcome = outcome_worse(outcome, OUTCOME_SKIPPED);
        if (is_uncovered(outcome))
            count_uncovered(run, process->pid);
        if (!journal_process(&run->journal, process->pid, process->start_time_ticks, outcome, why))
            return false;
    }
    return true;
}
