#include "collector/collect.h"

#include "collector/base/clock.h"
#include "collector/base/interrupt.h"
#include "collector/base/priority.h"
#include "collector/passes/machine.h"
#include "collector/passes/manifest.h"
#include "collector/passes/run.h"
#include "schema/bundle_format.h"

#include <string.h>

#define STDOUT_NAME "-"

/* What a bundle takes on disk, at the least: the system, and 100 mappings of each process. */
#define ROOM_BYTES         ((uint64_t)64 * 1024)
#define ROOM_PROCESS_BYTES ((uint64_t)1024)

/* Letters that are safe in a file name, on every system and in every shell. */
static void add_sanitised(struct text *name, const char *from, size_t length)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    for (size_t i = 0; i < length; i++)
        text_bytes(name, from[i] && strchr(safe, from[i]) ? from + i : "_", 1);
}

/* "memtally-HOST-YYYYmmddTHHMMSSZ" */
static void add_default_name(struct text *name, const char *host, uint64_t realtime_ns)
{
    struct utc utc = utc_from_seconds(realtime_ns / 1000000000u);
    text_add(name, "memtally-");
    add_sanitised(name, host[0] ? host : "unknown", strlen(host[0] ? host : "unknown"));
    text_add(name, "-");
    text_padded(name, utc.year, 4);
    text_padded(name, utc.month, 2);
    text_padded(name, utc.day, 2);
    text_add(name, "T");
    text_padded(name, utc.hour, 2);
    text_padded(name, utc.minute, 2);
    text_padded(name, utc.second, 2);
    text_add(name, "Z");
}

/* The file's name without folder and suffix; none if that leaves nothing to extract into. */
static void add_name_of_file(struct text *top, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    size_t suffix = strlen(BUNDLE_FILE_SUFFIX);
    if (length > suffix && strcmp(name + length - suffix, BUNDLE_FILE_SUFFIX) == 0)
        length -= suffix;
    if (strspn(name, ".") < length)
        add_sanitised(top, name, length);
}

struct names {
    char top[512];
    char file[600]; /* of the default output */
};

static bool make_names(struct names *names, const struct collect_options *options, const char *host,
                       uint64_t realtime_ns, struct failure *why)
{
    struct text top = TEXT_OVER(names->top);
    struct text file = TEXT_OVER(names->file);
    add_default_name(&file, host, realtime_ns);
    if (options->output && strcmp(options->output, STDOUT_NAME) != 0)
        add_name_of_file(&top, options->output);
    if (top.length == 0)
        text_bytes(&top, file.at, file.length);
    text_add(&file, BUNDLE_FILE_SUFFIX);
    text_string(&top);
    text_string(&file);
    return !(top.overflow || file.overflow) ||
           failure_set(why, FAILURE_USAGE, 0, "the name of the output file is too long");
}

static bool open_output(struct run *run, const char *default_file, struct failure *why)
{
    const char *wanted = run->options->output;
    if (wanted && strcmp(wanted, STDOUT_NAME) == 0)
        return output_to_stdout(&run->output, why);
    return output_to_file(&run->output, wanted ? wanted : default_file, wanted != NULL, why);
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

/* Everything between the opened output and the published bundle. */
static bool write_bundle(struct run *run, const struct machine *machine, const char *top,
                         uint64_t realtime_ns, struct failure *why)
{
    run->pass = 1;
    if (!readers_init(&run->readers, run->tree.root, &run->access, run->options->readers,
                      run->options->read_timeout_ns, why) ||
        !bundle_writer_init(&run->writer, &run->output, top, why) ||
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

bool collect(const struct collect_options *options, struct progress *progress,
             struct collect_summary *summary, struct failure *why)
{
    uint64_t realtime_ns = clock_realtime_ns();
    struct run run = {.options = options,
                      .progress = progress,
                      .summary = summary,
                      .started_ns = clock_monotonic_ns(),
                      .output = {.descriptor = -1}};
    struct machine machine;
    struct names names;
    *summary = (struct collect_summary){0};
    if (options->urgent)
        priority_raise();
    else
        priority_lower();
    bool fine = tree_init(&run.tree, options->proc_root, why) &&
                redact_init(&run.redact, &options->redact, why) &&
                redact_stream_init(&run.redacted, &run.redact, why) &&
                pages_access_init(&run.access, &run.tree, options->pages, why);
    if (fine) {
        machine_identify(&machine, &run.tree);
        redact_host(&run, &machine);
        fine = make_names(&names, options, machine.host, realtime_ns, why) &&
               open_output(&run, names.file, why) &&
               write_bundle(&run, &machine, names.top, realtime_ns, why);
    }
    if (fine)
        summarise(&run);
    journal_deinit(&run.journal);
    bundle_writer_deinit(&run.writer);
    readers_deinit(&run.readers);
    process_list_deinit(&run.processes);
    redact_stream_deinit(&run.redacted);
    pages_access_deinit(&run.access);
    output_deinit(&run.output);
    tree_deinit(&run.tree);
    return fine;
}
