/* A snapshot of a very large machine, made up: the text of /proc as a tar on standard output.
 *
 *     large_snapshot PROCESSES MAPPINGS | memtally ps -
 *
 * Each process has MAPPINGS mappings: text, relocated data and data of libraries that other programs
 * map, too; memory that its family shares since fork, broken in part; memory of its own.
 * Families have their own addresses. The figures fit together as the kernel's would: a page that
 * n processes map adds its n-th part to each PSS. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FAMILY = 25,     /* processes that one program forked           */
    PROGRAMS = 400,  /* with libraries of their own choice          */
    LIBRARIES = 600, /* in all; a program takes neighbours of these */
    PARTS = 5,       /* kinds of mappings, in turn                  */
    OWN_FILES = 75,  /* so many mappings for each file that nobody else has */
    SLOT = 1 << 16,  /* of address space for each mapping           */
    TAR_BLOCK = 512,
    FIRST_PID = 1000,
    PROCESSES_MAX = 1000000,
    MAPPINGS_MAX = 65530 /* vm.max_map_count */
};

struct block {
    const char *permissions;
    unsigned library;                                                        /* 0: none */
    unsigned rss, pss, shared_clean, shared_dirty, private_dirty, anonymous; /* KiB */
};

static unsigned mappers[LIBRARIES + 1];

static unsigned library_of(unsigned process, unsigned number)
{
    unsigned program = process / FAMILY % PROGRAMS;
    return 1 + (program * 3 + number) % LIBRARIES;
}

static unsigned family_size(unsigned process, unsigned processes)
{
    unsigned first = process / FAMILY * FAMILY;
    return processes - first < FAMILY ? processes - first : FAMILY;
}

static struct block block_of(unsigned process, unsigned processes, unsigned number)
{
    unsigned library = library_of(process, number / PARTS), own = 4 * (1 + (process + number) % 3);
    unsigned text = 4 * (3 + library % 9), family = family_size(process, processes);
    switch (number % PARTS) {
    case 0:
        if (mappers[library] == 1)
            return (struct block){"r-xp", library, text, text, 0, 0, text, 0};
        return (struct block){"r-xp", library, text, text / mappers[library], text, 0, 0, 0};
    case 1:
        return (struct block){"r--p", library, 4, 4, 0, 0, 4, 4};
    case 2:
        return (struct block){"rw-p", library, own, own, 0, 0, own, own};
    case 3: {
        unsigned shared = family > 1 ? 32 : 0;
        return (struct block){"rw-p", 0,      own + shared, own + shared / family,
                              0,      shared, own,          own + shared};
    }
    default:
        if (number % OWN_FILES == PARTS - 1)
            return (struct block){"rw-s", 0, own, own, 0, 0, own, 0};
        return (struct block){"rw-p", 0, own, own, 0, 0, own, own};
    }
}

/* The end of a block's first line: device, inode and path, or none. */
static void name_block(char to[96], const struct block *block, unsigned pid, unsigned number)
{
    if (block->library)
        snprintf(to, 96, "08:01 %u %25s /usr/lib/x86_64/lib%03u.so.6", block->library, "",
                 block->library);
    else if (block->permissions[3] == 's')
        snprintf(to, 96, "08:02 %" PRIu64 " %19s /var/cache/worker/%u.%u",
                 (uint64_t)number * PROCESSES_MAX + pid, "", pid, number);
    else
        snprintf(to, 96, "00:00 0 ");
}

static int print_block(char *to, size_t room, uint64_t start, const struct block *block,
                       const char *name, unsigned offset_bytes)
{
    return snprintf(
        to, room,
        "%012" PRIx64 "-%012" PRIx64 " %s %08x %s\n"
        "Size:                 64 kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n"
        "Rss:               %5u kB\nPss:               %5u kB\nPss_Dirty:         %5u kB\n"
        "Shared_Clean:      %5u kB\nShared_Dirty:      %5u kB\nPrivate_Clean:         0 kB\n"
        "Private_Dirty:     %5u kB\nReferenced:        %5u kB\nAnonymous:         %5u kB\n"
        "LazyFree:              0 kB\nAnonHugePages:         0 kB\nShmemPmdMapped:        0 kB\n"
        "FilePmdMapped:         0 kB\nShared_Hugetlb:        0 kB\nPrivate_Hugetlb:       0 kB\n"
        "Swap:                  0 kB\nSwapPss:               0 kB\nLocked:                0 kB\n"
        "THPeligible:           0\nVmFlags: rd mr mw me sd \n",
        start, start + SLOT, block->permissions, offset_bytes, name, block->rss, block->pss,
        block->private_dirty, block->shared_clean, block->shared_dirty, block->private_dirty,
        block->rss, block->anonymous);
}

static void write_all(const char *bytes, size_t count)
{
    if (fwrite(bytes, 1, count, stdout) != count) {
        perror("large_snapshot");
        exit(1);
    }
}

/* A header in the form of ustar, the text, and zeros up to the next border. */
static void write_member(const char *path, const char *text, size_t length)
{
    static const char zeros[TAR_BLOCK];
    char header[TAR_BLOCK] = "";
    unsigned sum = 0;
    snprintf(header, 100, "%s", path);
    snprintf(header + 100, 8, "0000444");
    snprintf(header + 124, 12, "%011zo", length);
    snprintf(header + 136, 12, "%011o", 1800000000u);
    memset(header + 148, ' ', 8); /* the checksum counts itself as blanks */
    header[156] = '0';
    memcpy(header + 257, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof header; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 8, "%06o", sum);
    write_all(header, sizeof header);
    write_all(text, length);
    write_all(zeros, (TAR_BLOCK - length % TAR_BLOCK) % TAR_BLOCK);
}

static void write_file(unsigned pid, const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "proc/%u/%s", pid, name);
    write_member(path, text, strlen(text));
}

static void write_stat(unsigned pid, const char *comm, unsigned parent, unsigned flags)
{
    char text[256];
    snprintf(text, sizeof text,
             "%u (%s) S %u %u %u 0 -1 %u 100 0 5 0 0 0 0 0 20 0 1 0 %u 8192000 500 "
             "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
             pid, comm, parent, parent, parent, flags, pid);
    write_file(pid, "stat", text);
}

static void write_process(unsigned process, unsigned processes, unsigned mappings, char *text,
                          size_t room)
{
    unsigned pid = FIRST_PID + process, first = process / FAMILY * FAMILY;
    char path[64], comm[32], name[96], status[256];
    uint64_t base = UINT64_C(0x550000000000) + (uint64_t)first * 0x13370000;
    size_t used = 0;
    uint64_t rss = 0;
    for (unsigned i = 0; i < mappings; i++) {
        struct block block = block_of(process, processes, i);
        rss += block.rss;
        name_block(name, &block, pid, i);
        int length = print_block(text + used, room - used, base + (uint64_t)i * SLOT, &block, name,
                                 block.library ? i % PARTS * SLOT : 0);
        if (length < 0 || (size_t)length >= room - used) {
            fputs("large_snapshot: a block is longer than its room\n", stderr);
            exit(1);
        }
        used += (size_t)length;
    }
    snprintf(comm, sizeof comm, "worker%u", process / FAMILY % PROGRAMS);
    write_stat(pid, comm, process == first ? 1 : FIRST_PID + first, 4194304);
    snprintf(status, sizeof status,
             "Name:\t%s\nPid:\t%u\nUid:\t%u\t0\t0\t0\nVmSize:\t%8u kB\nVmRSS:\t%8" PRIu64 " kB\n"
             "VmPTE:\t%8u kB\nThreads:\t1\n",
             comm, pid, 1000 + process % 50, mappings * (SLOT / 1024), rss, mappings * 4);
    write_file(pid, "status", status);
    snprintf(path, sizeof path, "proc/%u/smaps", pid);
    write_member(path, text, used);
}

static bool read_count(const char *text, unsigned limit, unsigned *count)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end || value < 1 || value > limit)
        return false;
    *count = (unsigned)value;
    return true;
}

int main(int argc, char **argv)
{
    static const char meminfo[] = "MemTotal:       536870912 kB\nMemFree:        268435456 kB\n"
                                  "MemAvailable:   268435456 kB\nKernelStack:      1048576 kB\n";
    enum { BLOCK_ROOM = 1024 };
    unsigned processes, mappings;
    if (argc != 3 || !read_count(argv[1], PROCESSES_MAX, &processes) ||
        !read_count(argv[2], MAPPINGS_MAX, &mappings)) {
        fputs("usage: large_snapshot PROCESSES MAPPINGS\n", stderr);
        return 2;
    }
    size_t room = (size_t)mappings * BLOCK_ROOM;
    char *text = malloc(room), zeros[2 * TAR_BLOCK] = "";
    if (!text)
        return 1;
    for (unsigned process = 0; process < processes; process++)
        for (unsigned number = 0; number < mappings; number += PARTS)
            mappers[library_of(process, number / PARTS)]++;
    write_member("proc/meminfo", meminfo, sizeof meminfo - 1);
    write_stat(2, "kthreadd", 0, 2129984); /* tells that no process is hidden */
    for (unsigned process = 0; process < processes; process++)
        write_process(process, processes, mappings, text, room);
    write_all(zeros, sizeof zeros);
    free(text);
    return fflush(stdout) ? 1 : 0;
}
