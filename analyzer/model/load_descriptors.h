/* Handlers of lists of descriptors, for the table of routes in load_process.c. */
#pragma once

#include "analyzer/model/loader.h"

bool load_fd_memory(struct loader *loader, struct process *process, struct slice text,
                    struct failure *why);
bool load_fd_links(struct loader *loader, struct process *process, struct slice text,
                   struct failure *why);
