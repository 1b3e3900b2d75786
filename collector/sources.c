#include "collector/sources.h"

#include <string.h>

/* Short names for the columns of this table only. */
#define ROW(...)                                                                                   \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define ROW_UNLESS(...)                                                                            \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define ROW_SYSTEM  SOURCE_FILE, 1, COST_CHEAP, PRIVACY_NUMBERS, RECORDS_LINES
#define ROW_LOCKED  SOURCE_FILE, 1, COST_LOCKED, PRIVACY_NUMBERS, RECORDS_LINES
#define ROW_MACHINE SOURCE_FILE, 1, COST_CHEAP, PRIVACY_MACHINE, RECORDS_LINES
#define ROW_DRIVER  SOURCE_FILE, 1, COST_MAY_BLOCK, PRIVACY_NUMBERS, RECORDS_LINES
#define ROW_CGROUP  SOURCE_FILE, 1, COST_CHEAP, PRIVACY_NAMES, RECORDS_LINES
#define ROW_PROCESS SOURCE_PROCESS_FILE, 1, COST_CHEAP

/* Never here: memory.kmem.slabinfo (its lock stalls the machine), anything that acts when it
 * is read or written (drop_caches, compact_memory, clear_refs), kpage* and pagemap as they are (large, and
 * true frame numbers help attackers: derived/census counts, proc/PID/pages renumbers). */

#define CGROUP_V1_NAMES                                                                            \
    "memory.usage_in_bytes memory.max_usage_in_bytes memory.limit_in_bytes "                       \
    "memory.soft_limit_in_bytes memory.memsw.usage_in_bytes memory.memsw.limit_in_bytes "          \
    "memory.kmem.usage_in_bytes memory.kmem.limit_in_bytes memory.kmem.tcp.usage_in_bytes "        \
    "memory.failcnt memory.stat memory.numa_stat memory.use_hierarchy memory.swappiness"

#define CGROUP_V2_NAMES                                                                            \
    "cgroup.controllers cgroup.stat memory.current memory.peak memory.stat memory.numa_stat "      \
    "memory.min memory.low memory.high memory.max memory.events memory.events.local "              \
    "memory.oom.group memory.pressure memory.swap.current memory.swap.peak memory.swap.high "      \
    "memory.swap.max memory.swap.events memory.zswap.current memory.zswap.max "                    \
    "memory.zswap.writeback hugetlb.*.current"

#define SYSCTL_VM_NAMES                                                                            \
    "admin_reserve_kbytes compact_unevictable_allowed compaction_proactiveness defrag_mode "       \
    "dirty_background_bytes dirty_background_ratio dirty_bytes dirty_expire_centisecs "            \
    "dirty_ratio dirty_writeback_centisecs extfrag_threshold hugepages_treat_as_movable "          \
    "hugetlb_optimize_vmemmap hugetlb_shm_group laptop_mode legacy_va_layout "                     \
    "lowmem_reserve_ratio max_map_count memory_failure_early_kill min_free_kbytes "                \
    "min_slab_ratio min_unmapped_ratio mmap_min_addr nr_hugepages nr_hugepages_mempolicy "         \
    "nr_overcommit_hugepages numa_stat numa_zonelist_order oom_dump_tasks "                        \
    "oom_kill_allocating_task overcommit_kbytes overcommit_memory overcommit_ratio "               \
    "page-cluster panic_on_oom percpu_pagelist_fraction percpu_pagelist_high_fraction "            \
    "stat_interval swappiness user_reserve_kbytes vfs_cache_pressure watermark_boost_factor "      \
    "watermark_scale_factor zone_reclaim_mode"

/* clang-format off */
const struct source sources[] = {
    ROW(SOURCE_REFRESH, 1, COST_MAY_BLOCK, PRIVACY_NUMBERS, RECORDS_LINES,
      "proc/sys/vm", "stat_refresh", "fold the per-CPU counters into the ones that are read"),

    ROW(ROW_LOCKED,  "proc", "zoneinfo", "zones, watermarks, pages on per-CPU lists"),
    ROW(ROW_SYSTEM,  "proc", "meminfo vmstat", "the machine's memory by kind"),
    ROW(ROW_LOCKED,  "proc", "buddyinfo pagetypeinfo", "free memory by order and mobility"),
    ROW(ROW_LOCKED,  "proc", "slabinfo", "slab caches"),
    ROW(ROW_LOCKED,  "proc", "vmallocinfo", "vmalloc areas by caller"),
    ROW(ROW_SYSTEM,  "proc", "modules", "loaded modules and their size"),
    ROW(ROW_MACHINE, "proc", "swaps iomem version cmdline cpuinfo mounts self/mountinfo",
                           "swap areas, memory map, kernel, file systems"),
    ROW(ROW_SYSTEM,  "proc", "uptime loadavg stat filesystems", "how long and how busy"),
    ROW(ROW_SYSTEM,  "proc", "cgroups", "how many cgroups, also removed ones that live on"),
    ROW(ROW_SYSTEM,  "proc/sysvipc", "shm", "System V shared memory, also unattached"),
    ROW(ROW_SYSTEM,  "proc/net", "sockstat sockstat6 packet", "socket buffers"),
    ROW(ROW_SYSTEM,  "proc/pressure", "memory", "time lost waiting for memory"),
    ROW(ROW_LOCKED,  "proc", "allocinfo", "kernel memory by call site"),
    ROW(ROW_DRIVER,  "proc/spl/kstat/zfs", "arcstats abdstats", "ZFS cache"),
    ROW(ROW_DRIVER,  "proc/spl/kmem", "slab", "ZFS slab caches"),
    ROW(ROW_SYSTEM,  "proc/sys/vm", SYSCTL_VM_NAMES, "settings of the memory manager"),
    ROW(ROW_MACHINE, "proc/sys/kernel", "hostname osrelease ostype version arch tainted "
                   "random/boot_id pid_max threads-max shmmax shmall shmmni "
                   "shm_rmid_forced", "which machine"),
    ROW(ROW_SYSTEM,  "proc/sys/fs", "file-nr inode-nr dentry-state", "objects behind slab"),
    ROW(ROW_SYSTEM,  "proc/sys/fs", "pipe-max-size pipe-user-pages-soft pipe-user-pages-hard",
                   "how much pipes may hold"),

    ROW(ROW_SYSTEM,  "sys/module/*", "coresize initsize refcnt taint", "sizes of modules"),
    ROW(SOURCE_LISTING, 1, COST_CHEAP, PRIVACY_NUMBERS, RECORDS_LINES,
      "sys/module/*", "holders", "who uses a module"),
    ROW(ROW_SYSTEM,  "sys/module/zswap/parameters", "*", "is zswap on, and how large may it grow"),
    ROW(SOURCE_LINK, 1, COST_CHEAP, PRIVACY_NUMBERS, RECORDS_LINES,
      "sys/kernel/slab", "*", "names of slab caches that were merged"),
    ROW(ROW_SYSTEM,  "sys/kernel/mm/hugepages/hugepages-*",
                   "nr_hugepages nr_hugepages_mempolicy nr_overcommit_hugepages free_hugepages "
                   "resv_hugepages surplus_hugepages demote_size", "huge page pools by size"),
    ROW(ROW_SYSTEM,  "sys/kernel/mm/transparent_hugepage", "*", "transparent huge pages"),
    ROW(ROW_SYSTEM,  "sys/kernel/mm/transparent_hugepage/khugepaged", "*", "their daemon"),
    ROW(ROW_SYSTEM,  "sys/kernel/mm/transparent_hugepage/hugepages-*", "*", "them by size"),
    ROW(ROW_SYSTEM,  "sys/kernel/mm/transparent_hugepage/hugepages-*/stats", "*", "them by size"),
    ROW(ROW_SYSTEM,  "sys/kernel/mm/ksm", "*", "pages merged by KSM"),
    ROW(ROW_SYSTEM,  "sys/kernel/mm/cma/*", "*", "contiguous memory areas"),
    ROW(ROW_SYSTEM,  "sys/devices/system/node", "online possible has_memory has_normal_memory",
                   "which NUMA nodes"),
    ROW(ROW_SYSTEM,  "sys/devices/system/node/node*", "meminfo vmstat numastat distance cpulist",
                   "memory by NUMA node"),
    ROW(ROW_SYSTEM,  "sys/devices/system/node/node*/hugepages/hugepages-*",
                   "nr_hugepages free_hugepages surplus_hugepages", "huge page pools by node"),
    ROW(ROW_SYSTEM,  "sys/devices/system/cpu", "online possible", "which processors"),
    ROW(ROW_SYSTEM,  "sys/devices/system/memory", "block_size_bytes", "unit of memory hotplug"),
    ROW(ROW_SYSTEM,  "sys/block/zram*",
                   "mm_stat bd_stat disksize comp_algorithm initstate orig_data_size "
                   "compr_data_size mem_used_total", "compressed swap in memory"),
    ROW(ROW_SYSTEM,  "sys/bus/virtio/devices/*", "features device modalias",
                   "virtio devices: does the balloon deflate on out of memory"),
    ROW(ROW_DRIVER,  "sys/devices/system/xen_memory/xen_memory0", "target_kb target",
                   "Xen balloon"),
    ROW(ROW_DRIVER,  "sys/devices/system/xen_memory/xen_memory0/info", "*", "Xen balloon"),
    ROW(ROW_DRIVER,  "sys/devices/system/cmm/cmm0", "*_kb", "pseries balloon"),
    ROW(ROW_DRIVER,  "sys/kernel/debug", "vmmemctl hv-balloon", "VMware and Hyper-V balloons"),
    ROW(ROW_DRIVER,  "sys/kernel/debug/zswap", "*", "compressed swap cache"),
    ROW(ROW_DRIVER,  "sys/kernel/debug/page_owner_stacks", "show_stacks",
                   "pages by the stack that allocated them"),
    ROW(ROW_DRIVER,  "sys/kernel/dmabuf/buffers/*", "exporter_name size", "DMA buffers"),

    ROW(ROW_CGROUP,  "sys/fs/cgroup/memory/**", CGROUP_V1_NAMES, "charges, cgroup v1"),
    ROW_UNLESS(ROW_CGROUP,  "sys/fs/cgroup/**", CGROUP_V2_NAMES, "charges, cgroup v2",
      "sys/fs/cgroup/memory/memory.usage_in_bytes sys/fs/cgroup/unified"),
    ROW(ROW_CGROUP,  "sys/fs/cgroup/unified/**", CGROUP_V2_NAMES, "cgroup v2 beside v1"),

    ROW(SOURCE_STATFS, 1, COST_MAY_BLOCK, PRIVACY_MACHINE, RECORDS_LINES,
      "derived", "statfs", "what tmpfs, ramfs and hugetlbfs hold"),
    ROW(SOURCE_CENSUS, 1, COST_LOCKED, PRIVACY_NUMBERS, RECORDS_LINES,
      "derived", "census", "every page frame by kind, also those that no counter knows"),
    ROW(SOURCE_SHARED_MM, 1, COST_MAY_BLOCK, PRIVACY_NUMBERS, RECORDS_LINES,
      "derived", "shared_mm", "which processes have one address space"),

    ROW(ROW_PROCESS, PRIVACY_NUMBERS, RECORDS_LINES, "proc/*", "statm", "size"),
    ROW(ROW_PROCESS, PRIVACY_NAMES, RECORDS_LINES, "proc/*", "stat status comm cgroup",
      "who it is"),
    ROW(ROW_PROCESS, PRIVACY_NUMBERS, RECORDS_LINES, "proc/*", "oom_score oom_score_adj",
      "who would be killed"),
    ROW(SOURCE_PROCESS_LINK, 1, COST_CHEAP, PRIVACY_NAMES, RECORDS_LINES,
      "proc/*", "exe ns/pid", "its program, its PID namespace"),

    ROW(SOURCE_PROCESS_FILE, 2, COST_MMAP_LOCK, PRIVACY_NUMBERS, RECORDS_LINES,
      "proc/*", "smaps_rollup", "memory of the process in one record"),
    ROW(SOURCE_PROCESS_FILE, 3, COST_MMAP_LOCK, PRIVACY_NAMES, RECORDS_MAPPINGS,
      "proc/*", "smaps", "memory of every mapping"),
    ROW(SOURCE_PROCESS_FILE, 4, COST_MAY_BLOCK, PRIVACY_CONTENT, RECORDS_STRINGS,
      "proc/*", "cmdline", "its command line"),
    ROW(SOURCE_PROCESS_DESCRIPTORS, 4, COST_MAY_BLOCK, PRIVACY_NAMES, RECORDS_LINES,
      "proc/*", "fd.memory", "memory that only a descriptor holds, and pipes"),
    ROW(SOURCE_PROCESS_PAGES, 4, COST_MMAP_LOCK, PRIVACY_NUMBERS, RECORDS_LINES,
      "proc/*", "pages", "which frame or swap slot stands behind each page"),
};
/* clang-format on */

const size_t source_count = sizeof sources / sizeof sources[0];

bool source_next_name(const char **at, char *name, size_t capacity)
{
    const char *start = *at;
    size_t length = strcspn(start, " ");
    if (length == 0 || length >= capacity)
        return false;
    memcpy(name, start, length);
    name[length] = '\0';
    *at = start[length] ? start + length + 1 : start + length;
    return true;
}
