#include "analyzer/account/ledger_suspects.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/vmstat.h"

/* Modules whose drivers take pages that no counter knows. */
static const struct page_taker {
    const char *module, *what;
} page_takers[] = {
    {"vmw_balloon",    "VMware balloon: its pages stay in MemTotal"         },
    {"virtio_balloon", "virtio balloon: inside MemTotal with deflate-on-oom"},
    {"zfs",            "ZFS ARC: its data pages are counted nowhere"        },
    {"amdgpu",         "GPU driver: pages of its buffers"                   },
    {"nouveau",        "GPU driver: pages of its buffers"                   },
    {"nvidia",         "GPU driver: pages of its buffers"                   },
    {"i915",           "GPU driver: pages beyond shmem"                     },
    {"kvm",            "KVM: pages of its own for guests"                   },
    {"mlx5_core",      "network driver: receive rings and page pools"       },
    {"ice",            "network driver: receive rings and page pools"       },
    {"ixgbe",          "network driver: receive rings and page pools"       },
};

static uint64_t residual_at_most(const struct ledger *ledger, uint64_t bytes)
{
    uint64_t most = ledger->residual_high_bytes > 0 ? (uint64_t)ledger->residual_high_bytes : 0;
    return bytes < most ? bytes : most;
}

static struct ledger_suspect *add_suspect(struct ledger *ledger, const char *id,
                                          uint64_t at_most_bytes, const char *confirm)
{
    if (ledger->suspect_count >= LEDGER_SUSPECTS_MAX || at_most_bytes == 0)
        return NULL;
    struct ledger_suspect *suspect = &ledger->suspects[ledger->suspect_count++];
    suspect->at_most_bytes = at_most_bytes;
    snprintf(suspect->id, sizeof suspect->id, "%s", id);
    snprintf(suspect->confirm, sizeof suspect->confirm, "%s", confirm);
    return suspect;
}

static void suspect_balloon(const struct snapshot *snapshot, const struct system_terms *terms,
                            struct ledger *ledger)
{
    const struct system_sample *now = &snapshot->system.now;
    uint64_t inflated, deflated;
    if (terms->balloon.known || !now->has_vmstat || !terms->page_bytes ||
        !field_get(&now->vmstat, VMSTAT_BALLOON_INFLATE, &inflated) ||
        !field_get(&now->vmstat, VMSTAT_BALLOON_DEFLATE, &deflated) || inflated <= deflated)
        return;
    uint64_t bytes = multiply_saturating(inflated - deflated, terms->page_bytes);
    struct ledger_suspect *suspect = add_suspect(
        ledger, "balloon", residual_at_most(ledger, bytes),
        "ask the hypervisor for the balloon's size; a driver that shrinks MemTotal explains "
        "nothing here");
    if (suspect)
        snprintf(suspect->evidence, sizeof suspect->evidence,
                 "vmstat: %" PRIu64 " pages inflated, %" PRIu64 " deflated", inflated, deflated);
}

static void suspect_sockets(const struct snapshot *snapshot, const struct system_terms *terms,
                            struct ledger *ledger)
{
    const struct system_state *system = &snapshot->system;
    uint64_t tcp = 0, udp = 0, fragments = 0;
    if (!system->has_sockstat || !terms->page_bytes)
        return;
    sockstat_get(&system->sockstat, "TCP", "mem", &tcp);
    sockstat_get(&system->sockstat, "UDP", "mem", &udp);
    sockstat_get(&system->sockstat, "FRAG", "memory", &fragments);
    uint64_t bytes =
        add_saturating(multiply_saturating(add_saturating(tcp, udp), terms->page_bytes), fragments);
    struct ledger_suspect *suspect =
        add_suspect(ledger, "socket_buffers", residual_at_most(ledger, bytes),
                    "part of this is slab already: see skbuff caches in `memtally kernel`; ss -m "
                    "on the machine");
    if (suspect)
        snprintf(suspect->evidence, sizeof suspect->evidence,
                 "sockstat: TCP mem %" PRIu64 " pages, UDP mem %" PRIu64 " pages, FRAG %" PRIu64
                 " bytes",
                 tcp, udp, fragments);
}

static void suspect_uncounted(const struct system_terms *terms, struct ledger *ledger)
{
    uint64_t all = residual_at_most(ledger, UINT64_MAX);
    struct ledger_suspect *suspect = NULL;
    if (!terms->vmalloc.known && (suspect = add_suspect(ledger, "vmalloc", all,
                                                        "collect as root: vmallocinfo is refused "
                                                        "to others")))
        snprintf(suspect->evidence, sizeof suspect->evidence,
                 "no vmallocinfo in the bundle, and VmallocUsed does not count pages here");
    if (!terms->pcp.known &&
        (suspect = add_suspect(ledger, "pcp", all, "collect zoneinfo together with meminfo")))
        snprintf(suspect->evidence, sizeof suspect->evidence, "no zoneinfo in the bundle");
    uint64_t percpu = terms->percpu_high_bytes - terms->percpu_bytes;
    if (percpu && (suspect = add_suspect(ledger, "percpu", residual_at_most(ledger, percpu),
                                         "boot log line 'percpu: Embedded N pages/cpu'")))
        snprintf(
            suspect->evidence, sizeof suspect->evidence,
            "part of Percpu that may lie inside MemTotal: the first chunk's size is not known");
}

static void suspect_modules(const struct snapshot *snapshot, struct ledger *ledger)
{
    const struct modules *modules = &snapshot->system.modules;
    for (size_t i = 0; i < modules->count; i++) {
        for (size_t j = 0; j < sizeof page_takers / sizeof page_takers[0]; j++) {
            if (strcmp(modules->modules[i].name, page_takers[j].module) != 0)
                continue;
            char id[48];
            snprintf(id, sizeof id, "module.%s", page_takers[j].module);
            struct ledger_suspect *suspect =
                add_suspect(ledger, id, residual_at_most(ledger, UINT64_MAX),
                            "the driver's own statistics (debugfs, ethtool -S, arcstats)");
            if (suspect)
                snprintf(suspect->evidence, sizeof suspect->evidence, "module %s is loaded; %s",
                         page_takers[j].module, page_takers[j].what);
        }
    }
}

/* Evidence in bytes stands before mere possibility. */
static int by_weight(const void *a, const void *b)
{
    const struct ledger_suspect *left = a, *right = b;
    bool left_module = strncmp(left->id, "module.", 7) == 0;
    bool right_module = strncmp(right->id, "module.", 7) == 0;
    if (left_module != right_module)
        return left_module ? 1 : -1;
    if (left->at_most_bytes != right->at_most_bytes)
        return left->at_most_bytes > right->at_most_bytes ? -1 : 1;
    return strcmp(left->id, right->id);
}

void ledger_find_suspects(const struct snapshot *snapshot, const struct system_terms *terms,
                          struct ledger *ledger)
{
    suspect_balloon(snapshot, terms, ledger);
    suspect_sockets(snapshot, terms, ledger);
    suspect_uncounted(terms, ledger);
    suspect_modules(snapshot, ledger);
    qsort(ledger->suspects, ledger->suspect_count, sizeof ledger->suspects[0], by_weight);
}
