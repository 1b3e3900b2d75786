#include "collector/collect.h"

#include "collector/base/clock.h"
#include "collector/base/interrupt.h"
#include "collector/base/priority.h"
#include "collector/passes/machine.h"
#include "collector/passes/manifest.h"
#include "collector/passes/run.h"
#include "collector/bundle_names.h"
#include "collector/series.h"
#include "schema/bundle_format.h"

#include <string.h>

/* What a bundle takes on disk, at the least: the system, and 100 mappings of each process. */
#define ROOM_BYTES         ((uint64_t)64 * 1024)
#define ROOM_PROCESS_BYTES ((uint64_t)1024)

static bool open_output(struct run *run, const char *file, struct failure *why)
{
    const char *wanted = run->options->output;
    if (wanted && strcmp(wanted, STDOUT_NAME) == 0)
        return output_to_stdout(&run->output, why);
    bool replace = bundle_name_is_given(run->options) && !run->options->is_series;
    return output_to_file(&run->output, file, replace, why);
}

/* One pass: what it reads, the sample after it, its record. */
static bool run_pass(struct run *run, unsigned pass, const char *word, struct failure *why)
{
    uint64_t start_ns = clock_monotonic_ns();
    run->pass = pass;
    if (pass == 1 && (!run_sample(run, why) || !run_system(run, why) ||
                      !process_list_read(&run->processes, run->tree.root, why)))
        return false;
    if (pass == 1 &&
        !output_has_room(&run->output, ROOM_BYTES + run->processes.count * ROOM_PROCESS_BYTES, why))
        return false;
    if (!run_processes(run, why))
        return false;
    uint64_t duration_ns = clock_monotonic_ns() - start_ns;
    return run_sample(run, why) &&
           journal_pass(&run->journal, pass, word, start_ns, duration_ns, why);
}

static bool note_interrupt(struct run *run, const char *word, struct failure *why)
{
    char words[128];
    struct text note = TEXT_OVER(words);
    text_add(&note, "interrupted by ");
    text_add(&note, interrupt_name());
    text_add(&note, " in pass ");
    text_add(&note, word);
    text_add(&note, ": what follows was not read");
    run->summary->interrupted = true;
    return run_note(run, text_string(&note), why);
}

/* What regard for others cost, and what there was no time for. */
static bool note_restraint(struct run *run, struct failure *why)
{
    char words[160];
    struct text note = TEXT_OVER(words);
    if (run->options->share) {
        text_add(&note, "gentle: readers paused ");
        text_decimal(&note, run->paused_ns / 1000000);
        text_add(&note, " ms in all, so that the lock of a process was taken ");
        text_decimal(&note, run->options->share);
        text_add(&note, " % of the time at most");
        if (!run_note(run, text_string(&note), why))
            return false;
    }
    note = TEXT_OVER(words);
    text_add(&note, "the budget of ");
    text_decimal(&note, run->options->budget_ns / 1000000);
    text_add(&note, " ms was used up: detail that is skipped was given up for the survey");
    return !run->budget_over || run_note(run, text_string(&note), why);
}

static bool run_passes(struct run *run, struct failure *why)
{
    static const struct {
        unsigned number;
        const char *word;
    } passes[] = {
#define PASS_ROW(number, word) {number, word},
        BUNDLE_PASSES(PASS_ROW)
#undef PASS_ROW
    };
    for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++) {
        if (i > 0 && !bundle_writer_end_frame(&run->writer, why))
            return false;
        if (!run_pass(run, passes[i].number, passes[i].word, why))
            return false;
        if (interrupt_signal())
            return note_interrupt(run, passes[i].word, why);
    }
    return note_restraint(run, why);
}

/* So that a person who opens the bundle knows why the names look as they do. */
static bool note_redaction(struct run *run, struct failure *why)
{
    char words[160];
    struct text note = TEXT_OVER(words);
    const struct redact_options *redact = &run->options->redact;
    if (!redact_is_on(redact))
        return true;
    text_add(&note, "redacted at the source: ");
    redact_options_write(redact, &note);
    text_add(&note, redact->key_file ? ", hashed with a key file"
                                     : ", hashed with a key of this run that was not kept");
    return run_note(run, text_string(&note), why);
}

/* A container's bundle must not pass for one of the whole machine. */
static bool note_namespace(struct run *run, const struct machine *machine, struct failure *why)
{
    char words[256];
    struct text note = TEXT_OVER(words);
    run->summary->in_namespace = machine->in_namespace;
    text_add(&note, "only the processes of the PID namespace ");
    text_add(&note, machine->pid_namespace);
    text_add(&note,
             " can be seen: those of the machine outside of it are in no figure of a process");
    return !machine->in_namespace || run_note(run, text_string(&note), why);
}

/* Asked for, and not there: of no process, for the same reason. */
static bool note_pages(struct run *run, struct failure *why)
{
    char words[256];
    struct text note = TEXT_OVER(words);
    const struct pages_access *access = &run->access;
    run->summary->pages = access->wanted ? access->outcome : OUTCOME_READ;
    text_add(&note, "pages were not recorded: ");
    text_add(&note, pages_access_reason(access));
    return run->summary->pages == OUTCOME_READ || run_note(run, text_string(&note), why);
}

/* The host's name as it goes into the manifest and the names of file and folder. */
static void redact_host(const struct run *run, struct machine *machine)
{
    char host[sizeof machine->host];
    struct text text = TEXT_OVER(host);
    if (!run->options->redact.names)
        return;
    redact_hash(&run->redact, &text, machine->host, strlen(machine->host));
    text_string(&text);
    memcpy(machine->host, host, text.length + 1);
}

/* Those of the bundle before go on; what they waited in between is no delay. */
static bool wake_readers(struct run *run, struct failure *why)
{
    if (run->readers.count) {
        readers_rested(&run->readers);
        return true;
    }
    return readers_init(&run->readers, run->tree.root, &run->access, run->options->readers,
                        run->options->read_timeout_ns, why);
}

/* Everything between the opened output and the published bundle. */
static bool write_bundle(struct run *run, const struct machine *machine, const char *top,
                         uint64_t realtime_ns, struct failure *why)
{
    run->pass = 1;
    if (!wake_readers(run, why) || !bundle_writer_init(&run->writer, &run->output, top, why) ||
        !journal_init(&run->journal, &run->writer, run->started_ns, why) ||
        !manifest_write(run, machine, realtime_ns, why) || !note_redaction(run, why) ||
        !note_namespace(run, machine, why) || !note_pages(run, why) || !run_refresh(run, why) ||
        !run_passes(run, why) || !run_process_records(run, why))
        return false;
    run->summary->duration_ns = clock_monotonic_ns() - run->started_ns;
    return journal_end(&run->journal, run->summary->duration_ns, why) &&
           bundle_writer_close(&run->writer, why) && output_publish(&run->output, why);
}

static void summarise(const struct run *run)
{
    struct text name = TEXT_OVER(run->summary->name);
    text_add(&name, run->output.path);
    text_string(&name);
    run->summary->processes = run->processes.count;
    run->summary->mappings = run->journal.mappings;
    run->summary->bytes = run->output.bytes;
    run->summary->in_memory = run->output.in_memory;
}

/* The label of one of several bundles has its number, so that no two are alike. */
static const char *label_of(const struct collect_options *options, uint64_t number,
                            struct text *numbered)
{
    if (!options->label || !options->is_series)
        return options->label;
    text_add(numbered, options->label);
    text_add(numbered, " ");
    text_decimal(numbered, number);
    return numbered->overflow ? options->label : text_string(numbered);
}

/* One bundle, with the tree and the readers of the one before it. */
static bool take_bundle(struct run *run, uint64_t number, struct collect_summary *summary,
                        struct failure *why)
{
    uint64_t realtime_ns = clock_realtime_ns();
    char label[1024];
    struct text numbered = TEXT_OVER(label);
    struct machine machine;
    struct bundle_names names;
    run_begin(run, summary, label_of(run->options, number, &numbered));
    machine_identify(&machine, &run->tree);
    redact_host(run, &machine);
    bool fine = bundle_names_make(&names, run->options, machine.host, realtime_ns, why) &&
                open_output(run, names.file, why) &&
                write_bundle(run, &machine, names.top, realtime_ns, why);
    if (fine)
        summarise(run);
    journal_deinit(&run->journal);
    bundle_writer_deinit(&run->writer);
    process_list_deinit(&run->processes);
    output_deinit(&run->output);
    if (run->readers.abandoned) /* those that are left would be too few one day */
        readers_deinit(&run->readers);
    return fine;
}

static bool take_series(struct run *run, collect_taken *taken, void *context, struct failure *why)
{
    struct series series;
    struct collect_summary summary;
    series_begin(&series, run->options);
    do {
        if (!take_bundle(run, series.taken + 1, &summary, why))
            return false;
        taken(context, &summary);
    } while (!summary.interrupted && series_wait(&series));
    return true;
}

bool collect(const struct collect_options *options, struct progress *progress, collect_taken *taken,
             void *context, struct failure *why)
{
    struct run run = {.options = options, .progress = progress, .output = {.descriptor = -1}};
    if (options->urgent)
        priority_raise();
    else
        priority_lower();
    bool fine = tree_init(&run.tree, options->proc_root, why) &&
                redact_init(&run.redact, &options->redact, why) &&
                redact_stream_init(&run.redacted, &run.redact, why) &&
                pages_access_init(&run.access, &run.tree, options->pages, why) &&
                take_series(&run, taken, context, why);
    readers_deinit(&run.readers);
    redact_stream_deinit(&run.redacted);
    pages_access_deinit(&run.access);
    tree_deinit(&run.tree);
    return fine;
}
