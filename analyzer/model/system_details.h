/* What the bundle says of the system beyond its counters: who may hold what the counters only sum
 * up. All of it may be absent; nothing here is computed. Part of struct system_state. */
#pragma once

#include "analyzer/base/amount.h"
#include "analyzer/base/key_index.h"
#include "analyzer/parse/system/census.h"
#include "analyzer/parse/system/iomem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A small file of one line: a setting, or a figure of a driver. Found by its path, with
 * figure_number() and figure_text(). Which paths are kept: figure_routes in load_figures.c. */
struct figure {
    uint32_t path; /* string id: "proc/sys/vm/min_free_kbytes" */
    uint32_t text; /* string id: the first line, without newline */
    int64_t number;
    bool is_number; /* the whole line is one decimal number */
};

/* All of them, in the order of the bundle, each path once: of two files with one path the later one
 * counts. */
struct figure_table {
    struct figure *rows;
    size_t count, capacity;
    struct key_index by_path;
};

/* A file system that lives in memory, by statfs(2) (derived/statfs). One for each mount point:
 * the same device may come more than once, and then holds the same blocks. */
struct memory_mount {
    uint32_t type, point; /* string ids: "tmpfs", "/dev/shm" */
    uint64_t major, minor;
    struct amount used_bytes; /* unknown when statfs failed, or for types that count no blocks */
    struct amount size_bytes; /* limit; unknown when there is none */
    struct amount files;      /* used inodes, a number */
};

/* What a descriptor of a process holds (derived file proc/PID/fd.memory, or the names of memfd in
 * proc/PID/fd.links). The same inode may be held by many. */
enum held_kind { HELD_MEMFD, HELD_SHM, HELD_SYSV, HELD_DMABUF, HELD_GPU, HELD_KIND_COUNT };

const char *held_kind_word(enum held_kind kind); /* static */

struct held_memory {
    uint64_t pid;
    enum held_kind kind;
    bool has_identity; /* device and inode are known: copies of /proc show names only */
    uint64_t major, minor, inode;
    struct amount bytes; /* allocated blocks of the inode, resident or in swap */
    uint32_t name;       /* string id: the link's target, "/memfd:NAME (deleted)" */
};

/* Balloons by their driver's own files. */
enum balloon_driver {
    BALLOON_VIRTIO,
    BALLOON_VMWARE,
    BALLOON_HYPERV,
    BALLOON_XEN,
    BALLOON_PSERIES,
    BALLOON_DRIVER_COUNT
};

const char *balloon_driver_word(enum balloon_driver driver); /* static */

struct balloon {
    enum balloon_driver driver;
    struct amount bytes;            /* what it holds now */
    bool knows_place, inside_total; /* does MemTotal still count its pages? */
    const char *source;             /* static: the file */
};

/* One line of /proc/allocinfo: a call site in the kernel. */
struct allocation_site {
    uint32_t place;  /* string id: "mm/slub.c:2400 func:alloc_slab_page" */
    uint32_t module; /* string id; 0 none */
    uint64_t bytes, calls;
};

struct pipe_count {
    uint64_t pipes;       /* distinct inodes seen among descriptors */
    uint64_t descriptors; /* that refer to them */
    bool known;           /* descriptors of at least one process were listed */
};

struct system_details {
    struct figure_table figures;
    bool has_iomem; /* false also when its addresses were hidden */
    struct iomem iomem;
    struct memory_mount *mounts;
    size_t mount_count, mount_capacity;
    struct held_memory *held;
    size_t held_count, held_capacity;
    struct pipe_count pipes;
    struct balloon balloons[BALLOON_DRIVER_COUNT];
    size_t balloon_count;
    struct allocation_site *sites; /* as in the file */
    size_t site_count, site_capacity;
    struct amount arc_bytes; /* ZFS: arcstats "size" */
    struct amount
        first_percpu_chunk;     /* bytes, of a kernel log: "percpu: Embedded N pages/cpu" x units */
    struct amount boot_present; /* bytes, of a kernel log: "Memory: A/BK available", B */
    bool has_census;
    struct census census;
};

struct snapshot;

/* The row of a path that may be new, zeroed but for its path; NULL when memory ran out. Borrowed until the
 * next call. */
struct figure *figure_table_row(struct figure_table *table, uint32_t path);

/* The number in the file at `path`; false when it is not in the bundle or no number. */
bool figure_number(const struct snapshot *snapshot, const char *path, int64_t *number);
/* Its first line, borrowed, NUL-terminated; NULL when it is not in the bundle. */
const char *figure_text(const struct snapshot *snapshot, const char *path);

void system_details_deinit(struct system_details *details);
