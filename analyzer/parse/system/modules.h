/* /proc/modules. Source: kernel/module/procfs.c:m_show(). */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct kernel_module {
    char *name;              /* owned */
    uint64_t size_bytes;     /* what lsmod shows */
    int64_t reference_count; /* valid if has_reference_count ("-" without CONFIG_MODULE_UNLOAD) */
    bool has_reference_count;
    char *used_by;    /* owned: "ext4,jbd2" as printed without the last comma; "" for "-" */
    char *state;      /* owned: "Live", "Loading", "Unloading" */
    uint64_t address; /* 0 when hidden */
    char *taints;     /* owned: "(OE)" -> "OE"; "" if none */
};

struct modules {
    struct kernel_module *modules; /* owned, in the order of the file */
    size_t count;
};

void modules_deinit(struct modules *modules);
/* An empty text is an empty list (no module loaded). */
bool modules_parse(struct slice text, struct modules *out, struct failure *why);
