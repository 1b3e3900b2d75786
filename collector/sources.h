/* The one table of what is collected: where it lies, in which pass it is read, what reading
 * it costs, what it can reveal, and what it is for. */
#pragma once

#include "collector/read/fetch.h"

#include <stddef.h>

enum source_kind {
    SOURCE_FILE,         /* a file of the system                                   */
    SOURCE_LINK,         /* a symbolic link, archived as PATH.link                 */
    SOURCE_LISTING,      /* a folder's names, archived as PATH.list                */
    SOURCE_REFRESH,      /* read for its effect, before everything else            */
    SOURCE_STATFS,       /* statfs(2) of the memory file systems                   */
    SOURCE_CENSUS,       /* all page frames counted by kind: only when asked for   */
    SOURCE_SHARED_MM,    /* kcmp(2) of processes: which share one address space    */
    SOURCE_PROCESS_FILE, /* in the folder of every process                         */
    SOURCE_PROCESS_LINK,
    SOURCE_PROCESS_DESCRIPTORS, /* made of the links in its folder fd              */
    SOURCE_PROCESS_PAGES,       /* made of its pagemap: only when asked for        */
};

enum source_cost {
    COST_CHEAP,     /* microseconds, no lock that another could hold for long     */
    COST_LOCKED,    /* walks kernel lists under a lock of the kernel               */
    COST_MMAP_LOCK, /* takes a process's mmap lock                                 */
    COST_MAY_BLOCK, /* a driver's, file system's or page fault's mood decides      */
};

/* What a member can reveal. docs: collector/sources.c is the list. */
enum source_privacy {
    PRIVACY_NUMBERS, /* amounts and kernel names only                               */
    PRIVACY_MACHINE, /* tells the machine: its name, hardware, mounts               */
    PRIVACY_NAMES,   /* names of programs, files, users' cgroups                    */
    PRIVACY_CONTENT, /* what users typed: command lines                             */
};

struct source {
    enum source_kind kind;
    unsigned char pass; /* 1 to 4 */
    enum source_cost cost;
    enum source_privacy privacy;
    enum record_shape shape;
    const char *folder; /* steps may hold one '*' each; a last step "**" is the folder itself
                           and all below it                                                  */
    const char *names;  /* separated by single spaces; each may hold one '*'                 */
    const char *purpose;
    const char *unless; /* paths separated by single spaces: if one is there, the row is not
                           read, since another row reads the same files. NULL: none          */
};

extern const struct source sources[];
extern const size_t source_count;

/* One attribute of sysfs or debugfs is not larger; only a driver gone wrong is. */
#define ATTRIBUTE_MOST_BYTES ((uint64_t)64 * 1024 * 1024)

/* The name at *at of a list, copied to `name`, and *at moved behind it; false at the end. */
bool source_next_name(const char **at, char *name, size_t capacity);
