/* Cases of test_rules.c, as data. Rules: a healthy machine, and what makes each rule warn. */
#pragma once

#include "tests/unit/model/edited_tree.h"

#include "analyzer/account/rules.h"

#define P_MEMINFO   "proc/meminfo"
#define P_ZONEINFO  "proc/zoneinfo"
#define P_VMSTAT    "proc/vmstat"
#define P_BUDDY     "proc/buddyinfo"
#define P_SLABINFO  "proc/slabinfo"
#define P_SHM       "proc/sysvipc/shm"
#define P_ZRAM      "sys/block/zram0/mm_stat"
#define P_NODE_0    "sys/devices/system/node/node0/meminfo"
#define P_NODE_1    "sys/devices/system/node/node1/meminfo"
#define P_NODE_POOL "sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages"
#define P_MODE      "proc/sys/vm/overcommit_memory"
#define P_MIN_FREE  "proc/sys/vm/min_free_kbytes"
#define P_DENTRY    "proc/sys/fs/dentry-state"
#define P_PRESSURE  "proc/pressure/memory"
#define P_CGROUP    "sys/fs/cgroup/cgroup.stat"
#define P_THP       "sys/kernel/mm/transparent_hugepage/enabled"
#define P_EMPTY     "sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none"
#define P_SMAPS     "proc/1/smaps"
#define P_SMAPS_2   "proc/2/smaps"
#define P_STATUS_2  "proc/2/status"
#define P_MEMINFO_1 "samples/1/meminfo"
#define P_MEMINFO_2 "samples/2/meminfo"
#define P_VMSTAT_2  "samples/2/vmstat"

#define MEMINFO                                                                                    \
    "MemTotal: 1048576 kB\nMemFree: 400000 kB\nMemAvailable: 600000 kB\nBuffers: 10000 kB\n"       \
    "Cached: 200000 kB\nSwapCached: 0 kB\nActive: 250000 kB\nInactive: 260000 kB\n"                \
    "Active(anon): 200000 kB\nInactive(anon): 110000 kB\nActive(file): 50000 kB\n"                 \
    "Inactive(file): 150000 kB\nUnevictable: 0 kB\nMlocked: 0 kB\nSwapTotal: 100000 kB\n"          \
    "SwapFree: 90000 kB\nAnonPages: 300000 kB\nMapped: 30000 kB\nShmem: 10000 kB\n"                \
    "Slab: 50000 kB\nSReclaimable: 30000 kB\nSUnreclaim: 20000 kB\nKernelStack: 880 kB\n"          \
    "PageTables: 3000 kB\nCommitLimit: 600000 kB\nCommitted_AS: 500000 kB\n"                       \
    "VmallocUsed: 20000 kB\nVmallocChunk: 0 kB\nPercpu: 1000 kB\nHardwareCorrupted: 0 kB\n"        \
    "AnonHugePages: 1024 kB\nBalloon: 0 kB\nHugePages_Total: 16\nHugePages_Free: 8\n"              \
    "HugePages_Rsvd: 4\nHugepagesize: 2048 kB\nHugetlb: 32768 kB\n"
#define ZONEINFO                                                                                   \
    "Node 0, zone   Normal\n  pages free     100000\n        managed  262144\n  pagesets\n"        \
    "    cpu: 0\n              count: 200\n  vm stats threshold: 32\n"
#define VMSTAT "nr_free_pages 100000\nnr_isolated_anon 0\nnr_isolated_file 0\npswpin 1\npswpout 1\n"
#define BLOCK(range, permissions, name, rss)                                                       \
    range " " permissions " 00000000 08:01 7 " name                                                \
          "\nSize: 64 kB\nKernelPageSize: 4 kB\nRss: " rss " kB\nPss: " rss " kB\n"

#define A_FILE(path, text)                                                                         \
    {                                                                                              \
        path, text                                                                                 \
    }

static const struct tree_file files[] = {
    A_FILE(P_MEMINFO, MEMINFO),
    A_FILE(P_ZONEINFO, ZONEINFO),
    A_FILE(P_VMSTAT, VMSTAT),
    A_FILE(P_MEMINFO_1, MEMINFO),
    A_FILE("samples/1/zoneinfo", ZONEINFO),
    A_FILE("samples/1/vmstat", VMSTAT),
    A_FILE(P_MEMINFO_2, MEMINFO),
    A_FILE("samples/2/zoneinfo", ZONEINFO),
    A_FILE(P_VMSTAT_2, VMSTAT),
    A_FILE(P_BUDDY, "Node 0, zone   Normal 0 0 0 0 0 0 0 0 0 100 50\n"),
    A_FILE(P_SLABINFO, "slabinfo - version: 2.1\n"
                       "dentry 1000 1000 192 21 1 : tunables 0 0 0 : slabdata 50 50 0\n"),
    A_FILE(P_SHM,
           "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap\n"
           "0 1 600 10240000 1 1 0 0 0 0 0 0 0 0 4096 0\n"),
    A_FILE(P_ZRAM, "100000000 20000000 25000000 0 25000000 0 0\n"),
    A_FILE(
        P_NODE_0,
        "Node 0 MemTotal: 500000 kB\nNode 0 MemFree: 200000 kB\nNode 0 Active(file): 20000 kB\n"),
    A_FILE(P_NODE_1, "Node 1 MemTotal: 500000 kB\nNode 1 MemFree: 200000 kB\n"),
    A_FILE(P_NODE_POOL, "0\n"),
    A_FILE(P_MODE, "0\n"),
    A_FILE(P_MIN_FREE, "8192\n"),
    A_FILE(P_DENTRY, "1000 900 45 0 100 0\n"),
    A_FILE(P_PRESSURE, "some avg10=0.00 avg60=2.50 avg300=0.00 total=0\n"),
    A_FILE(P_CGROUP, "nr_descendants 20\nnr_dying_descendants 30\n"),
    A_FILE(P_THP, "[always] madvise never\n"),
    A_FILE(P_EMPTY, "511\n"),
    A_FILE("proc/1/status",
           "Name:\ta\nState:\tS (sleeping)\nPid:\t1\nPPid:\t0\nVmSize:\t 128 kB\n"),
    A_FILE(
        P_STATUS_2,
        "Name:\tb\nState:\tS (sleeping)\nPid:\t2\nPPid:\t1\nVmSize:\t 128 kB\nVmRSS:\t 100 kB\n"),
    A_FILE(P_SMAPS, BLOCK("00010000-00020000", "r-xp", "/usr/lib/libold.so", "1000")
                        BLOCK("00030000-00040000", "rw-s", "/SYSV00000001 (deleted)", "2000")),
    A_FILE(P_SMAPS_2, BLOCK("00010000-00020000", "r-xp", "/usr/lib/libold.so", "1000")),
};

#define CASE(id, verdict, ...)                                                                     \
    {                                                                                              \
        id, verdict,                                                                               \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define OK        RULE_OK
#define WARN      RULE_WARN
#define UNCHECKED RULE_UNCHECKED

/* 1 % of MemTotal is 10485.76 KiB. */
static const struct rule_case {
    const char *id;
    enum rule_verdict verdict;
    struct edit edits[4];
} cases[] = {
    CASE("residual_share", WARN, IN(P_MEMINFO, "AnonPages: 300000", "AnonPages: 200000"),
         IN(P_MEMINFO, "Active: 250000", "Active: 150000"), LEFT_OUT(P_MEMINFO_2)),
    /* Two other readings contradict it. */
    CASE("residual_share", OK, IN(P_MEMINFO, "AnonPages: 300000", "AnonPages: 200000"),
         IN(P_MEMINFO, "Active: 250000", "Active: 150000")),
    CASE("residual_share", UNCHECKED, LEFT_OUT(P_MEMINFO)),
    /* 33000 KiB more that no counter knows: above 32 MiB and 1 % */
    CASE("residual_growth", WARN, IN(P_MEMINFO_2, "Active: 250000", "Active: 217000")),
    CASE("residual_growth", OK, IN(P_MEMINFO_2, "Active: 250000", "Active: 218000")),
    CASE("residual_growth", OK, IN(P_MEMINFO_2, "Active: 250000", "Active: 200000"),
         IN(P_MEMINFO_2, "VmallocUsed: 20000", "VmallocUsed: 70000")),
    CASE("residual_growth", UNCHECKED, LEFT_OUT(P_VMSTAT_2)),
    CASE("available", OK, IN(P_MEMINFO, "MemAvailable: 600000", "MemAvailable: 52429")),
    CASE("available", WARN, IN(P_MEMINFO, "MemAvailable: 600000", "MemAvailable: 52428")),
    CASE("available", WARN, IN(P_MEMINFO, "MemTotal: 1048576", "MemTotal: 1000000000"),
         IN(P_MEMINFO, "MemAvailable: 600000", "MemAvailable: 16777216")),
    CASE("available", OK, IN(P_MEMINFO, "MemTotal: 1048576", "MemTotal: 1000000000"),
         IN(P_MEMINFO, "MemAvailable: 600000", "MemAvailable: 16777217")),
    /* computed: free and file lists, without reserves */
    CASE("available", OK, IN(P_MEMINFO, "MemAvailable", "Other")),
    CASE("available", UNCHECKED, IN(P_MEMINFO, "MemAvailable", "Other"),
         IN(P_MEMINFO, "Active(file)", "Some(file)")),
    /* figures that no machine has */
    CASE("residual_growth", WARN, IN(P_MEMINFO_1, "Active: 250000", "Active: 9007199254740991"),
         IN(P_MEMINFO_1, "PageTables: 3000", "PageTables: 9007199254740991"),
         IN(P_MEMINFO_1, "Hugetlb: 32768", "Hugetlb: 9007199254740991"),
         IN(P_MEMINFO_1, "Percpu: 1000",
            "Bounce: 9007199254740991 kB\nWritebackTmp: 9007199254740991 kB\n"
            "Percpu: 9007199254740991")),
    CASE("commit_limit", OK, IN(P_MODE, "0", "2"),
         IN(P_MEMINFO, "Committed_AS: 500000", "Committed_AS: 540000")),
    CASE("commit_limit", WARN, IN(P_MODE, "0", "2"),
         IN(P_MEMINFO, "Committed_AS: 500000", "Committed_AS: 540001")),
    CASE("commit_limit", OK, IN(P_MEMINFO, "Committed_AS: 500000", "Committed_AS: 3445728")),
    CASE("commit_limit", WARN, IN(P_MEMINFO, "Committed_AS: 500000", "Committed_AS: 3445729")),
    CASE("commit_limit", UNCHECKED, LEFT_OUT(P_MODE)),
    CASE("swap_full", OK, IN(P_MEMINFO, "SwapFree: 90000", "SwapFree: 10000")),
    CASE("swap_full", WARN, IN(P_MEMINFO, "SwapFree: 90000", "SwapFree: 9999")),
    CASE("swap_full", OK, IN(P_MEMINFO, "SwapFree: 90000", "SwapFree: 0"),
         IN(P_MEMINFO, "SwapCached: 0", "SwapCached: 10000")),
    CASE("swap_full", UNCHECKED, IN(P_MEMINFO, "SwapFree", "Other")),
    CASE("swap_thrashing", OK, IN(P_VMSTAT_2, "pswpin 1", "pswpin 1000000")),
    CASE("swap_thrashing", WARN, IN(P_VMSTAT_2, "pswpin 1", "pswpin 1000000"),
         IN(P_VMSTAT_2, "pswpout 1", "pswpout 1000000")),
    CASE("swap_thrashing", UNCHECKED, IN(P_VMSTAT_2, "pswpin", "other")),
    CASE("memory_pressure", OK, IN(P_PRESSURE, "avg60=2.50", "avg60=10.99")),
    CASE("memory_pressure", WARN, IN(P_PRESSURE, "avg60=2.50", "avg60=11.00")),
    CASE("memory_pressure", UNCHECKED, LEFT_OUT(P_PRESSURE)),
    CASE("page_tables_share", OK, IN(P_MEMINFO, "PageTables: 3000", "PageTables: 65536")),
    CASE("page_tables_share", WARN, IN(P_MEMINFO, "PageTables: 3000", "PageTables: 65537")),
    CASE("page_tables_share", UNCHECKED, IN(P_MEMINFO, "PageTables", "Other")),
    CASE("segment_page_tables", UNCHECKED, LEFT_OUT(P_SMAPS), LEFT_OUT(P_SMAPS_2)),
    /* 12 pages of 2 MiB: 24 MiB are above 16 MiB and 2 % */
    CASE("hugepages_idle", OK, IN(P_MEMINFO, "HugePages_Free: 8", "HugePages_Free: 14")),
    CASE("hugepages_idle", WARN, IN(P_MEMINFO, "HugePages_Free: 8", "HugePages_Free: 15")),
    CASE("hugepages_idle", UNCHECKED, IN(P_MEMINFO, "HugePages_Total", "Other")),
    CASE("slab_share", OK, IN(P_MEMINFO, "Slab: 50000", "Slab: 346030")),
    CASE("slab_share", WARN, IN(P_MEMINFO, "Slab: 50000", "Slab: 346031")),
    CASE("slab_share", UNCHECKED, IN(P_MEMINFO, "Slab", "Other")),
    CASE("slab_unreclaimable", OK, IN(P_MEMINFO, "SUnreclaim: 20000", "SUnreclaim: 104857")),
    CASE("slab_unreclaimable", WARN, IN(P_MEMINFO, "SUnreclaim: 20000", "SUnreclaim: 104858")),
    CASE("slab_unreclaimable", UNCHECKED, IN(P_MEMINFO, "SUnreclaim", "Other")),
    CASE("slab_idle", OK, IN(P_SLABINFO, "1000 1000 192", "1000 350000 192")),
    CASE("slab_idle", WARN, IN(P_SLABINFO, "1000 1000 192", "1000 360000 192")),
    CASE("slab_idle", UNCHECKED, LEFT_OUT(P_SLABINFO)),
    CASE("dentries_in_use", OK, IN(P_DENTRY, "1000 900", "349900 900")),
    CASE("dentries_in_use", WARN, IN(P_DENTRY, "1000 900", "360900 900")),
    CASE("dentries_in_use", UNCHECKED, LEFT_OUT(P_DENTRY)),
    CASE("dentries_in_use", UNCHECKED, IN(P_DENTRY, "1000 900 45 0 100 0", "1000")),
    CASE("dying_cgroups", OK, IN(P_CGROUP, "dying_descendants 30", "dying_descendants 1000")),
    CASE("dying_cgroups", WARN, IN(P_CGROUP, "dying_descendants 30", "dying_descendants 1001")),
    CASE("dying_cgroups", UNCHECKED, LEFT_OUT(P_CGROUP)),
    CASE("fragmentation", OK, IN(P_BUDDY, "Normal 0 0 0", "Normal 1945600 0 0")),
    CASE("fragmentation", WARN, IN(P_BUDDY, "Normal 0 0 0", "Normal 1945601 0 0")),
    /* a huge page larger than any free block, and larger than what is asked for at most */
    CASE("fragmentation", OK, IN(P_MEMINFO, "Hugepagesize: 2048", "Hugepagesize: 1048576")),
    CASE("fragmentation", OK, IN(P_MEMINFO, "Hugepagesize: 2048", "Hugepagesize: 524288"),
         IN(P_BUDDY, "100 50", "100 50 0 0 5 0 0 0")),
    CASE("fragmentation", WARN, IN(P_MEMINFO, "Hugepagesize: 2048", "Hugepagesize: 524288"),
         IN(P_BUDDY, "100 50", "100 50 0 5 0 0 0 0")),
    CASE("fragmentation", UNCHECKED, IN(P_BUDDY, "100 50", "10 5")),
    CASE("fragmentation", UNCHECKED, LEFT_OUT(P_BUDDY)),
    CASE("numa_imbalance", OK, IN(P_NODE_0, "MemFree: 200000", "MemFree: 30000"),
         IN(P_NODE_1, "MemFree: 200000", "MemFree: 300000")),
    CASE("numa_imbalance", WARN, IN(P_NODE_0, "MemFree: 200000", "MemFree: 29999"),
         IN(P_NODE_1, "MemFree: 200000", "MemFree: 300000")),
    /* 8 GiB are left */
    CASE("numa_imbalance", OK, IN(P_NODE_0, "MemTotal: 500000", "MemTotal: 500000000"),
         IN(P_NODE_0, "MemFree: 200000", "MemFree: 8368608"),
         IN(P_NODE_1, "MemFree: 200000", "MemFree: 300000")),
    CASE("numa_imbalance", WARN, IN(P_NODE_0, "MemTotal: 500000", "MemTotal: 500000000"),
         IN(P_NODE_0, "MemFree: 200000", "MemFree: 8368607"),
         IN(P_NODE_1, "MemFree: 200000", "MemFree: 300000")),
    /* a pool is not for others: 50000 KiB are a tenth of what 196 pages leave, and less of 195 */
    CASE("numa_imbalance", OK, IN(P_NODE_0, "MemTotal: 500000", "MemTotal: 901408"),
         IN(P_NODE_0, "MemFree: 200000", "HugePages_Total: 196\nNode 0 MemFree: 30000"),
         IN(P_NODE_1, "MemFree: 200000", "MemFree: 300000"), LEFT_OUT(P_NODE_POOL)),
    CASE("numa_imbalance", WARN, IN(P_NODE_0, "MemTotal: 500000", "MemTotal: 901408"),
         IN(P_NODE_0, "MemFree: 200000", "HugePages_Total: 195\nNode 0 MemFree: 30000"),
         IN(P_NODE_1, "MemFree: 200000", "MemFree: 300000"), LEFT_OUT(P_NODE_POOL)),
    CASE("numa_imbalance", OK, IN(P_NODE_0, "MemTotal: 500000", "MemTotal: 901408"),
         IN(P_NODE_0, "MemFree: 200000", "HugePages_Total: 0\nNode 0 MemFree: 30000"),
         IN(P_NODE_1, "MemFree: 200000", "MemFree: 300000"), IN(P_NODE_POOL, "0", "196")),
    CASE("numa_imbalance", UNCHECKED, LEFT_OUT(P_NODE_1)),
    CASE("segments_orphaned", OK, IN(P_SHM, " 4096 0", " 16777216 0")),
    CASE("segments_orphaned", WARN, IN(P_SHM, " 4096 0", " 16777216 4096")),
    CASE("segments_orphaned", OK, IN(P_SHM, "600 10240000 1 1 0", "600 10240000 1 1 1"),
         IN(P_SHM, " 4096 0", " 16777216 4096")),
    CASE("segments_orphaned", UNCHECKED, LEFT_OUT(P_SHM)),
    CASE("deleted_mapped", WARN, IN(P_SMAPS, "libold.so", "libold.so (deleted)"),
         IN(P_SMAPS_2, "libold.so", "libold.so (deleted)")),
    CASE("deleted_mapped", OK, IN(P_SMAPS, "/usr/lib/libold.so", "/tmp/libold.so (deleted)")),
    CASE("deleted_mapped", OK, IN(P_SMAPS, "libold.so", "libold.so (deleted)"), LEFT_OUT(P_SMAPS_2),
         IN(P_SMAPS, "r-xp", "r--p")),
    CASE("deleted_mapped", UNCHECKED, LEFT_OUT(P_SMAPS), LEFT_OUT(P_SMAPS_2)),
    CASE("thp_split", OK, IN(P_MEMINFO, "Inactive: 260000", "Inactive: 325536")),
    CASE("thp_split", WARN, IN(P_MEMINFO, "Inactive: 260000", "Inactive: 325540")),
    CASE("thp_split", UNCHECKED, IN(P_MEMINFO, "Inactive:", "Other:")),
    CASE("thp_bloat", WARN, IN(P_MEMINFO, "AnonHugePages: 1024", "AnonHugePages: 150001"),
         IN(P_MEMINFO, "MemAvailable: 600000", "MemAvailable: 104857")),
    CASE("thp_bloat", OK, IN(P_MEMINFO, "AnonHugePages: 1024", "AnonHugePages: 150001"),
         IN(P_MEMINFO, "MemAvailable: 600000", "MemAvailable: 104858")),
    CASE("thp_bloat", OK, IN(P_MEMINFO, "AnonHugePages: 1024", "AnonHugePages: 150001"),
         IN(P_MEMINFO, "MemAvailable: 600000", "MemAvailable: 1"),
         IN(P_THP, "[always] madvise", "always [madvise]")),
    CASE("thp_bloat", UNCHECKED, LEFT_OUT(P_EMPTY)),
    CASE("mlock_share", OK, IN(P_MEMINFO, "Mlocked: 0", "Mlocked: 524288")),
    CASE("mlock_share", WARN, IN(P_MEMINFO, "Mlocked: 0", "Mlocked: 524289")),
    CASE("mlock_share", UNCHECKED, IN(P_MEMINFO, "Mlocked", "Other")),
    CASE("compression_ratio", OK, IN(P_ZRAM, "100000000 20000000", "32500001 20000000")),
    CASE("compression_ratio", WARN, IN(P_ZRAM, "100000000 20000000", "32500000 20000000")),
    CASE("compression_ratio", UNCHECKED, LEFT_OUT(P_ZRAM)),
    /* the kernel would take 4096 KiB: the root of 16 x 1048576 */
    CASE("min_free", OK, IN(P_MIN_FREE, "8192", "83886")),
    CASE("min_free", WARN, IN(P_MIN_FREE, "8192", "83887")),
    CASE("min_free", OK, IN(P_MIN_FREE, "8192", "2048")),
    CASE("min_free", WARN, IN(P_MIN_FREE, "8192", "2047")),
    CASE("min_free", UNCHECKED, LEFT_OUT(P_MIN_FREE)),
    /* in a container MemTotal is a limit, and the reserve is the machine's */
    CASE("min_free", WARN, IN(P_MIN_FREE, "8192", "83887"),
         IN(P_ZONEINFO, "managed  262144", "managed  278528")),
    CASE("min_free", UNCHECKED, IN(P_MIN_FREE, "8192", "83887"),
         IN(P_ZONEINFO, "managed  262144", "managed  278529")),
    CASE("page_tables_share", UNCHECKED, IN(P_ZONEINFO, "managed  262144", "managed  278529")),
    CASE("balloon_inflated", OK, IN(P_MEMINFO, "Balloon: 0", "Balloon: 104857")),
    CASE("balloon_inflated", WARN, IN(P_MEMINFO, "Balloon: 0", "Balloon: 104858")),
    CASE("balloon_inflated", WARN, IN(P_MEMINFO, "Balloon", "Other"),
         IN(P_VMSTAT, "pswpin 1", "balloon_inflate 30000\nballoon_deflate 1\npswpin 1")),
    CASE("balloon_inflated", UNCHECKED, IN(P_MEMINFO, "Balloon", "Other")),
    CASE("hardware_corrupted", WARN, IN(P_MEMINFO, "HardwareCorrupted: 0", "HardwareCorrupted: 4")),
    CASE("hardware_corrupted", UNCHECKED, IN(P_MEMINFO, "HardwareCorrupted", "Other")),
    CASE("coverage", OK, LEFT_OUT(P_SMAPS_2), IN(P_STATUS_2, "VmRSS:\t 100", "VmRSS:\t 16384")),
    CASE("coverage", WARN, LEFT_OUT(P_SMAPS_2), IN(P_STATUS_2, "VmRSS:\t 100", "VmRSS:\t 16388")),
    CASE("coverage", UNCHECKED, LEFT_OUT(P_SMAPS), LEFT_OUT(P_SMAPS_2), LEFT_OUT(P_STATUS_2),
         LEFT_OUT("proc/1/status")),
};
