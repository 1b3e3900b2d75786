/* /proc/iomem: physical address ranges by use. For others than root all addresses are 0, which is
 * refused as absent. Source: kernel/resource.c:r_show(), arch setup of "Kernel code" and others. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct iomem {
    /* sum of "System RAM", also of what a driver added: "System RAM (kmem)"; each byte once */
    struct amount system_ram;
    struct amount kernel_code, kernel_rodata, kernel_data, kernel_bss; /* inside System RAM */
    struct amount crash_kernel;                                        /* inside System RAM */
    struct amount reserved_in_ram; /* sum of "Reserved"/"reserved" directly inside System RAM */
};

/* *is_hidden: every range is 0-0, as a user without rights sees it; *out is then all unknown.
 * Fails (MALFORMED, line; *out and *is_hidden unchanged) on a line of another form or a cut one. */
bool iomem_parse(struct slice text, struct iomem *out, bool *is_hidden, struct failure *why);
