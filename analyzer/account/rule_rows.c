/* The table of all rules: thresholds, and words for people. docs/memtally-rules.7 says the same:
 * tests/rules/rules_page.py compares. */
#include "analyzer/account/rule_functions.h"
#include "analyzer/account/rule_table.h"

#define ROW(id, title, function, limit, second, floor_mib, threshold, meaning, remedy, sources)    \
    {                                                                                              \
        id, title, limit, second, floor_mib, threshold, meaning, remedy, sources, rule_##function  \
    }

const struct rule rule_rows[] = {
    ROW("residual_share", "what no counter explains", residual_share, 2, 0, 64,
        "the residual of the ledger is above {limit} % of MemTotal and above {floor} MiB",
        "Memory was allocated page by page by someone who is not counted: a driver, a "
        "balloon, sockets, pipes, a file system with a cache of its own.",
        "Look at the suspects of the ledger and confirm the first. Collect with --page-census "
        "to measure the pages that nobody accounts for.",
        "ledger"),
    ROW("residual_growth", "growth of what no counter explains", residual_growth, 1, 0, 32,
        "from the first to the last reading of the bundle the residual grew by more than "
        "{limit} % of MemTotal and {floor} MiB",
        "Something takes uncounted pages right now, during the collection.",
        "Take a second snapshot after some minutes and compare with memtally diff. If it "
        "goes on growing it is a leak.",
        "samples"),
    ROW("available", "memory that is available", available, 5, 0, 16384,
        "MemAvailable is at most {limit} % of MemTotal and at most {floor} MiB",
        "Little can be given without swapping. The next large allocation may wait long, "
        "or end in an out of memory kill.",
        "See which processes hold most (memtally ps -s freed), and which part of the "
        "ledger is larger than it should be.",
        "meminfo"),
    ROW("commit_limit", "memory that was promised", commit, 90, 3, 0,
        "overcommit_memory is 2 and Committed_AS is above {limit} % of CommitLimit; or it "
        "is 0 or 1 and Committed_AS is above {second} times MemTotal + SwapTotal",
        "In mode 2 allocations fail at the limit, however much is free. In the other "
        "modes nothing fails at once, but not all that was promised can be kept.",
        "Raise vm.overcommit_ratio or swap, or find the process with the largest VSS that "
        "it does not use.",
        "meminfo, proc/sys/vm/overcommit_memory"),
    ROW("swap_full", "swap in use", swap_full, 90, 0, 0,
        "above {limit} % of SwapTotal is in use, without the part that is in memory as "
        "well (SwapCached)",
        "What is anonymous can no longer leave memory. The kernel has the page cache only "
        "to take from, and then the out of memory killer.",
        "Find who is swapped out (memtally ps -s swap). Add swap, or memory, or end what "
        "is not needed.",
        "meminfo"),
    ROW("swap_thrashing", "swapping in both directions", swap_thrashing, 100, 0, 0,
        "between two readings above {limit} pages a second went to swap and above {limit} "
        "came back",
        "Pages are needed again soon after they were put out: the machine works on swap, "
        "not on memory.",
        "Reduce what runs at the same time. Compare the sum of PSS with MemTotal.", "samples"),
    ROW("memory_pressure", "time lost waiting for memory", pressure, 10, 0, 0,
        "for above {limit} % of the last minute some task waited for memory",
        "Tasks stand still until memory was reclaimed or read back.",
        "See available, swap_full and swap_thrashing. The pressure of single cgroups is "
        "in their memory.pressure.",
        "proc/pressure/memory"),
    ROW("page_tables_share", "page tables", page_tables, 5, 0, 64,
        "PageTables is above {limit} % of MemTotal and above {floor} MiB",
        "Mapping the memory costs much memory itself: many processes map the same large "
        "memory in small pages, or mappings are sparse.",
        "See the column pagetables of memtally ps. Use huge pages for large shared "
        "memory.",
        "meminfo"),
    ROW("segment_page_tables", "page tables of one shared segment", segment_tables, 1, 8, 16,
        "one shared memory segment with at least {second} sharers needs page tables of "
        "above {limit} % of MemTotal and above {floor} MiB",
        "Each sharer has page tables of its own for the whole segment: 8 bytes a page and "
        "process. Typical of databases with many connections.",
        "Use huge pages for the segment (hugetlbfs, or "
        "transparent_hugepage/shmem_enabled), or fewer processes (a connection pool).",
        "smaps"),
    ROW("hugepages_idle", "huge pages that nobody uses", hugepages_idle, 2, 0, 16,
        "huge pages that are neither in use nor reserved are above {limit} % of MemTotal "
        "and above {floor} MiB",
        "Memory in the pools serves nothing else, not even the page cache.",
        "Lower vm.nr_hugepages to what is used and reserved, or make the program use "
        "them.",
        "meminfo, /sys/kernel/mm/hugepages"),
    ROW("slab_share", "slab in all", slab_share, 33, 0, 64,
        "Slab is above {limit} % of MemTotal and above {floor} MiB",
        "The kernel's small objects take a third of the memory. Dentries and inodes of "
        "many files are given back under pressure, other objects are not.",
        "See the caches in memtally kernel. If SReclaimable is the most of it, a job that "
        "touches very many files is the usual cause.",
        "meminfo"),
    ROW("slab_unreclaimable", "slab that cannot be reclaimed", slab_unreclaimable, 10, 0, 64,
        "SUnreclaim is above {limit} % of MemTotal and above {floor} MiB",
        "Objects that the kernel cannot give back. If it keeps growing it is a leak in "
        "the kernel or a driver.",
        "See the caches in memtally kernel, and in memtally diff which of them grows.", "meminfo"),
    ROW("slab_idle", "free objects in slabs", slab_idle, 5, 0, 64,
        "objects that are free inside slabs are above {limit} % of MemTotal and above "
        "{floor} MiB",
        "After a peak, slabs with a few objects each stay behind and cannot be freed.",
        "Usually it is used up by the next peak. Otherwise find the cache with the most "
        "free objects in memtally kernel.",
        "slabinfo"),
    ROW("dentries_in_use", "dentries that cannot be reclaimed", dentries, 5, 0, 64,
        "dentries in use are above {limit} % of MemTotal and above {floor} MiB",
        "Only unused dentries can be reclaimed, though all are in SReclaimable. Those in "
        "use are held by open files, mounts or children.",
        "Look for processes with very many open files, and for very many mounts.",
        "proc/sys/fs/dentry-state, slabinfo"),
    ROW("dying_cgroups", "cgroups that were removed but live on", dying_cgroups, 1000, 0, 0,
        "above {limit} removed cgroups are still held by pages that were charged to them",
        "Each holds percpu memory and slab until its last page is freed, often page cache "
        "of a job that ended.",
        "Reclaim the page cache of the parent (memory.reclaim), or let jobs share a "
        "cgroup.",
        "cgroup.stat of the root; /proc/cgroups less the cgroups of v1"),
    ROW("fragmentation", "free memory in small blocks", fragmentation, 95, 5, 0,
        "above {limit} % of free memory is in blocks smaller than a huge page, or than "
        "32 MiB where that is larger; judged when above {second} % of MemTotal is free",
        "Huge pages cannot be had without compaction, nor large buffers of drivers.",
        "Write 1 to /proc/sys/vm/compact_memory, or reserve huge pages at boot.", "buddyinfo"),
    ROW("numa_imbalance", "memory of nodes", numa, 10, 50, 8192,
        "a node has less than {limit} % of its memory, without pools of huge pages, and less "
        "than {floor} MiB available while another has above {second} %",
        "Tasks bound to the full node reclaim or swap although the machine has memory, or "
        "use remote memory.",
        "See numastat and the policies of the processes on that node; interleave large "
        "shared memory.",
        "meminfo of the nodes"),
    ROW("shmem_unowned", "shared memory without owner", shmem_unowned, 2, 0, 64,
        "Shmem of which no segment, mount, memfd or mapping is known is above {limit} % "
        "of MemTotal and above {floor} MiB",
        "Files of tmpfs that were deleted while open, memory of GPU drivers, tmpfs of "
        "containers, or the initial root file system.",
        "Look for deleted files among open descriptors, and collect as root.", "ledger"),
    ROW("segments_orphaned", "System V segments without attachment", segments_orphaned, 1, 0, 16,
        "System V segments that no process has attached hold above {limit} % of MemTotal "
        "and above {floor} MiB",
        "Segments outlive their processes. After a crash nobody may come back for them.",
        "Compare with ipcs -m and remove them with ipcrm once the owner is known not to "
        "need them.",
        "sysvipc/shm"),
    ROW("deleted_mapped", "deleted programs or libraries in use", deleted_mapped, 0, 0, 0,
        "above {limit} executable files are mapped that were deleted, outside /tmp, "
        "/var/tmp, /run and /dev",
        "A package was replaced while it was in use. The old version stays in memory and "
        "on disk, with its faults, beside the new one.",
        "Restart the processes that map it (memtally maps -M deleted --sharers).", "smaps"),
    ROW("thp_split", "pages that nobody maps or caches", thp_split, 1, 0, 64,
        "pages on the LRU lists that are neither anonymous and mapped nor page cache are "
        "above {limit} % of MemTotal and above {floor} MiB",
        "Mostly parts of transparent huge pages that were unmapped while another part is "
        "in use. They are freed only under pressure.",
        "Set transparent_hugepage/enabled to madvise, or make the allocator return memory "
        "in whole huge pages.",
        "meminfo, vmstat"),
    ROW("thp_bloat", "transparent huge pages under pressure", thp_bloat, 50, 10, 0,
        "enabled is always, max_ptes_none is above 0, AnonHugePages is above {limit} % of "
        "AnonPages, and MemAvailable is at most {second} % of MemTotal",
        "khugepaged makes huge pages of areas that are mostly empty. On a machine short "
        "of memory that costs what programs never asked for.",
        "Set khugepaged/max_ptes_none to 0, or enabled to madvise.",
        "/sys/kernel/mm/transparent_hugepage, meminfo"),
    ROW("mlock_share", "locked memory", mlock, 50, 0, 0, "Mlocked is above {limit} % of MemTotal",
        "Locked memory can be neither swapped nor reclaimed; all others share the rest.",
        "See the column locked of memtally ps.", "meminfo"),
    ROW("compression_ratio", "what zram and zswap save", compression, 130, 0, 16,
        "zram and zswap hold at most {limit} % of the memory that they need for it, and "
        "need above {floor} MiB",
        "What is stored hardly compresses (it is compressed or encrypted already), so "
        "that swapping to memory gains nothing.",
        "Use another algorithm, or a swap device on disk.", "mm_stat of zram, meminfo"),
    ROW("min_free", "min_free_kbytes", min_free, 8, 50, 0,
        "vm.min_free_kbytes is above {limit} % of low memory, or below {second} % of what "
        "the kernel computes itself",
        "Too high: memory is kept free that nobody may use. Too low: allocations that "
        "cannot wait fail, of network drivers first.",
        "Remove the setting and let the kernel compute it.", "proc/sys/vm/min_free_kbytes"),
    ROW("balloon_inflated", "memory given back to the host", balloon, 10, 0, 64,
        "the balloon holds above {limit} % of MemTotal and above {floor} MiB",
        "The host has taken this memory back. Depending on the driver it is missing from "
        "MemTotal or looks like a leak inside it.",
        "Ask for it on the host (the balloon's target), or plan with what is left.",
        "driver's files, meminfo, vmstat"),
    ROW("hardware_corrupted", "memory with errors", hardware, 0, 0, 0,
        "HardwareCorrupted is above {limit}", "Pages were taken out of use after memory errors.",
        "See the kernel log for the module and replace it.", "meminfo"),
    ROW("coverage", "what the snapshot covers", coverage, 10, 0, 16,
        "processes that could not be read hold above {limit} % of all RSS and above {floor} MiB, "
        "or the bundle is cut",
        "Sums over processes are too low, and owners of memory may be missing.",
        "Collect as root, outside containers; see memtally info for what failed.", "smaps, status"),
};

const size_t rule_row_count = sizeof rule_rows / sizeof rule_rows[0];
_Static_assert(sizeof rule_rows / sizeof rule_rows[0] <= RULES_MAX,
               "too many rules for the report");
