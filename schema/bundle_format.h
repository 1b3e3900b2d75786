/* The names and the grammar of bundle format 1. The specification in prose, from which a
 * second reader can be written, is docs/bundle-format.md; this header is what both programs
 * compile against, and nothing else is shared between them.
 *
 * A bundle is a pax tar in zstd. All members lie in one top directory named like the file
 * without ".tar.zst". Below it (paths as written here):
 *
 *   manifest                    first member
 *   samples/K/{zoneinfo.first,meminfo,vmstat,zoneinfo}
 *                               K = 1, 2, ...: before pass 1 and after every pass, read in
 *                               this order back to back
 *   proc/..., sys/...           the machine, as it names its own files
 *   PATH.link                   the target of the symbolic link PATH, without newline
 *   PATH.list                   the names in the folder PATH, sorted, one a line
 *   derived/statfs              statfs(2) of memory file systems (no /proc file has it)
 *   derived/census              page frames counted by their flags (/proc/kpageflags), on demand
 *   derived/shared_mm           processes that have one address space (kcmp)
 *   proc/PID/fd.memory          descriptors that hold memory, and pipes
 *   proc/PID/pages              frames and swap slots behind its pages, on demand: pages_format.h
 *   journal                     last member; its last line is the end record
 *
 * A member that does not fit into the collector's buffer goes out as PATH.part-0001,
 * PATH.part-0002, ... at record borders; there is then no PATH itself, and the concatenation
 * of the parts is the file. The journal may do so too: its parts then lie between other
 * members, and the last part is the last member.
 *
 * manifest: lines "KEY VALUE\n"; VALUE runs to the end of the line and is escaped
 * (see below). A key that a reader does not know is ignored. Keys: MANIFEST_KEYS.
 *
 * journal: lines "RECORD KEY VALUE KEY VALUE ...\n", single spaces; the value of `path` and
 * of `text` runs to the end of the line, so these come last. Unknown records and keys are ignored.
 *
 *   pass N name WORD start_ns N duration_ns N
 *   member outcome WORD pass N start_ns N duration_ns N bytes N parts N errno N path PATH
 *   process pid N start_time_ticks N outcome WORD
 *   note text TEXT
 *   end members N processes N mappings N bytes N duration_ns N
 *
 * start_ns counts from the manifest's started_monotonic_ns. `parts` is 0 when the member is not in the
 * archive, 1 when it is there whole, else the number of its parts. `process` is written
 * once for each PID seen, and says what became of the process as a whole.
 *
 * Escaping, in manifest values, paths and texts: backslash is "\\", newline is "\n", any
 * other byte below 0x20, 0x7f and above is "\xHH"; all else stands for itself. */
#pragma once

#define BUNDLE_FORMAT_MAJOR 1
#define BUNDLE_FORMAT_MINOR 2

#define BUNDLE_MANIFEST_NAME  "manifest"
#define BUNDLE_JOURNAL_NAME   "journal"
#define BUNDLE_SAMPLES_FOLDER "samples"
#define BUNDLE_STATFS_NAME    "derived/statfs"
#define BUNDLE_CENSUS_NAME    "derived/census"
#define BUNDLE_SHARED_MM_NAME "derived/shared_mm"
#define BUNDLE_FD_MEMORY_NAME "fd.memory" /* below proc/PID */
#define BUNDLE_LINK_SUFFIX    ".link"
#define BUNDLE_LIST_SUFFIX    ".list"
#define BUNDLE_PART_INFIX     ".part-" /* followed by at least four decimal digits, from 0001 */
#define BUNDLE_FILE_SUFFIX    ".tar.zst"

/* X(constant, key, meaning) */
#define MANIFEST_KEYS(X)                                                                           \
    X(FORMAT, "format", "MAJOR.MINOR of the bundle format; the first line")                        \
    X(COLLECTOR, "collector", "name and version of the program that wrote it")                     \
    X(HOST, "host", "node name")                                                                   \
    X(KERNEL_RELEASE, "kernel_release", "uname -r")                                                \
    X(KERNEL_VERSION, "kernel_version", "uname -v")                                                \
    X(ARCHITECTURE, "architecture", "uname -m")                                                    \
    X(PAGE_SIZE_BYTES, "page_size_bytes", "base page")                                             \
    X(CLOCK_TICKS_PER_SECOND, "clock_ticks_per_second", "unit of start times in stat")             \
    X(CPUS_ONLINE, "cpus_online", "processors online")                                             \
    X(BOOT_ID, "boot_id", "random id of this boot")                                                \
    X(STARTED_REALTIME_NS, "started_realtime_ns", "wall clock, since 1970 UTC")                    \
    X(STARTED_MONOTONIC_NS, "started_monotonic_ns", "CLOCK_BOOTTIME or CLOCK_MONOTONIC")           \
    X(UID, "uid", "effective user of the collector")                                               \
    X(CAPABILITIES, "capabilities", "CapEff of the collector, hexadecimal")                        \
    X(COLLECTOR_PID, "collector_pid", "its own PID, to be recognised in the snapshot")             \
    X(PID_NAMESPACE, "pid_namespace", "link target of /proc/self/ns/pid")                          \
    X(OPTIONS, "options", "command line options in force")                                         \
    X(LABEL, "label", "the user's own words for this snapshot")                                    \
    X(PROC_ROOT, "proc_root", "present when a tree was read in place of /proc and /sys")

/* Passes, from cheap and safe to costly and risky. X(number, word) */
#define BUNDLE_PASSES(X) X(1, "system") X(2, "survey") X(3, "detail") X(4, "risky")

/* derived/census. A reader refuses another version. */
#define CENSUS_VERSION  1
#define CENSUS_ROWS_MAX 65536

/* Bits of a word of /proc/kpageflags that tell what a page is, by their names in
 * include/uapi/linux/kernel-page-flags.h. RESERVED and MLOCKED are no promise of the kernel, but stand there
 * since 2.6.31. All other bits are cleared before counting. X(name, bit) */
#define CENSUS_FLAGS(X)                                                                            \
    X(LRU, 5)                                                                                      \
    X(SLAB, 7)                                                                                     \
    X(BUDDY, 10)                                                                                   \
    X(MMAP, 11)                                                                                    \
    X(ANON, 12)                                                                                    \
    X(SWAPCACHE, 13)                                                                               \
    X(SWAPBACKED, 14)                                                                              \
    X(COMPOUND_HEAD, 15)                                                                           \
    X(COMPOUND_TAIL, 16)                                                                           \
    X(HUGE, 17)                                                                                    \
    X(UNEVICTABLE, 18)                                                                             \
    X(HWPOISON, 19)                                                                                \
    X(NOPAGE, 20)                                                                                  \
    X(KSM, 21)                                                                                     \
    X(THP, 22)                                                                                     \
    X(OFFLINE, 23)                                                                                 \
    X(ZERO_PAGE, 24)                                                                               \
    X(PGTABLE, 26)                                                                                 \
    X(RESERVED, 32)                                                                                \
    X(MLOCKED, 33)

enum kpf_bit {
#define KPF_CONSTANT(name, bit) KPF_BIT_##name = (bit),
    CENSUS_FLAGS(KPF_CONSTANT)
#undef KPF_CONSTANT
};

#define CENSUS_FLAG_OR(name, bit) | UINT64_C(1) << (bit)
#define CENSUS_FLAG_MASK          (UINT64_C(0) CENSUS_FLAGS(CENSUS_FLAG_OR))
