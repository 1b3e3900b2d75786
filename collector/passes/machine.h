/* Which machine this is, from the kernel or, for a copied tree, from what the tree tells. */
#pragma once

#include "collector/read/tree.h"

#include <stdbool.h>
#include <stdint.h>

/* "" and 0 mean that nothing tells it. Never a value of this machine for a copied tree. */
struct machine {
    char host[256];
    char kernel_release[256];
    char kernel_version[256];
    char architecture[128];
    char boot_id[64];
    char pid_namespace[64];
    uint64_t page_size_bytes;
    uint64_t clock_ticks_per_second;
    uint64_t cpus_online;
    bool in_namespace; /* the tree is a procfs that shows the processes of a PID namespace other
                          than the machine's first: there are more */
};

void machine_identify(struct machine *machine, const struct tree *tree);
