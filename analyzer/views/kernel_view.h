#pragma once

#include "analyzer/account/kernel_report.h"
#include "analyzer/views/views.h"

/* Only the sections of options->sections (bits by enum kernel_section), or all if it is 0. */
bool kernel_print(const struct snapshot *snapshot, const struct kernel_report *report,
                  const struct view_options *options, struct failure *why);
bool kernel_print_json(const struct snapshot *snapshot, const struct kernel_report *report,
                       const struct view_options *options, struct failure *why);

/* Whether a section is to be shown. */
static inline bool kernel_section_wanted(const struct view_options *options,
                                         enum kernel_section section)
{
    return options->sections == 0 || (options->sections & (1u << section));
}
