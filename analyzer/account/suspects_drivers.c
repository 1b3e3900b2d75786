/* Drivers and buffers that take pages which no counter knows. */
#include "analyzer/account/ledger_suspects.h"

#include <inttypes.h>
#include <stdio.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"
#include "analyzer/parse/system/vmstat.h"

/* Room of a pipe that nobody made larger: PIPE_DEF_BUFFERS of fs/pipe.c. */
#define PIPE_PAGES 16

/* pipe-max-size where the bundle does not have it: the kernel's default. */
#define PIPE_MAX_BYTES (INT64_C(1) << 20)

/* Modules whose drivers take pages that no counter knows. */
static const struct page_taker {
    const char *module, *what;
    enum { KNOWN_BY_NOTHING, KNOWN_BY_BALLOON, KNOWN_BY_GPU, KNOWN_BY_SECONDARY, KNOWN_BY_ARC } by;
} page_takers[] = {
    {"vmw_balloon",    "VMware balloon: its pages stay in MemTotal",                 KNOWN_BY_BALLOON  },
    {"virtio_balloon", "virtio balloon: inside MemTotal with deflate-on-oom",        KNOWN_BY_BALLOON  },
    {"zfs",            "ZFS ARC: its data pages are counted nowhere",                KNOWN_BY_ARC      },
    {"amdgpu",         "GPU driver: pages of its buffers",                           KNOWN_BY_GPU      },
    {"nouveau",        "GPU driver: pages of its buffers",                           KNOWN_BY_GPU      },
    {"radeon",         "GPU driver: pages of its buffers",                           KNOWN_BY_GPU      },
    {"vmwgfx",         "GPU driver: pages of its buffers",                           KNOWN_BY_GPU      },
    {"xe",             "GPU driver: pages of its buffers",                           KNOWN_BY_GPU      },
    {"nvidia",         "GPU driver: pages of its buffers",                           KNOWN_BY_NOTHING  },
    {"i915",           "GPU driver: pages beyond shmem",                             KNOWN_BY_NOTHING  },
    {"kvm",            "KVM: page tables of guests, counted nowhere on this kernel", KNOWN_BY_SECONDARY},
    {"mlx5_core",      "network driver: receive rings and page pools",               KNOWN_BY_NOTHING  },
    {"mlx4_en",        "network driver: receive rings and page pools",               KNOWN_BY_NOTHING  },
    {"bnxt_en",        "network driver: receive rings and page pools",               KNOWN_BY_NOTHING  },
    {"ice",            "network driver: receive rings and page pools",               KNOWN_BY_NOTHING  },
    {"i40e",           "network driver: receive rings and page pools",               KNOWN_BY_NOTHING  },
    {"ixgbe",          "network driver: receive rings and page pools",               KNOWN_BY_NOTHING  },
};

static bool is_known(const struct suspect_search *search, const struct page_taker *taker)
{
    const struct system_details *details = &search->snapshot->system.details;
    switch (taker->by) {
    case KNOWN_BY_BALLOON: /* a line, or said to be outside */
        return search->terms->balloon.known || search->terms->balloon_outside.known ||
               ledger_find(search->ledger, "balloon");
    case KNOWN_BY_GPU:
        return search->terms->gpu_active.known;
    case KNOWN_BY_SECONDARY:
        return search->terms->secondary_page_tables.known;
    case KNOWN_BY_ARC: /* a suspect of its own, with a figure */
        return details->arc_bytes.known;
    case KNOWN_BY_NOTHING:
        break;
    }
    return false;
}

void suspect_modules(struct suspect_search *search)
{
    const struct modules *modules = &search->snapshot->system.modules;
    for (size_t i = 0; i < modules->count; i++) {
        for (size_t j = 0; j < sizeof page_takers / sizeof page_takers[0]; j++) {
            const struct page_taker *taker = &page_takers[j];
            if (strcmp(modules->modules[i].name, taker->module) != 0 || is_known(search, taker))
                continue;
            char id[48];
            snprintf(id, sizeof id, "module.%s", taker->module);
            suspect_add(search, id, SUSPECT_POSSIBLE, UINT64_MAX,
                        "the driver's own statistics (debugfs, ethtool -S)",
                        "module %s is loaded; %s", taker->module, taker->what);
        }
    }
}

/* Only where no line and no proof says where the balloon is. */
void suspect_balloon(struct suspect_search *search)
{
    const struct system_sample *now = &search->snapshot->system.now;
    const struct system_details *details = &search->snapshot->system.details;
    static const char confirm[] = "ask the hypervisor for the balloon's size; a driver that "
                                  "shrinks MemTotal explains nothing here";
    uint64_t inflated, deflated;
    if (search->terms->balloon.known || search->terms->balloon_outside.known ||
        ledger_find(search->ledger, "balloon"))
        return;
    if (now->has_vmstat && search->terms->page_bytes &&
        field_get(&now->vmstat, VMSTAT_BALLOON_INFLATE, &inflated) &&
        field_get(&now->vmstat, VMSTAT_BALLOON_DEFLATE, &deflated) && inflated > deflated) {
        suspect_add(search, "balloon", SUSPECT_MEASURED,
                    multiply_saturating(inflated - deflated, search->terms->page_bytes), confirm,
                    "vmstat: %" PRIu64 " pages inflated, %" PRIu64 " deflated", inflated, deflated);
        return;
    }
    for (size_t i = 0; i < details->balloon_count; i++)
        if (details->balloons[i].bytes.known)
            suspect_add(search, "balloon", SUSPECT_MEASURED, details->balloons[i].bytes.bytes,
                        confirm, "%s: %" PRIu64 " bytes (%s)",
                        balloon_driver_word(details->balloons[i].driver),
                        details->balloons[i].bytes.bytes, details->balloons[i].source);
}

void suspect_sockets(struct suspect_search *search)
{
    const struct system_state *system = &search->snapshot->system;
    uint64_t tcp = 0, udp = 0, fragments = 0, page = search->terms->page_bytes;
    if (!system->has_sockstat || !page)
        return;
    sockstat_get(&system->sockstat, "TCP", "mem", &tcp);
    sockstat_get(&system->sockstat, "UDP", "mem", &udp);
    sockstat_get(&system->sockstat, "FRAG", "memory", &fragments);
    suspect_add(search, "socket_buffers", SUSPECT_MEASURED,
                add_saturating(multiply_saturating(add_saturating(tcp, udp), page), fragments),
                "part of this is slab already: see skbuff caches in `memtally kernel`; ss -m on "
                "the machine",
                "sockstat: TCP mem %" PRIu64 " pages, UDP mem %" PRIu64 " pages, FRAG %" PRIu64
                " bytes",
                tcp, udp, fragments);
}

/* Data of a message lies in pages beside its head: at most so much on stream sockets
 * (UNIX_SKB_FRAGS_SZ of net/unix/af_unix.c), and packets rarely have more. */
#define MESSAGE_BYTES 32768

void suspect_messages(struct suspect_search *search)
{
    static const char *const caches[] = {"skbuff_head_cache", "skbuff_fclone_cache"};
    const struct slabinfo *slabinfo = &search->snapshot->system.slabinfo;
    uint64_t heads = 0;
    for (size_t i = 0; i < slabinfo->count; i++)
        for (size_t j = 0; j < sizeof caches / sizeof caches[0]; j++)
            if (strcmp(slabinfo->caches[i].name, caches[j]) == 0)
                heads = add_saturating(heads, slabinfo->caches[i].active_objects);
    suspect_add(search, "socket_queues", SUSPECT_CAPACITY,
                multiply_saturating(heads, MESSAGE_BYTES),
                "ss -xm and ss -m: queues of AF_UNIX and packet sockets are in no counter",
                "slabinfo: %" PRIu64
                " heads of messages and packets; each may have %d bytes in pages of its own",
                heads, MESSAGE_BYTES);
}

/* Every pipe may be made as large as pipe-max-size; root may go beyond it. */
void suspect_pipes(struct suspect_search *search)
{
    const struct pipe_count *pipes = &search->snapshot->system.details.pipes;
    int64_t largest;
    if (!pipes->known)
        return;
    if (!figure_number(search->snapshot, "proc/sys/fs/pipe-max-size", &largest) || largest <= 0)
        largest = PIPE_MAX_BYTES;
    suspect_add(search, "pipe_buffers", SUSPECT_CAPACITY,
                multiply_saturating(pipes->pipes, (uint64_t)largest),
                "FIONREAD on the pipes; who made them larger with F_SETPIPE_SZ",
                "%" PRIu64 " pipes among %" PRIu64
                " descriptors; a full one holds %d pages, or up to "
                "%" PRId64 " bytes if made larger, more if root did it",
                pipes->pipes, pipes->descriptors, PIPE_PAGES, largest);
}

void suspect_packet_sockets(struct suspect_search *search)
{
    const struct packet_sockets *packets = &search->snapshot->system.packet_sockets;
    if (search->shared->unmapped_packet_sockets)
        suspect_add(search, "packet_sockets", SUSPECT_CAPACITY, UINT64_MAX,
                    "ss -0 -e: rings and queues; a ring is shown nowhere unless it is mapped",
                    "proc/net/packet: %zu sockets, of %" PRIu64 " nobody maps a ring; %" PRIu64
                    " bytes wait in queues",
                    packets->count, search->shared->unmapped_packet_sockets, packets->queued_bytes);
}

void suspect_mapped_driver_pages(struct suspect_search *search)
{
    suspect_add(search, "driver_pages", SUSPECT_MEASURED, search->shared->driver_pages_bytes,
                "maps of the processes: socket: is a packet ring, anon_inode:[io_uring] a ring",
                "smaps: PSS of packet rings, io_uring, perf buffers and devices is %" PRIu64
                " bytes; part of it may be vmalloc",
                search->shared->driver_pages_bytes);
}

/* The part of ARC that lies in slab caches of its own. */
void suspect_arc(struct suspect_search *search)
{
    static const char *const caches[] = {"zio_",   "abd_", "arc_", "dnode_t",  "dmu_", "zfs_",
                                         "l2arc_", "hdr_", "ddt_", "sa_cache", "kcf_"};
    const struct system_state *system = &search->snapshot->system;
    uint64_t in_slab = 0, page = search->terms->page_bytes;
    if (!system->details.arc_bytes.known)
        return;
    for (size_t i = 0; i < system->slabinfo.count; i++)
        for (size_t j = 0; j < sizeof caches / sizeof caches[0]; j++)
            if (strncmp(system->slabinfo.caches[i].name, caches[j], strlen(caches[j])) == 0)
                in_slab = add_saturating(
                    in_slab,
                    multiply_saturating(
                        system->slabinfo.caches[i].slabs,
                        multiply_saturating(system->slabinfo.caches[i].pages_per_slab, page)));
    suspect_add(search, "zfs_arc", SUSPECT_MEASURED,
                subtract_to_zero(system->details.arc_bytes.bytes, in_slab),
                "arcstats: size, data_size, metadata_size",
                "arcstats: ARC is %" PRIu64 " bytes, of which %" PRIu64 " are in slab caches",
                system->details.arc_bytes.bytes, in_slab);
}

void suspect_cma(struct suspect_search *search)
{
    const struct field_record *meminfo = &search->snapshot->system.now.meminfo;
    uint64_t total, free;
    if (!field_get(meminfo, MEMINFO_CMA_TOTAL, &total) ||
        !field_get(meminfo, MEMINFO_CMA_FREE, &free))
        return;
    suspect_add(search, "cma_drivers", SUSPECT_CAPACITY, subtract_to_zero(total, free),
                "debugfs cma/*/used; pages of users that can be moved lie there as well",
                "meminfo: %" PRIu64 " bytes of CMA areas are in use",
                subtract_to_zero(total, free));
}

static uint64_t dma_buf_files(const struct snapshot *snapshot)
{
    const struct figure_table *figures = &snapshot->system.details.figures;
    uint64_t sum = 0;
    for (size_t i = 0; i < figures->count; i++) {
        struct slice path = snapshot_text(snapshot, figures->rows[i].path);
        if (figures->rows[i].is_number && figures->rows[i].number > 0 &&
            slice_starts(path, SLICE("sys/kernel/dmabuf/buffers/")) &&
            slice_ends(path, SLICE("/size")))
            sum = add_saturating(sum, (uint64_t)figures->rows[i].number);
    }
    return sum;
}

/* Sysfs lists all buffers where it is compiled in, descriptors those that a process holds. */
void suspect_dma_bufs(struct suspect_search *search)
{
    uint64_t listed = dma_buf_files(search->snapshot), held = search->shared->dma_buf_bytes;
    suspect_add(search, "dma_bufs", SUSPECT_CAPACITY, listed > held ? listed : held,
                "debugfs dma_buf/bufinfo: exporters; a buffer may be shmem, CMA or device memory",
                "DMA buffers: %" PRIu64 " bytes listed by /sys, %" PRIu64
                " bytes held by descriptors",
                listed, held);
}
