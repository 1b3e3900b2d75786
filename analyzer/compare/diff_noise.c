#include "analyzer/compare/diff_noise.h"

#include "analyzer/account/reading_error.h"
#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

/* The counter of kernel stacks counts KiB, or stacks on old kernels, and never pages. Which of them,
 * tells the figure that meminfo prints of it in bytes. */
static uint64_t stack_drift_bytes(const struct snapshot *snapshot,
                                  const struct reading_error *error)
{
    const struct system_state *system = &snapshot->system;
    uint64_t count, bytes;
    if (!error->page_bytes || !system->now.has_meminfo || !system->now.has_vmstat ||
        !field_get(&system->now.vmstat, VMSTAT_NR_KERNEL_STACK, &count) || !count ||
        !field_get(&system->now.meminfo, MEMINFO_KERNEL_STACK, &bytes))
        return error->drift_bytes;
    return multiply_saturating(error->drift_bytes / error->page_bytes, bytes / count);
}

bool diff_noise_compute(const struct snapshot *before, const struct ledger *before_ledger,
                        const struct snapshot *after, const struct ledger *after_ledger,
                        struct diff_noise *out, struct failure *why)
{
    struct reading_error first, second;
    reading_error_find(before, &first);
    reading_error_find(after, &second);
    out->drift_bytes = add_saturating(first.drift_bytes, second.drift_bytes);
    out->stack_drift_bytes =
        add_saturating(stack_drift_bytes(before, &first), stack_drift_bytes(after, &second));
    return ledger_spread_compute(before, before_ledger, &out->before, why) &&
           ledger_spread_compute(after, after_ledger, &out->after, why);
}

/* Figures that no CPU holds back: sums over lists, areas, pools and segments. A name that ends in a
 * dot stands for all that begin so. */
static bool is_without_drift(const char *id)
{
    static const char *const names[] = {
        "mem_total",        "pcp",
        "vmalloc",          "vmalloc.",
        "percpu",           "hugetlb",
        "hugetlb.",         "user.shmem.sysv",
        "user.shmem.tmpfs", "user.shmem.memfd",
        "balloon",          "balloon.",
        "user.shmem.gpu",   "user.shmem.shared_anon",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i]);
        if (names[i][length - 1] == '.' ? strncmp(id, names[i], length) == 0
                                        : strcmp(id, names[i]) == 0)
            return true;
    }
    return false;
}

static uint64_t drift_of(const struct diff_noise *noise, const char *id)
{
    return strcmp(id, "kernel_stacks") == 0 ? noise->stack_drift_bytes : noise->drift_bytes;
}

static uint64_t spread_of_line(const struct ledger_spread *spread, const struct ledger *ledger,
                               const char *id)
{
    if (strcmp(id, "mem_total") == 0)
        return spread->mem_total_bytes;
    if (strcmp(id, "residual") == 0)
        return spread->residual_bytes;
    const struct ledger_line *line = ledger_find(ledger, id);
    return line ? spread->line_bytes[line - ledger->lines] : 0;
}

static uint64_t spread_of_beside(const struct ledger_spread *spread, const struct ledger *ledger,
                                 const char *id)
{
    for (size_t i = 0; i < ledger->beside_count; i++)
        if (strcmp(ledger->beside[i].id, id) == 0)
            return spread->beside_bytes[i];
    return 0;
}

uint64_t diff_noise_of_line(const struct diff_noise *noise, const struct ledger *before_ledger,
                            const struct ledger *after_ledger, const char *id)
{
    uint64_t spread = add_saturating(spread_of_line(&noise->before, before_ledger, id),
                                     spread_of_line(&noise->after, after_ledger, id));
    return is_without_drift(id) ? spread : add_saturating(spread, drift_of(noise, id));
}

uint64_t diff_noise_of_beside(const struct diff_noise *noise, const struct ledger *before_ledger,
                              const struct ledger *after_ledger, const char *id)
{
    uint64_t spread = add_saturating(spread_of_beside(&noise->before, before_ledger, id),
                                     spread_of_beside(&noise->after, after_ledger, id));
    return add_saturating(spread, drift_of(noise, id));
}

/* smaps_rollup of all processes is read in one pass and smaps in a later one. */
static uint64_t moved_within(const struct process *process)
{
    static const enum smaps_field fields[] = {SMAPS_RSS, SMAPS_SWAP};
    uint64_t most = 0;
    if (!process || !(process->files & PROCESS_ROLLUP) || !process->smaps.blocks ||
        (process->files & PROCESS_SMAPS_CUT))
        return 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        uint64_t first = process->rollup.bytes[fields[i]], then = process->smaps.bytes[fields[i]];
        uint64_t moved = first > then ? first - then : then - first;
        most = moved > most ? moved : most;
    }
    return most;
}

uint64_t diff_noise_of_process(const struct process *before, const struct process *after)
{
    return add_saturating(moved_within(before), moved_within(after));
}

uint64_t diff_noise_of_pss(uint64_t mappings_before, uint64_t mappings_after)
{
    uint64_t most = mappings_before > mappings_after ? mappings_before : mappings_after;
    return multiply_saturating(most, 1024);
}

bool exceeds_noise(int64_t change_bytes, uint64_t noise_bytes)
{
    return (change_bytes < 0 ? (uint64_t)-change_bytes : (uint64_t)change_bytes) > noise_bytes;
}
