/* Cases of test_checks.c, as data. Identities: a machine on which all hold, and what breaks each. */
#pragma once

#include "tests/unit/model/edited_tree.h"

#include "analyzer/account/checks.h"

#define P_MEMINFO  "proc/meminfo"
#define P_ZONEINFO "proc/zoneinfo"
#define P_VMSTAT   "proc/vmstat"
#define P_BUDDY    "proc/buddyinfo"
#define P_VMALLOC  "proc/vmallocinfo"
#define P_MODULES  "proc/modules"
#define P_SWAPS    "proc/swaps"
#define P_ZRAM     "sys/block/zram0/mm_stat"
#define P_POOL     "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
#define P_NODE_0   "sys/devices/system/node/node0/meminfo"
#define P_NODE_1   "sys/devices/system/node/node1/meminfo"
#define P_STATUS   "proc/1/status"
#define P_SMAPS_1  "proc/1/smaps"
#define P_SMAPS_2  "proc/2/smaps"
#define P_ROLLUP_1 "proc/1/smaps_rollup"
#define P_ROLLUP_2 "proc/2/smaps_rollup"
#define P_SAMPLE   "samples/1/meminfo"
#define P_STATUS_2 "proc/2/status"
#define P_STATM_2  "proc/2/statm"
#define P_SHM      "proc/sysvipc/shm"
#define P_SLABINFO "proc/slabinfo"
#define P_CENSUS   "derived/census"

#define BLOCK(range, pss)                                                                          \
    range " rw-p 00000000 00:00 0 \nSize: 64 kB\nKernelPageSize: 4 kB\nMMUPageSize: 4 kB\n"        \
          "Rss: " pss " kB\nPss: " pss " kB\nLazyFree: 0 kB\nAnonHugePages: 1024 kB\n"             \
          "ShmemPmdMapped: 1024 kB\nFilePmdMapped: 1024 kB\nShared_Hugetlb: 1024 kB\n"             \
          "Private_Hugetlb: 0 kB\nSwap: 0 kB\nSwapPss: 0 kB\nLocked: 0 kB\n"
#define ROLLUP(pss)                                                                                \
    "00010000-00040000 ---p 00000000 00:00 0    [rollup]\nRss: " pss " kB\nPss: " pss " kB\n"

static const struct tree_file files[] = {
    {P_MEMINFO,
     "MemTotal: 1000000 kB\nMemFree: 400000 kB\nBuffers: 10000 kB\nCached: 200000 kB\n"
     "SwapCached: 0 kB\nActive: 250000 kB\nInactive: 110000 kB\nActive(anon): 100000 kB\n"
     "Inactive(anon): 60000 kB\nActive(file): 150000 kB\nInactive(file): 50000 kB\n"
     "Unevictable: 0 kB\nMlocked: 0 kB\nSwapTotal: 100000 kB\nSwapFree: 90000 kB\nDirty: 9 kB\n"
     "Writeback: 0 kB\nAnonPages: 150000 kB\nMapped: 30000 kB\nShmem: 10000 kB\n"
     "KReclaimable: 30000 kB\nSlab: 50000 kB\nSReclaimable: 30000 kB\nSUnreclaim: 20000 kB\n"
     "KernelStack: 880 kB\nPageTables: 3000 kB\nNFS_Unstable: 0 kB\nVmallocUsed: 1000 kB\n"
     "VmallocChunk: 0 kB\nAnonHugePages: 4096 kB\nShmemPmdMapped: 4096 kB\n"
     "FilePmdMapped: 4096 kB\nCmaFree: 400000 kB\nUnaccepted: 0 kB\nHugePages_Total: 8\n"
     "HugePages_Free: 6\nHugepagesize: 2048 kB\nHugetlb: 16384 kB\n"                                           },
    {P_ZONEINFO,
     "Node 0, zone   Normal\n  pages free     100000\n        managed  250000\n  pagesets\n"
     "    cpu: 0\n              count: 200\n  vm stats threshold: 32\n"
     "    cpu: 1\n              count: 300\n  vm stats threshold: 32\n"                                        },
    {P_VMSTAT,                   "nr_free_pages 100000\nnr_file_pages 52500\nnr_zspages 100\nnr_swapcached 0\n"},
    {P_BUDDY,                    "Node 0, zone   Normal 100000\n"                                              },
    {P_VMALLOC,                  "0xf0000000-0xf00d9000 888832 kernel_clone+0x1/0x2 pages=216 vmalloc\n"
                "0xf00e0000-0xf00e5000 20480 kernel_clone+0x1/0x2 pages=4 vmalloc\n"
                "0xf0100000-0xf011f000 126976 load_module+0x1/0x2 pages=30 vmalloc\n"           },
    {P_MODULES,                  "zram 122880 1 - Live 0x0\n"                                                  },
    {P_SWAPS,                    "Filename Type Size Used Priority\n/dev/zram0 partition 100000 10000 100\n"   },
    {P_ZRAM,                     "1000000 400000 409600 0 409600 0 0\n"                                        },
    {P_POOL,                     "8\n"                                                                         },
    {P_SHM,                      "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap\n"
            "0 1 600 10240000 1 1 0 0 0 0 0 0 0 0 0 10240000\n"                                     },
    {P_SLABINFO,                 "slabinfo - version: 2.1\n"
                 "dentry 10 10 192 21 1 : tunables 0 0 0 : slabdata 10000 10000 0\n"           },
    {P_CENSUS,                   "census 1\npage_bytes 4096\nframes 250000\nwithin_ram yes\ncounts no\n"
               "flags 20 pages 50000 mapped 0\nflags 80 pages 10000 mapped 0\n"
               "flags 400 pages 100000 mapped 0\nflags 1020 pages 37500 mapped 0\n"
               "flags 4020 pages 2500 mapped 0\nflags 20000 pages 4096 mapped 0\n"
               "flags 4000000 pages 750 mapped 0\nend rows 7 complete yes\n"                     },
    {P_NODE_0,
     "Node 0 MemTotal: 600000 kB\nNode 0 MemFree: 300000 kB\nNode 0 AnonPages: 100000 kB\n"
     "Node 0 Slab: 30000 kB\nNode 0 Mapped: 20000 kB\nNode 0 Active(file): 100000 kB\n"
     "Node 0 FilePages: 110000 kB\n"                                                                           },
    {P_NODE_1,                   "Node 1 MemTotal: 400000 kB\nNode 1 MemFree: 100000 kB\nNode 1 AnonPages: 50000 kB\n"
               "Node 1 Slab: 20000 kB\nNode 1 Mapped: 10000 kB\nNode 1 Active(file): 50000 kB\n"
               "Node 1 FilePages: 100000 kB\n"                                                   },
    {P_STATUS,                   "Name:\ta\nState:\tS (sleeping)\nTgid:\t1\nPid:\t1\nPPid:\t0\nVmSize:\t 128 kB\n"
               "VmPTE:\t2000 kB\nVmPMD:\t1000 kB\nThreads:\t50\n"                                },
    {P_STATUS_2,                 "Name:\tb\nState:\tS (sleeping)\nTgid:\t2\nPid:\t2\nPPid:\t1\nVmSize:\t 128 "
                 "kB\nThreads:\t5\n"                                                           },
    {P_SMAPS_1,                  BLOCK("00010000-00020000",                                                      "60000") BLOCK("00030000-00040000", "40000")},
    {P_SMAPS_2,                  BLOCK("00010000-00020000",                                                                                                "50000") BLOCK("00030000-00040000", "30000")},
    {P_ROLLUP_1,ROLLUP("100000")},
    {P_ROLLUP_2,                          ROLLUP("80000")                                                                                              },
    {P_STATM_2,                          "100 50 0 0 0 0 0\n"                                                                                                                                                                  },
    {P_SAMPLE,                          "MemTotal: 1000000 kB\n" },
};

#define HOLDS     VERDICT_HOLDS
#define BROKEN    VERDICT_BROKEN
#define UNCHECKED VERDICT_UNCHECKED

#define CASE(id, verdict, difference, tolerance, ...)                                              \
    {                                                                                              \
        id, verdict, difference, tolerance,                                                        \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

/* Difference and tolerance in KiB. */
static const struct check_case {
    const char *id;
    enum verdict verdict;
    int64_t difference;
    uint64_t tolerance;
    struct edit edits[3];
} cases[] = {
    CASE("slab_sum", BROKEN, 4, 0, IN(P_MEMINFO, "Slab: 50000", "Slab: 50004")),
    CASE("slab_sum", BROKEN, -4, 0, IN(P_MEMINFO, "Slab: 50000", "Slab: 49996")),
    CASE("slab_sum", HOLDS, 320, 320, IN(P_MEMINFO, "KReclaimable", "Other"),
         IN(P_MEMINFO, "Slab: 50000", "Slab: 50320")),
    CASE("slab_sum", BROKEN, 324, 320, IN(P_MEMINFO, "KReclaimable", "Other"),
         IN(P_MEMINFO, "Slab: 50000", "Slab: 50324")),
    CASE("slab_sum", UNCHECKED, 0, 0, IN(P_MEMINFO, "SUnreclaim", "Other")),

    CASE("active_sum", BROKEN, 4, 0, IN(P_MEMINFO, "Active: 250000", "Active: 250004")),
    CASE("active_sum", UNCHECKED, 0, 0, IN(P_MEMINFO, "\nActive(file)", "\nOther")),
    CASE("inactive_sum", BROKEN, -4, 0, IN(P_MEMINFO, "Inactive: 110000", "Inactive: 109996")),
    CASE("inactive_sum", UNCHECKED, 0, 0, IN(P_MEMINFO, "Inactive(anon)", "Other")),

    CASE("mem_total_managed", HOLDS, -64, 64, IN(P_ZONEINFO, "managed  250000", "managed  250016")),
    CASE("mem_total_managed", BROKEN, -68, 64,
         IN(P_ZONEINFO, "managed  250000", "managed  250017")),
    CASE("mem_total_managed", HOLDS, 64, 64, IN(P_ZONEINFO, "managed  250000", "managed  249984")),
    CASE("mem_total_managed", BROKEN, 68, 64, IN(P_ZONEINFO, "managed  250000", "managed  249983")),
    /* initialised late: MemFree has as much more than the zones, as nearly as two reads agree */
    CASE("mem_total_managed", HOLDS, 768, 832, IN(P_ZONEINFO, "managed  250000", "managed  199808"),
         IN(P_VMSTAT, "nr_free_pages 100000", "nr_free_pages 50000")),
    CASE("mem_total_managed", HOLDS, -768, 832,
         IN(P_ZONEINFO, "managed  250000", "managed  200192"),
         IN(P_VMSTAT, "nr_free_pages 100000", "nr_free_pages 50000")),
    CASE("mem_total_managed", BROKEN, 200772, 64,
         IN(P_ZONEINFO, "managed  250000", "managed  199807"),
         IN(P_VMSTAT, "nr_free_pages 100000", "nr_free_pages 50000")),
    CASE("mem_total_managed", BROKEN, 100, 64, IN(P_ZONEINFO, "managed  250000", "managed  249975"),
         IN(P_VMSTAT, "nr_free_pages 100000", "nr_free_pages 99988")),
    /* made up: less than what the zones manage, whatever is free */
    CASE("mem_total_managed", BROKEN, -200000, 64,
         IN(P_ZONEINFO, "managed  250000", "managed  300000"),
         IN(P_VMSTAT, "nr_free_pages 100000", "nr_free_pages 50000")),
    CASE("mem_total_managed", UNCHECKED, 0, 0, IN(P_ZONEINFO, "managed", "present")),

    CASE("mem_free_zones", HOLDS, -768, 768, IN(P_ZONEINFO, "free     100000", "free     100192")),
    CASE("mem_free_zones", BROKEN, -772, 768, IN(P_ZONEINFO, "free     100000", "free     100193")),
    CASE("mem_free_zones", HOLDS, 768, 768, IN(P_ZONEINFO, "free     100000", "free     99808")),
    CASE("mem_free_zones", BROKEN, 772, 768, IN(P_ZONEINFO, "free     100000", "free     99807")),
    /* pages that no zone has yet: missing from both sides alike */
    CASE("mem_free_zones", HOLDS, 0, 768, IN(P_ZONEINFO, "free     100000", "free     50000"),
         IN(P_ZONEINFO, "managed  250000", "managed  200000")),
    CASE("mem_free_zones", UNCHECKED, 0, 0, LEFT_OUT(P_ZONEINFO)),

    CASE("buddy_free", HOLDS, 768, 768, IN(P_BUDDY, "100000", "100192")),
    CASE("buddy_free", BROKEN, 772, 768, IN(P_BUDDY, "100000", "100193")),
    CASE("buddy_free", HOLDS, 0, 768, IN(P_BUDDY, "100000", "90000"),
         IN(P_MEMINFO, "Unaccepted: 0", "Unaccepted: 40000")),
    CASE("buddy_free", UNCHECKED, 0, 0, LEFT_OUT(P_BUDDY)),
    CASE("buddy_free", UNCHECKED, 0, 0, LEFT_OUT(P_VMSTAT)),

    CASE("file_pages", HOLDS, -256, 256, IN(P_VMSTAT, "52500", "52564")),
    CASE("file_pages", BROKEN, -260, 256, IN(P_VMSTAT, "52500", "52565")),
    CASE("file_pages", HOLDS, 256, 256, IN(P_MEMINFO, "SwapCached: 0", "SwapCached: 256")),
    CASE("file_pages", BROKEN, 260, 256, IN(P_MEMINFO, "SwapCached: 0", "SwapCached: 260")),
    /* what moved between readings is allowed for */
    CASE("file_pages", HOLDS, 1256, 1256, IN(P_SAMPLE, "kB\n", "kB\nBuffers: 11000 kB\n"),
         IN(P_MEMINFO, "SwapCached: 0", "SwapCached: 1256")),
    CASE("file_pages", BROKEN, 1260, 1256, IN(P_SAMPLE, "kB\n", "kB\nBuffers: 9000 kB\n"),
         IN(P_MEMINFO, "SwapCached: 0", "SwapCached: 1260")),
    CASE("file_pages", UNCHECKED, 0, 0, IN(P_VMSTAT, "nr_file_pages", "nr_other")),

    /* 31 pages a CPU and list on their way: 1240, and two counters that drift */
    CASE("lru_owned", HOLDS, 1752, 1752, IN(P_MEMINFO, "Unevictable: 0", "Unevictable: 1752")),
    CASE("lru_owned", BROKEN, 1756, 1752, IN(P_MEMINFO, "Unevictable: 0", "Unevictable: 1756")),
    CASE("lru_owned", HOLDS, -1752, 1752, IN(P_MEMINFO, "AnonPages: 150000", "AnonPages: 151752")),
    CASE("lru_owned", BROKEN, -1756, 1752, IN(P_MEMINFO, "AnonPages: 150000", "AnonPages: 151756")),
    CASE("lru_owned", HOLDS, -5000, 6752, IN(P_MEMINFO, "SwapCached: 0", "SwapCached: 5000")),
    CASE("lru_owned", UNCHECKED, 0, 0, IN(P_MEMINFO, "AnonPages", "Other")),

    CASE("shmem_cached", HOLDS, 512, 512, IN(P_MEMINFO, "Shmem: 10000", "Shmem: 200512")),
    CASE("shmem_cached", BROKEN, 516, 512, IN(P_MEMINFO, "Shmem: 10000", "Shmem: 200516")),
    CASE("shmem_cached", HOLDS, -200000, 512, IN(P_MEMINFO, "Shmem: 10000", "Shmem: 0")),
    CASE("shmem_cached", UNCHECKED, 0, 0, IN(P_MEMINFO, "Shmem", "Other")),

    CASE("vmalloc_used", HOLDS, 320, 320, IN(P_MEMINFO, "VmallocUsed: 1000", "VmallocUsed: 1320")),
    CASE("vmalloc_used", BROKEN, 324, 320, IN(P_MEMINFO, "VmallocUsed: 1000", "VmallocUsed: 1324")),
    CASE("vmalloc_used", HOLDS, -320, 320, IN(P_MEMINFO, "VmallocUsed: 1000", "VmallocUsed: 680")),
    CASE("vmalloc_used", BROKEN, -324, 320, IN(P_MEMINFO, "VmallocUsed: 1000", "VmallocUsed: 676")),
    CASE("vmalloc_used", UNCHECKED, 0, 0, IN(P_MEMINFO, "VmallocUsed: 1000", "VmallocUsed: 0")),
    CASE("vmalloc_used", UNCHECKED, 0, 0, IN(P_MEMINFO, "VmallocChunk: 0", "VmallocChunk: 9")),
    CASE("vmalloc_used", UNCHECKED, 0, 0, LEFT_OUT(P_VMALLOC)),

    CASE("kernel_stacks", HOLDS, -320, 320, IN(P_MEMINFO, "KernelStack: 880", "KernelStack: 560")),
    CASE("kernel_stacks", BROKEN, -324, 320, IN(P_MEMINFO, "KernelStack: 880", "KernelStack: 556")),
    CASE("kernel_stacks", HOLDS, 96, 320, IN(P_MEMINFO, "KernelStack: 880", "KernelStack: 976")),
    CASE("kernel_stacks", UNCHECKED, 0, 0, IN(P_MEMINFO, "KernelStack: 880", "KernelStack: 1016")),
    CASE("kernel_stacks", UNCHECKED, 0, 0, LEFT_OUT(P_VMALLOC)),

    CASE("modules_vmalloc", BROKEN, 1, 0, IN(P_MODULES, "122880", "123904")),
    CASE("modules_vmalloc", HOLDS, -1, 0, IN(P_MODULES, "122880", "121856")),
    CASE("modules_vmalloc", UNCHECKED, 0, 0, LEFT_OUT(P_MODULES)),
    CASE("modules_vmalloc", UNCHECKED, 0, 0, LEFT_OUT(P_VMALLOC)),

    /* four mappings cut to 1 KiB each, two counters that drift, and the reader */
    CASE("pss_mapped", HOLDS, 1540, 1540, IN(P_ROLLUP_1, "Pss: 100000", "Pss: 101540")),
    CASE("pss_mapped", BROKEN, 1541, 1540, IN(P_ROLLUP_1, "Pss: 100000", "Pss: 101541")),
    CASE("pss_mapped", HOLDS, -1540, 1540, IN(P_MEMINFO, "Mapped: 30000", "Mapped: 31540")),
    CASE("pss_mapped", BROKEN, -1544, 1540, IN(P_MEMINFO, "Mapped: 30000", "Mapped: 31544")),
    /* a process that could not be read holds at most its RSS: 200 KiB widen, 195 MiB forbid */
    CASE("pss_mapped", BROKEN, -80000, 1738, LEFT_OUT(P_SMAPS_2), LEFT_OUT(P_ROLLUP_2)),
    CASE("pss_mapped", UNCHECKED, 0, 0, LEFT_OUT(P_SMAPS_2), LEFT_OUT(P_ROLLUP_2),
         IN(P_STATM_2, "100 50 ", "60000 50000 ")),
    CASE("pss_mapped", UNCHECKED, 0, 0, IN(P_MEMINFO, "Mapped", "Other")),

    CASE("rollup_smaps", HOLDS, -4, 4, IN(P_ROLLUP_1, "Pss: 100000", "Pss: 100004")),
    CASE("rollup_smaps", BROKEN, -5, 4, IN(P_ROLLUP_1, "Pss: 100000", "Pss: 100005")),
    CASE("rollup_smaps", HOLDS, 0, 2, LEFT_OUT(P_SMAPS_2)),
    CASE("rollup_smaps", UNCHECKED, 0, 0, LEFT_OUT(P_ROLLUP_1), LEFT_OUT(P_ROLLUP_2)),

    /* four pages a process */
    CASE("vmpte_page_tables", HOLDS, 544, 544, IN(P_STATUS, "VmPTE:\t2000", "VmPTE:\t2544")),
    CASE("vmpte_page_tables", BROKEN, 548, 544, IN(P_STATUS, "VmPTE:\t2000", "VmPTE:\t2548")),
    CASE("vmpte_page_tables", HOLDS, -2000, 544, IN(P_STATUS, "VmPTE:\t2000", "VmPTE:\t0")),
    CASE("vmpte_page_tables", UNCHECKED, 0, 0, LEFT_OUT(P_STATUS)),
    /* before 5.12: VmPMD, or two of three tables, may be of levels that PageTables lacks */
    CASE("vmpte_page_tables", HOLDS, 1544, 1544, IN(P_STATUS, "VmPTE:\t2000", "VmPTE:\t3544"),
         IN(P_VMSTAT, "nr_swapcached", "other")),
    CASE("vmpte_page_tables", HOLDS, 6000, 6544, IN(P_STATUS, "VmPTE:\t2000", "VmPTE:\t9000"),
         IN(P_STATUS, "VmPMD", "Other"), IN(P_VMSTAT, "nr_swapcached", "other")),
    CASE("vmpte_page_tables", BROKEN, 9000, 8544, IN(P_STATUS, "VmPTE:\t2000", "VmPTE:\t12000"),
         IN(P_STATUS, "VmPMD", "Other"), IN(P_VMSTAT, "nr_swapcached", "other")),

    CASE("hugetlb_pools", BROKEN, -2048, 0, IN(P_POOL, "8", "9")),
    CASE("hugetlb_pools", UNCHECKED, 0, 0, LEFT_OUT(P_POOL)),
    CASE("hugetlb_pools", UNCHECKED, 0, 0, IN(P_MEMINFO, "Hugetlb", "Other")),

    CASE("zram_zspages", HOLDS, 320, 320, IN(P_VMSTAT, "nr_zspages 100", "nr_zspages 180")),
    CASE("zram_zspages", BROKEN, 324, 320, IN(P_VMSTAT, "nr_zspages 100", "nr_zspages 181")),
    CASE("zram_zspages", HOLDS, -4000, 4320,
         IN(P_MEMINFO, "SwapTotal", "Zswap: 4000 kB\nSwapTotal")),
    CASE("zram_zspages", UNCHECKED, 0, 0, LEFT_OUT(P_ZRAM)),

    CASE("swaps_used", HOLDS, 512, 512, IN(P_SWAPS, " 10000 ", " 10512 ")),
    CASE("swaps_used", BROKEN, 513, 512, IN(P_SWAPS, " 10000 ", " 10513 ")),
    CASE("swaps_used", UNCHECKED, 0, 0, LEFT_OUT(P_SWAPS)),

    CASE("node_total", HOLDS, -64, 64, IN(P_NODE_0, "600000", "600064")),
    CASE("node_total", BROKEN, -68, 64, IN(P_NODE_0, "600000", "600068")),
    CASE("node_total", BROKEN, 400000, 64, LEFT_OUT(P_NODE_1)),
    CASE("node_total", HOLDS, 0, 832, IN(P_NODE_0, "600000", "400000"),
         IN(P_VMSTAT, "nr_free_pages 100000", "nr_free_pages 50000")),
    CASE("node_total", BROKEN, 600000, 64, LEFT_OUT(P_NODE_1), IN(P_NODE_0, "600000", "400000"),
         IN(P_VMSTAT, "nr_free_pages 100000", "nr_free_pages 50000")),
    CASE("node_total", UNCHECKED, 0, 0, LEFT_OUT(P_NODE_0), LEFT_OUT(P_NODE_1)),
    CASE("node_anon", HOLDS, -512, 512, IN(P_NODE_0, "AnonPages: 100000", "AnonPages: 100512")),
    CASE("node_anon", BROKEN, -516, 512, IN(P_NODE_0, "AnonPages: 100000", "AnonPages: 100516")),
    CASE("node_anon", UNCHECKED, 0, 0, IN(P_NODE_1, "AnonPages", "Other")),
    CASE("node_slab", HOLDS, -768, 768, IN(P_NODE_0, "Slab: 30000", "Slab: 30768")),
    CASE("node_slab", BROKEN, -772, 768, IN(P_NODE_0, "Slab: 30000", "Slab: 30772")),
    CASE("node_slab", UNCHECKED, 0, 0, IN(P_NODE_1, "Slab", "Other")),

    /* shmem stands on the anonymous lists; what is unevictable may be missing from them */
    CASE("anon_lru", HOLDS, -1752, 1752, IN(P_MEMINFO, "AnonPages: 150000", "AnonPages: 151752")),
    CASE("anon_lru", BROKEN, -1756, 1752, IN(P_MEMINFO, "AnonPages: 150000", "AnonPages: 151756")),
    CASE("anon_lru", BROKEN, 1756, 1752, IN(P_MEMINFO, "AnonPages: 150000", "AnonPages: 148244")),
    CASE("anon_lru", HOLDS, -5752, 5752, IN(P_MEMINFO, "AnonPages: 150000", "AnonPages: 155752"),
         IN(P_MEMINFO, "Unevictable: 0", "Unevictable: 4000")),
    CASE("anon_lru", BROKEN, 1756, 1752, IN(P_MEMINFO, "AnonPages: 150000", "AnonPages: 148244"),
         IN(P_MEMINFO, "Unevictable: 0", "Unevictable: 4000")),
    CASE("anon_lru", HOLDS, 5752, 5752, IN(P_MEMINFO, "AnonPages: 150000", "AnonPages: 144248"),
         IN(P_MEMINFO, "SwapCached: 0", "SwapCached: 4000")),
    CASE("anon_lru", HOLDS, -2752, 2752, IN(P_MEMINFO, "AnonPages: 150000", "AnonPages: 152752"),
         IN(P_SMAPS_1, "LazyFree: 0", "LazyFree: 1000")),
    CASE("anon_lru", UNCHECKED, 0, 0, IN(P_MEMINFO, "Shmem", "Other")),
    CASE("file_lru", HOLDS, -1752, 1752, IN(P_MEMINFO, "Buffers: 10000", "Buffers: 11752")),
    CASE("file_lru", BROKEN, -1756, 1752, IN(P_MEMINFO, "Buffers: 10000", "Buffers: 11756")),
    CASE("file_lru", HOLDS, -5752, 5752, IN(P_MEMINFO, "Buffers: 10000", "Buffers: 15752"),
         IN(P_MEMINFO, "Unevictable: 0", "Unevictable: 4000")),
    CASE("file_lru", HOLDS, 2752, 2752, IN(P_MEMINFO, "Buffers: 10000", "Buffers: 7248"),
         IN(P_SMAPS_1, "LazyFree: 0", "LazyFree: 1000")),
    CASE("file_lru", UNCHECKED, 0, 0, IN(P_MEMINFO, "Inactive(file)", "Other")),

    CASE("mlocked_unevictable", HOLDS, 760, 760, IN(P_MEMINFO, "Mlocked: 0", "Mlocked: 760")),
    CASE("mlocked_unevictable", BROKEN, 764, 760, IN(P_MEMINFO, "Mlocked: 0", "Mlocked: 764")),
    CASE("mlocked_unevictable", UNCHECKED, 0, 0, IN(P_MEMINFO, "Mlocked", "Other")),
    CASE("dirty_cached", HOLDS, 1024, 1024, IN(P_MEMINFO, "Dirty: 9", "Dirty: 211024")),
    CASE("dirty_cached", BROKEN, 1025, 1024, IN(P_MEMINFO, "Dirty: 9", "Dirty: 211025")),
    CASE("dirty_cached", BROKEN, 1025, 1024, IN(P_MEMINFO, "Dirty: 9", "Dirty: 211000"),
         IN(P_MEMINFO, "NFS_Unstable: 0", "NFS_Unstable: 25")),
    CASE("dirty_cached", UNCHECKED, 0, 0, IN(P_MEMINFO, "Writeback", "Other")),
    CASE("cma_free", BROKEN, 516, 512, IN(P_MEMINFO, "CmaFree: 400000", "CmaFree: 400516")),
    CASE("cma_free", UNCHECKED, 0, 0, IN(P_MEMINFO, "CmaFree", "Other")),
    CASE("unaccepted_free", BROKEN, 516, 512, IN(P_MEMINFO, "Unaccepted: 0", "Unaccepted: 400516")),
    CASE("unaccepted_free", UNCHECKED, 0, 0, IN(P_MEMINFO, "Unaccepted", "Other")),

    /* stacks of 16 KiB: 4 threads a CPU come or go, and one of each CPU is no process */
    CASE("stacks_threads", HOLDS, -416, 416, IN(P_STATUS, "Threads:\t50", "Threads:\t24")),
    CASE("stacks_threads", BROKEN, -432, 416, IN(P_STATUS, "Threads:\t50", "Threads:\t23")),
    CASE("stacks_threads", HOLDS, 384, 384, IN(P_STATUS, "Threads:\t50", "Threads:\t74")),
    CASE("stacks_threads", BROKEN, 400, 384, IN(P_STATUS, "Threads:\t50", "Threads:\t75")),
    CASE("stacks_threads", HOLDS, -16, 416, IN(P_STATUS_2, "S (sleeping)", "Z (zombie)")),
    CASE("stacks_threads", UNCHECKED, 0, 0, IN(P_STATUS_2, "Threads", "Other")),

    CASE("rollup_process", HOLDS, -2, 2, IN(P_ROLLUP_2, "Pss: 80000", "Pss: 80002")),
    CASE("rollup_process", BROKEN, -3, 2, IN(P_ROLLUP_2, "Pss: 80000", "Pss: 80003")),
    CASE("rollup_process", HOLDS, -52, 52, IN(P_ROLLUP_2, "Pss: 80000", "Pss: 80052"),
         IN(P_ROLLUP_2, "Rss: 80000", "Rss: 80050")),
    CASE("rollup_process", UNCHECKED, 0, 0, LEFT_OUT(P_ROLLUP_1), LEFT_OUT(P_ROLLUP_2)),

    CASE("pages_smaps", HOLDS, 4, 4, IN(P_SMAPS_2, "Pss: 30000", "Pss: 29996")),
    CASE("pages_smaps", BROKEN, 5, 4, IN(P_SMAPS_2, "Pss: 30000", "Pss: 29995")),
    CASE("pages_smaps", BROKEN, -5, 4, IN(P_SMAPS_2, "Pss: 30000", "Pss: 30005")),
    CASE("pages_smaps", HOLDS, 0, 2, LEFT_OUT(P_SMAPS_1)), /* the other one alone */
    CASE("pages_smaps", UNCHECKED, 0, 0, LEFT_OUT(P_SMAPS_1), LEFT_OUT(P_SMAPS_2)),

    CASE("anon_huge_pages", HOLDS, 256, 256,
         IN(P_MEMINFO, "AnonHugePages: 4096", "AnonHugePages: 4352")),
    CASE("anon_huge_pages", BROKEN, 260, 256,
         IN(P_MEMINFO, "AnonHugePages: 4096", "AnonHugePages: 4356")),
    /* a counter of huge pages drifts by 64 of them */
    CASE("anon_huge_pages", HOLDS, 1000, 131072, IN(P_VMSTAT, "nr_swapcached", "nr_other"),
         IN(P_MEMINFO, "AnonHugePages: 4096", "AnonHugePages: 5096")),
    CASE("anon_huge_pages", BROKEN, 2048, 456, LEFT_OUT(P_SMAPS_2), LEFT_OUT(P_ROLLUP_2)),
    CASE("anon_huge_pages", UNCHECKED, 0, 0, LEFT_OUT(P_SMAPS_2), LEFT_OUT(P_ROLLUP_2),
         IN(P_STATM_2, "100 50 ", "60000 50000 ")),
    CASE("anon_huge_pages", UNCHECKED, 0, 0, IN(P_MEMINFO, "AnonHugePages", "Other")),
    CASE("shmem_huge_pages", BROKEN, 260, 256,
         IN(P_MEMINFO, "ShmemPmdMapped: 4096", "ShmemPmdMapped: 4356")),
    CASE("shmem_huge_pages", UNCHECKED, 0, 0, IN(P_MEMINFO, "ShmemPmdMapped", "Other")),
    CASE("file_huge_pages", BROKEN, 260, 256,
         IN(P_MEMINFO, "FilePmdMapped: 4096", "FilePmdMapped: 4356")),
    CASE("file_huge_pages", UNCHECKED, 0, 0, IN(P_MEMINFO, "FilePmdMapped", "Other")),

    /* drift, 31 pages a CPU on their way; PSS cut in four mappings where there is any */
    CASE("locked_mlocked", HOLDS, 508, 508, IN(P_SMAPS_1, "Locked: 0", "Locked: 508")),
    CASE("locked_mlocked", BROKEN, 509, 508, IN(P_SMAPS_1, "Locked: 0", "Locked: 509")),
    CASE("locked_mlocked", BROKEN, -508, 504, IN(P_MEMINFO, "Mlocked: 0", "Mlocked: 508")),
    /* others map a part of what is locked: RSS 60000 of that mapping, 1000 locked by share */
    CASE("locked_mlocked", HOLDS, -29000, 59508, IN(P_MEMINFO, "Mlocked: 0", "Mlocked: 30000"),
         IN(P_SMAPS_1, "Locked: 0", "Locked: 1000")),
    CASE("locked_mlocked", UNCHECKED, 0, 0, IN(P_MEMINFO, "Mlocked", "Other")),

    CASE("hugetlb_private", HOLDS, 0, 0,
         IN(P_SMAPS_1, "Private_Hugetlb: 0", "Private_Hugetlb: 4096")),
    CASE("hugetlb_private", BROKEN, 1, 0,
         IN(P_SMAPS_1, "Private_Hugetlb: 0", "Private_Hugetlb: 4097")),
    CASE("hugetlb_private", UNCHECKED, 0, 0, IN(P_MEMINFO, "HugePages_Free", "Other")),
    CASE("hugetlb_mapped", BROKEN, 2048, 0,
         IN(P_MEMINFO, "HugePages_Free: 6", "HugePages_Free: 5")),
    CASE("hugetlb_mapped", UNCHECKED, 0, 0, LEFT_OUT(P_SMAPS_2), LEFT_OUT(P_ROLLUP_2)),

    /* slots at hand: 64 a CPU, only missing on the left; SwapPss cut in four mappings */
    CASE("swap_pss", HOLDS, -516, 516, IN(P_MEMINFO, "SwapFree: 90000", "SwapFree: 89484")),
    CASE("swap_pss", BROKEN, -517, 516, IN(P_MEMINFO, "SwapFree: 90000", "SwapFree: 89483")),
    CASE("swap_pss", BROKEN, 5, 4, IN(P_MEMINFO, "SwapFree: 90000", "SwapFree: 90005")),
    CASE("swap_pss", HOLDS, 4, 4, IN(P_SMAPS_1, "SwapPss: 0", "SwapPss: 4")),
    CASE("swap_pss", HOLDS, 1000, 1004, IN(P_MEMINFO, "SwapCached: 0", "SwapCached: 1000")),
    CASE("swap_pss", UNCHECKED, 0, 0, LEFT_OUT(P_SMAPS_2), LEFT_OUT(P_ROLLUP_2)),

    CASE("node_free", HOLDS, -768, 768, IN(P_NODE_0, "MemFree: 300000", "MemFree: 300768")),
    CASE("node_free", BROKEN, -772, 768, IN(P_NODE_0, "MemFree: 300000", "MemFree: 300772")),
    CASE("node_free", HOLDS, 0, 768, IN(P_NODE_0, "MemFree: 300000", "MemFree: 200000"),
         IN(P_NODE_0, "MemTotal: 600000", "MemTotal: 500000")),
    CASE("node_free", UNCHECKED, 0, 0, IN(P_NODE_1, "MemFree", "Other")),
    CASE("node_fields", HOLDS, -512, 512, IN(P_NODE_0, "Mapped: 20000", "Mapped: 20512")),
    CASE("node_fields", BROKEN, -516, 512, IN(P_NODE_0, "Mapped: 20000", "Mapped: 20516")),
    /* the page cache grew by 1000 between the reads, and so may its lists */
    CASE("node_fields", HOLDS, -1512, 1512, IN(P_NODE_0, "FilePages: 110000", "FilePages: 111000"),
         IN(P_NODE_0, "Active(file): 100000", "Active(file): 101512")),
    CASE("node_fields", UNCHECKED, 0, 0, LEFT_OUT(P_NODE_0), LEFT_OUT(P_NODE_1)),

    /* drift and 1024 pages that change meanwhile */
    CASE("census_free", HOLDS, 4864, 4864, IN(P_CENSUS, "pages 100000", "pages 101216")),
    CASE("census_free", BROKEN, 4868, 4864, IN(P_CENSUS, "pages 100000", "pages 101217")),
    CASE("census_free", UNCHECKED, 0, 0, IN(P_CENSUS, "pages 100000", "pages 1000")),
    CASE("census_free", UNCHECKED, 0, 0, IN(P_CENSUS, "complete yes", "complete no")),
    CASE("census_slab", HOLDS, -4352, 4352, IN(P_CENSUS, "pages 10000", "pages 8912")),
    CASE("census_slab", BROKEN, -4356, 4352, IN(P_CENSUS, "pages 10000", "pages 8911")),
    CASE("census_slab", UNCHECKED, 0, 0, LEFT_OUT(P_SLABINFO)),
    CASE("census_page_tables", BROKEN, 4356, 4352, IN(P_CENSUS, "pages 750", "pages 1839")),
    CASE("census_page_tables", UNCHECKED, 0, 0, LEFT_OUT(P_CENSUS)),
    CASE("census_page_tables", UNCHECKED, 0, 0, IN(P_CENSUS, "pages 750", "pages 0")),
    CASE("census_hugetlb", BROKEN, 4, 0, IN(P_CENSUS, "pages 4096", "pages 4097")),
    CASE("census_hugetlb", UNCHECKED, 0, 0, LEFT_OUT(P_CENSUS)),
    CASE("census_lru", HOLDS, 5592, 5592, IN(P_CENSUS, "pages 50000", "pages 51398")),
    CASE("census_lru", BROKEN, 5596, 5592, IN(P_CENSUS, "pages 50000", "pages 51399")),
    CASE("census_lru", UNCHECKED, 0, 0, LEFT_OUT(P_CENSUS)),
};
