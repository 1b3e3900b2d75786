/* What a caller of vmalloc stands for: one table from function and module to owner. */
#pragma once

#include "analyzer/parse/system/vmallocinfo.h"

/* X(constant, word) */
#define VMALLOC_OWNERS(X)                                                                          \
    X(STACKS, "kernel stacks")                                                                     \
    X(MODULES, "modules")                                                                          \
    X(BPF, "BPF")                                                                                  \
    X(PERCPU, "percpu")                                                                            \
    X(SWAP, "zram and swap")                                                                       \
    X(NETWORK, "network")                                                                          \
    X(FILE_SYSTEMS, "file systems")                                                                \
    X(COMPRESSION, "compression")                                                                  \
    X(TRACING, "tracing")                                                                          \
    X(TERMINALS, "terminals")                                                                      \
    X(READERS, "readers of /proc")                                                                 \
    X(DRIVERS, "drivers") /* a module that no rule names */                                        \
    X(OTHER, "other")

enum vmalloc_owner {
#define OWNER_CONSTANT(constant, word) OWNER_##constant,
    VMALLOC_OWNERS(OWNER_CONSTANT)
#undef OWNER_CONSTANT
        OWNER_COUNT
};

/* The caller's name decides, without ".isra.0" and the like; then its module. */
enum vmalloc_owner vmalloc_owner_of(const struct vmalloc_area *area);
const char *vmalloc_owner_word(enum vmalloc_owner owner); /* static */

/* Where the memory behind an area is counted. An area's own pages are memory of vmalloc; one
 * without pages= is address space for memory that belongs elsewhere, or for none. */
enum vmalloc_memory {
    VMALLOC_MEMORY_OWN,
    VMALLOC_MEMORY_PERCPU,   /* a chunk of percpu memory: Percpu counts it   */
    VMALLOC_MEMORY_DEVICE,   /* ioremap: not RAM                             */
    VMALLOC_MEMORY_BORROWED, /* pages of somebody else, mapped once more     */
    VMALLOC_MEMORY_NONE      /* freed, or only address space                 */
};

enum vmalloc_memory vmalloc_memory_of(const struct vmalloc_area *area);
const char *vmalloc_memory_word(enum vmalloc_memory memory); /* static */
