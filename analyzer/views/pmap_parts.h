/* What the files of the pmap view share. Not for others. */
#pragma once

#include "analyzer/views/pmap_view.h"

/* pmap_plain.c: no letter, -x and -d. */
bool pmap_print_plain(const struct pmap_report *report, const struct view_options *options,
                      struct failure *why);
/* pmap_smaps.c: -X and -XX. */
bool pmap_print_smaps(const struct pmap_report *report, const struct view_options *options,
                      struct failure *why);
/* pmap_long.c: our own. */
bool pmap_print_long(const struct pmap_report *report, const struct view_options *options,
                     struct failure *why);

/* "PID:   COMMAND", as procps shows a command: "[name]" without arguments. */
bool pmap_print_command(const struct pmap_report *report, const struct process *process, FILE *to,
                        struct failure *why);

static inline const struct mapping *pmap_mapping(const struct pmap_report *report,
                                                 const struct process *process, size_t number)
{
    return &report->snapshot->mappings.mappings[process->first_mapping + number];
}
