/* Memory that the kernel takes for itself on behalf of a process. */
#include "tests/machine/takes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t page_bytes(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* One page read in the span of each lowest table: the zero page is mapped, and only tables are
 * taken. A table has a page of entries of eight bytes. */
uint64_t take_page_tables(uint64_t bytes, const char *folder)
{
    (void)folder;
    uint64_t page = page_bytes(), span = page / 8 * page, tables = bytes / page;
    char *at =
        mmap(NULL, tables * span, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        give_up("mmap");
    (void)madvise(at, tables * span, MADV_NOHUGEPAGE); /* fails where there are none */
    for (uint64_t i = 0; i < tables; i++)
        (void)*(volatile char *)(at + i * span);
    return tables * page;
}

static uint64_t kernel_stack_kib(void)
{
    uint64_t kib = 0;
    char line[256];
    FILE *meminfo = fopen("/proc/meminfo", "re");
    if (!meminfo)
        give_up("/proc/meminfo");
    while (fgets(line, sizeof line, meminfo))
        if (strncmp(line, "KernelStack:", 12) == 0)
            kib = strtoull(line + 12, NULL, 10);
    fclose(meminfo);
    return kib;
}

static void *wait_for_ever(void *unused)
{
    for (;;)
        pause();
    return unused;
}

/* The size of a kernel stack is a power of two; other threads that come and go do not hide it. */
static uint64_t stack_kib(uint64_t growth_kib, uint64_t threads)
{
    uint64_t size = 1;
    while (size * 3 / 2 * threads < growth_kib)
        size *= 2;
    return size;
}

uint64_t take_stacks(uint64_t bytes, const char *folder)
{
    (void)folder;
    uint64_t before = kernel_stack_kib(), threads = bytes / (16 << 10);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN);
    for (uint64_t i = 0; i < threads; i++) {
        pthread_t thread;
        errno = pthread_create(&thread, &attributes, wait_for_ever, NULL);
        if (errno)
            give_up("pthread_create");
    }
    pthread_attr_destroy(&attributes);
    uint64_t after = kernel_stack_kib();
    if (after <= before) {
        errno = ENOSYS;
        give_up("KernelStack of /proc/meminfo");
    }
    return threads * stack_kib(after - before, threads) * 1024;
}

/* A dentry is remembered for each name that was looked up and is not there. */
#define DENTRY_BYTES 192

static char names_folder[4096];

static void remove_names_folder(void)
{
    rmdir(names_folder); /* and with it all that was remembered of it */
}

/* Returns the number of names x DENTRY_BYTES; what the kernel takes for a name is for slabinfo
 * to say. */
uint64_t take_dentries(uint64_t bytes, const char *folder)
{
    if (snprintf(names_folder, sizeof names_folder, "%s/taken.XXXXXX", folder) >=
        (int)sizeof names_folder) {
        errno = ENAMETOOLONG;
        give_up(folder);
    }
    if (!mkdtemp(names_folder))
        give_up(names_folder);
    atexit(remove_names_folder);
    int at = open(names_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        give_up(names_folder);
    uint64_t names = bytes / DENTRY_BYTES;
    for (uint64_t i = 0; i < names; i++) {
        char name[24];
        snprintf(name, sizeof name, "%llu", (unsigned long long)i);
        if (faccessat(at, name, F_OK, 0) == 0 || errno != ENOENT)
            give_up("faccessat");
    }
    close(at);
    return names * DENTRY_BYTES;
}

/* The values of an array map are one vmalloc area. */
uint64_t take_bpf_map(uint64_t bytes, const char *folder)
{
    (void)folder;
    uint32_t value = 4096;
    union bpf_attr map;
    memset(&map, 0, sizeof map);
    map.map_type = BPF_MAP_TYPE_ARRAY;
    map.key_size = sizeof(uint32_t);
    map.value_size = value;
    map.max_entries = (uint32_t)(bytes / value);
    if (syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map) < 0)
        give_up("bpf");
    return (uint64_t)map.max_entries * value;
}
