#include "analyzer/views/pmap_parts.h"

#include <inttypes.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/views/text_escape.h"

bool pmap_print_command(const struct pmap_report *report, const struct process *process, FILE *to,
                        struct failure *why)
{
    const struct snapshot *snapshot = report->snapshot;
    struct slice command = snapshot_text(snapshot, process->cmdline);
    bool has_arguments = process->files & PROCESS_CMDLINE && command.length_bytes;
    if (!has_arguments)
        command = snapshot_text(snapshot, process->comm);
    AUTO_FREE char *text = escape_as_procps(command, true);
    if (!text)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    fprintf(to, has_arguments ? "%" PRIu64 ":   %s\n" : "%" PRIu64 ":   [%s]%s\n", process->pid,
            text, process->state == 'Z' ? " <defunct>" : "");
    return true;
}

bool pmap_print(const struct pmap_report *report, const struct view_options *options,
                struct failure *why)
{
    if (options->pmap.own)
        return pmap_print_long(report, options, why);
    return options->pmap.details ? pmap_print_smaps(report, options, why)
                                 : pmap_print_plain(report, options, why);
}
