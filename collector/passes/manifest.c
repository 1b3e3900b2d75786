#include "collector/passes/manifest.h"

#include "collector/base/cleanup.h"
#include "collector/base/clock.h"
#include "schema/bundle_format.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define STRINGIFY(number) #number
#define AS_STRING(number) STRINGIFY(number)

/* Labels and options of any length that a command line can hold in a sane world. */
#define MANIFEST_BYTES ((size_t)64 * 1024)

enum manifest_key {
#define KEY_CONSTANT(constant, key, meaning) KEY_##constant,
    MANIFEST_KEYS(KEY_CONSTANT)
#undef KEY_CONSTANT
};

static const char *const keys[] = {
#define KEY_WORD(constant, key, meaning) [KEY_##constant] = key,
    MANIFEST_KEYS(KEY_WORD)
#undef KEY_WORD
};

/* A key whose value is not known is left out. */
static void add_words(struct text *manifest, enum manifest_key key, const char *value)
{
    if (!value || !value[0])
        return;
    text_add(manifest, keys[key]);
    text_add(manifest, " ");
    text_escaped(manifest, value, strlen(value));
    text_add(manifest, "\n");
}

static void add_number(struct text *manifest, enum manifest_key key, uint64_t value)
{
    char digits[24];
    struct text text = TEXT_OVER(digits);
    text_decimal(&text, value);
    add_words(manifest, key, text_string(&text));
}

static void add_number_if_known(struct text *manifest, enum manifest_key key, uint64_t value)
{
    if (value)
        add_number(manifest, key, value);
}

/* "CapEff:\t0000003fffffffff" of our own status. */
static void add_capabilities(struct text *manifest)
{
    char status[8192];
    if (small_file_read(AT_FDCWD, "/proc/self/status", status, sizeof status) <= 0)
        return;
    char *value = strstr(status, "\nCapEff:");
    if (!value)
        return;
    value += strlen("\nCapEff:");
    value += strspn(value, " \t");
    value[strcspn(value, "\n")] = '\0';
    add_words(manifest, KEY_CAPABILITIES, value);
}

/* File names among the options would tell what was to be left out. */
static void add_options(struct text *manifest, const struct run *run)
{
    char words[128];
    struct text text = TEXT_OVER(words);
    const struct redact_options *redact = &run->options->redact;
    if (!redact_is_on(redact)) {
        add_words(manifest, KEY_OPTIONS, run->options->in_force);
        return;
    }
    text_add(&text, "--redact ");
    redact_options_write(redact, &text);
    text_add(&text, redact->key_file ? " --redact-key" : "");
    add_words(manifest, KEY_OPTIONS, text_string(&text));
}

static void add_proc_root(struct text *manifest, const struct run *run)
{
    char path[PATH_MAX];
    struct text text = TEXT_OVER(path);
    if (!run->tree.dir || !redact_is_on(&run->options->redact)) {
        add_words(manifest, KEY_PROC_ROOT, run->tree.dir);
        return;
    }
    redact_hash(&run->redact, &text, run->tree.dir, strlen(run->tree.dir));
    add_words(manifest, KEY_PROC_ROOT, text_string(&text));
}

bool manifest_write(struct run *run, const struct machine *machine, uint64_t started_realtime_ns,
                    struct failure *why)
{
    AUTO_FREE char *buffer = malloc(MANIFEST_BYTES);
    if (!buffer)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    struct text manifest = {buffer, 0, MANIFEST_BYTES, false};
    add_words(&manifest, KEY_FORMAT,
              AS_STRING(BUNDLE_FORMAT_MAJOR) "." AS_STRING(BUNDLE_FORMAT_MINOR));
    add_words(&manifest, KEY_COLLECTOR, "memtally-collect " MEMTALLY_VERSION);
    add_words(&manifest, KEY_HOST, machine->host);
    add_words(&manifest, KEY_KERNEL_RELEASE, machine->kernel_release);
    add_words(&manifest, KEY_KERNEL_VERSION, machine->kernel_version);
    add_words(&manifest, KEY_ARCHITECTURE, machine->architecture);
    add_number_if_known(&manifest, KEY_PAGE_SIZE_BYTES, machine->page_size_bytes);
    add_number_if_known(&manifest, KEY_CLOCK_TICKS_PER_SECOND, machine->clock_ticks_per_second);
    add_number_if_known(&manifest, KEY_CPUS_ONLINE, machine->cpus_online);
    add_words(&manifest, KEY_BOOT_ID, machine->boot_id);
    add_number(&manifest, KEY_STARTED_REALTIME_NS, started_realtime_ns);
    add_number(&manifest, KEY_STARTED_MONOTONIC_NS, run->started_ns);
    add_number(&manifest, KEY_UID, (uint64_t)geteuid());
    add_capabilities(&manifest);
    if (run->tree.live)
        add_number(&manifest, KEY_COLLECTOR_PID, (uint64_t)getpid());
    add_words(&manifest, KEY_PID_NAMESPACE, machine->pid_namespace);
    add_options(&manifest, run);
    add_words(&manifest, KEY_LABEL, run->label);
    add_proc_root(&manifest, run);
    if (manifest.overflow)
        return failure_set(why, FAILURE_USAGE, 0, "the options are too long for the manifest");
    return bundle_writer_add(&run->writer, BUNDLE_MANIFEST_NAME, manifest.at, manifest.length,
                             clock_realtime_ns(), why);
}
