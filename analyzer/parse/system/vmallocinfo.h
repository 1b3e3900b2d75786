/* /proc/vmallocinfo. Source: mm/vmalloc.c:s_show(). Only `pages` is memory: sizes of ioremap and
 * vmap areas say nothing about RAM. Addresses may be hashed, zero, or "(____ptrval____)". */
#pragma once

#include "analyzer/base/slice.h"
#include "schema/failure.h"

enum vmalloc_type {                  /* what the line says the area is */
                    VMALLOC_VMALLOC, /* "vmalloc": pages of its own, unless it has no pages=  */
                    VMALLOC_VMAP,    /* "vmap": borrowed pages, or its own if pages= stands there */
                    VMALLOC_IOREMAP, /* "ioremap": device memory                              */
                    VMALLOC_USER,    /* "user": may be mapped into processes as well          */
                    VMALLOC_DMA,     /* "dma-coherent"                                        */
                    VMALLOC_VM_MAP_RAM,
                    VMALLOC_UNPURGED, /* freed already, address space not yet given back       */
                    VMALLOC_SPARSE,
                    VMALLOC_OTHER,
                    VMALLOC_TYPE_COUNT
};

struct vmalloc_area {
    uint64_t start, end; /* as printed; has_address says whether they mean anything */
    bool has_address;    /* hexadecimal and not zero (may still be hashed)          */
    uint64_t size_bytes; /* address space, guard page included                      */
    uint64_t pages;      /* base pages that the area owns; valid if has_pages       */
    bool has_pages;
    enum vmalloc_type
        type; /* the first of dma-coherent, user, ioremap, vmap, sparse, vmalloc that stands there */
    char *caller; /* owned: "load_module+0x8a2/0x1e70" without offset: "load_module"; "" if none */
    char *module; /* owned: "[zram]" -> "zram"; NULL if none                 */
};

struct vmallocinfo {
    struct vmalloc_area *areas; /* owned, in the order of the file */
    size_t count;
};

void vmallocinfo_deinit(struct vmallocinfo *vmallocinfo);
bool vmallocinfo_parse(struct slice text, struct vmallocinfo *out, struct failure *why);
/* "vmalloc", "ioremap", ...: static. */
const char *vmalloc_type_word(enum vmalloc_type type);
