#pragma once

#include "analyzer/account/kernel_usage.h"
#include "analyzer/views/views.h"

bool kernel_print(const struct snapshot *snapshot, const struct kernel_usage *usage,
                  const struct view_options *options, struct failure *why);
bool kernel_print_json(const struct snapshot *snapshot, const struct kernel_usage *usage, FILE *to,
                       struct failure *why);
