/* The lines of the ledger, one function a branch of the tree. */
#include "analyzer/account/ledger_lines.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/parse/system/meminfo.h"

void ledger_note(struct ledger *ledger, const char *text)
{
    if (ledger->note_count < LEDGER_NOTES_MAX)
        snprintf(ledger->notes[ledger->note_count++], sizeof ledger->notes[0], "%s", text);
}

/* Adds a line and gives its index, for children to name. The table is large enough for every
 * fixed line; only pools of huge page sizes vary, and no machine has more than four. */
static int add_line(struct ledger *ledger, int parent, const char *id, const char *label,
                    uint64_t bytes, enum grade grade, const char *source)
{
    if (ledger->line_count >= LEDGER_LINES_MAX)
        return -1;
    struct ledger_line *line = &ledger->lines[ledger->line_count];
    *line = (struct ledger_line){
        .parent = parent, .bytes = bytes, .low_bytes = bytes, .high_bytes = bytes, .grade = grade};
    snprintf(line->id, sizeof line->id, "%s", id);
    snprintf(line->label, sizeof line->label, "%s", label);
    snprintf(line->source, sizeof line->source, "%s", source);
    return (int)ledger->line_count++;
}

/* A line for a figure that this kernel may not print: absent gives no line at all. */
static int add_amount(struct ledger *ledger, int parent, const char *id, const char *label,
                      struct amount amount, enum grade grade, const char *source)
{
    return amount.known ? add_line(ledger, parent, id, label, amount.bytes, grade, source) : -1;
}

static void add_beside(struct ledger *ledger, const char *id, const char *label,
                       struct amount amount, const char *also_in, const char *source)
{
    if (!amount.known || ledger->beside_count >= LEDGER_BESIDE_MAX)
        return;
    struct ledger_beside *beside = &ledger->beside[ledger->beside_count++];
    beside->bytes = amount.bytes;
    snprintf(beside->id, sizeof beside->id, "%s", id);
    snprintf(beside->label, sizeof beside->label, "%s", label);
    snprintf(beside->also_in, sizeof beside->also_in, "%s", also_in);
    snprintf(beside->source, sizeof beside->source, "%s", source);
}

static void add_free(struct ledger *ledger, const struct system_terms *terms)
{
    add_amount(ledger, -1, "free", "Free", terms->free, GRADE_EXACT, "meminfo MemFree");
    int pcp = add_amount(
        ledger, -1, "pcp", "Free, in per-CPU lists", terms->pcp, GRADE_DERIVED,
        "zoneinfo: sum of pagesets count, x page size, corrected by zoneinfo free - MemFree");
    if (pcp < 0) {
        ledger_note(ledger, "per-CPU free lists: no zoneinfo (or no page size), so they are in the "
                            "residual");
        return;
    }
    uint64_t skew =
        (uint64_t)(terms->free_skew_bytes < 0 ? -terms->free_skew_bytes : terms->free_skew_bytes);
    struct ledger_line *line = &ledger->lines[pcp];
    if (skew == 0 || skew > line->bytes + (UINT64_C(1) << 20))
        return;
    line->grade = GRADE_BOUNDED;
    line->low_bytes = subtract_to_zero(line->bytes, skew);
    line->high_bytes = add_saturating(line->bytes, skew);
}

static void add_user(struct ledger *ledger, const struct system_terms *terms)
{
    uint64_t swap_cache = subtract_to_zero(terms->swap_cache.bytes, terms->swap_cache_mapped_bytes);
    uint64_t sum =
        add_saturating(add_saturating(add_saturating(terms->anon.bytes, terms->file_cache.bytes),
                                      add_saturating(terms->shmem.bytes, terms->buffers.bytes)),
                       add_saturating(swap_cache, terms->lru_unowned_bytes));
    int user = add_line(ledger, -1, "user", "User memory and page cache", sum, GRADE_DERIVED,
                        "sum of its parts");
    add_amount(ledger, user, "user.anon", "Anonymous, mapped", terms->anon, GRADE_EXACT,
               "meminfo AnonPages");
    add_amount(ledger, user, "user.file_cache", "Page cache of files", terms->file_cache,
               terms->shmem.known ? GRADE_DERIVED : GRADE_EXACT,
               terms->shmem.known ? "meminfo Cached - Shmem" : "meminfo Cached (with shmem)");
    add_amount(ledger, user, "user.shmem", "Shared memory and tmpfs", terms->shmem, GRADE_EXACT,
               "meminfo Shmem");
    add_amount(ledger, user, "user.buffers", "Page cache of block devices", terms->buffers,
               GRADE_EXACT, "meminfo Buffers");
    int cache = -1;
    if (terms->swap_cache.known)
        cache = add_line(ledger, user, "user.swap_cache", "Swap cache, not mapped", swap_cache,
                         GRADE_EXACT, "meminfo SwapCached");
    if (cache >= 0 && terms->swap_cache.bytes) {
        struct ledger_line *line = &ledger->lines[cache];
        line->grade = GRADE_BOUNDED;
        line->low_bytes = 0;
        line->high_bytes = terms->swap_cache.bytes;
        snprintf(line->source, sizeof line->source,
                 "meminfo SwapCached - what AnonPages has of it (from the LRU sum)");
    }
    if (terms->lru_unowned_bytes)
        add_line(ledger, user, "user.lru_unowned", "On LRU lists, without owner",
                 terms->lru_unowned_bytes, GRADE_DERIVED,
                 "Active + Inactive + Unevictable + isolated - (AnonPages + Cached + Buffers + "
                 "SwapCached)");
}

static void add_slab(struct ledger *ledger, const struct system_terms *terms)
{
    int slab = add_amount(ledger, -1, "slab", "Slab", terms->slab, GRADE_EXACT,
                          terms->slab_reclaimable.known ? "meminfo SReclaimable + SUnreclaim"
                                                        : "meminfo Slab");
    if (terms->stacks == STACKS_IN_SLAB)
        add_beside(ledger, "kernel_stacks", "Kernel stacks", terms->kernel_stack, "slab",
                   "meminfo KernelStack; slab cache thread_stack");
    if (!terms->slab_reclaimable.known || !terms->slab_unreclaimable.known)
        return;
    add_amount(ledger, slab, "slab.reclaimable", "Slab, reclaimable", terms->slab_reclaimable,
               GRADE_EXACT, "meminfo SReclaimable");
    add_amount(ledger, slab, "slab.unreclaimable", "Slab, unreclaimable", terms->slab_unreclaimable,
               GRADE_EXACT, "meminfo SUnreclaim");
}

/* Without vmallocinfo the areas cannot be told apart; the stacks then stay in one line with the
 * rest, and are shown beside. */
static void add_vmalloc(struct ledger *ledger, const struct system_terms *terms,
                        const struct kernel_usage *kernel)
{
    int vmalloc = add_amount(ledger, -1, "vmalloc", "vmalloc", terms->vmalloc, GRADE_EXACT,
                             terms->vmalloc_from_areas ? "vmallocinfo: sum of pages=, x page size"
                                                       : "meminfo VmallocUsed");
    if (vmalloc < 0) {
        ledger_note(ledger,
                    terms->vmalloc_used == VMALLOC_USED_ABSENT
                        ? "vmalloc: neither vmallocinfo nor VmallocUsed, so it is in the residual"
                        : "vmalloc: no vmallocinfo, and this kernel's VmallocUsed does not count "
                          "pages, so it is in the residual");
    } else if (terms->vmalloc_from_areas) {
        static const struct {
            enum vmalloc_owner owner;
            const char *id, *label;
        } parts[] = {
            {OWNER_STACKS,  "vmalloc.stacks",  "Kernel stacks"        },
            {OWNER_MODULES, "vmalloc.modules", "Kernel modules"       },
            {OWNER_BPF,     "vmalloc.bpf",     "BPF programs and maps"},
            {OWNER_PERCPU,  "vmalloc.percpu",  "Percpu bookkeeping"   },
            {OWNER_OTHER,   "vmalloc.other",   "Other vmalloc areas"  },
        };
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            add_line(ledger, vmalloc, parts[i].id, parts[i].label,
                     kernel->owner_bytes[parts[i].owner], GRADE_EXACT,
                     "vmallocinfo: pages= by caller, x page size");
    }
    switch (terms->stacks) {
    case STACKS_OWN_PAGES:
        add_amount(ledger, -1, "kernel_stacks", "Kernel stacks", terms->kernel_stack, GRADE_EXACT,
                   terms->vmalloc_from_areas
                       ? "meminfo KernelStack (not in vmallocinfo, so they have pages of their own)"
                       : "meminfo KernelStack (the vmalloc line, if any, is too small for them)");
        break;
    case STACKS_IN_VMALLOC:
    case STACKS_UNSURE:
        add_beside(ledger, "kernel_stacks", "Kernel stacks", terms->kernel_stack, "vmalloc",
                   "meminfo KernelStack");
        break;
    case STACKS_IN_SLAB:
        break;
    }
    if (terms->stacks == STACKS_UNSURE)
        ledger_note(ledger,
                    "kernel stacks are taken to be in vmalloc: without vmallocinfo this cannot "
                    "be seen");
}

static void add_page_tables(struct ledger *ledger, const struct system_terms *terms)
{
    if (!terms->page_tables.known)
        return;
    struct amount sum = terms->page_tables;
    if (terms->secondary_page_tables.known)
        sum = amount_add(sum, terms->secondary_page_tables);
    int parent =
        add_amount(ledger, -1, "page_tables", "Page tables", sum, GRADE_EXACT,
                   terms->secondary_page_tables.known ? "meminfo PageTables + SecPageTables"
                                                      : "meminfo PageTables");
    if (!terms->secondary_page_tables.known)
        return;
    add_amount(ledger, parent, "page_tables.process", "Of processes and kernel", terms->page_tables,
               GRADE_EXACT, "meminfo PageTables");
    add_amount(ledger, parent, "page_tables.secondary", "Of guests and IOMMUs",
               terms->secondary_page_tables, GRADE_EXACT, "meminfo SecPageTables");
}

static void add_percpu(struct ledger *ledger, const struct system_terms *terms)
{
    if (!terms->percpu.known && terms->percpu_high_bytes == 0)
        return;
    int percpu = add_line(ledger, -1, "percpu", "Percpu memory", terms->percpu_bytes,
                          terms->percpu_low_bytes == terms->percpu_high_bytes ? GRADE_DERIVED
                                                                              : GRADE_BOUNDED,
                          "meminfo Percpu - first chunk (which lies outside MemTotal), bounded by "
                          "vmallocinfo pcpu_get_vm_areas");
    if (percpu < 0)
        return;
    ledger->lines[percpu].low_bytes = terms->percpu_low_bytes;
    ledger->lines[percpu].high_bytes = terms->percpu_high_bytes;
}

static void add_pool(struct ledger *ledger, int parent, const struct huge_page_pool *pool)
{
    char id[48], label[64];
    uint64_t kib = pool->page_bytes / 1024;
    uint64_t free_pages = pool->free.known ? pool->free.bytes : 0;
    if (free_pages > pool->total.bytes)
        free_pages = pool->total.bytes;
    snprintf(id, sizeof id, "hugetlb.%llukB", (unsigned long long)kib);
    snprintf(label, sizeof label, "Huge pages of %llu KiB", (unsigned long long)kib);
    int line = add_line(ledger, parent, id, label,
                        multiply_saturating(pool->total.bytes, pool->page_bytes), GRADE_EXACT,
                        "hugepages: nr_hugepages x size");
    if (!pool->free.known)
        return;
    snprintf(id, sizeof id, "hugetlb.%llukB.used", (unsigned long long)kib);
    add_line(ledger, line, id, "In use",
             multiply_saturating(pool->total.bytes - free_pages, pool->page_bytes), GRADE_EXACT,
             "hugepages: (nr_hugepages - free_hugepages) x size");
    snprintf(id, sizeof id, "hugetlb.%llukB.free", (unsigned long long)kib);
    add_line(ledger, line, id, "Free, reserved included",
             multiply_saturating(free_pages, pool->page_bytes), GRADE_EXACT,
             "hugepages: free_hugepages x size");
}

/* Pools are shown as children only if they add up to the whole. */
static void add_hugetlb(struct ledger *ledger, const struct system_state *system,
                        const struct system_sample *sample, const struct system_terms *terms)
{
    int parent = add_amount(ledger, -1, "hugetlb", "Huge pages (hugetlb)", terms->hugetlb,
                            GRADE_EXACT, "meminfo Hugetlb, or sum over sizes of hugepages");
    if (parent < 0 || terms->hugetlb.bytes == 0)
        return;
    uint64_t sum = 0, size;
    for (size_t i = 0; i < system->pool_count; i++)
        if (system->pools[i].node < 0 && system->pools[i].total.known)
            sum = add_saturating(sum, multiply_saturating(system->pools[i].total.bytes,
                                                          system->pools[i].page_bytes));
    if (sum == terms->hugetlb.bytes) {
        for (size_t i = 0; i < system->pool_count; i++)
            if (system->pools[i].node < 0 && system->pools[i].total.known &&
                system->pools[i].total.bytes)
                add_pool(ledger, parent, &system->pools[i]);
        return;
    }
    struct huge_page_pool only = {.node = -1};
    if (field_get(&sample->meminfo, MEMINFO_HUGE_PAGE_SIZE, &size) &&
        field_get(&sample->meminfo, MEMINFO_HUGE_PAGES_TOTAL, &only.total.bytes) &&
        multiply_saturating(only.total.bytes, size) == terms->hugetlb.bytes) {
        only.page_bytes = size;
        only.free.known = field_get(&sample->meminfo, MEMINFO_HUGE_PAGES_FREE, &only.free.bytes);
        add_pool(ledger, parent, &only);
    }
}

static void add_rest(struct ledger *ledger, const struct system_terms *terms)
{
    const struct {
        const char *id, *label;
        struct amount amount;
        const char *source;
    } rows[] = {
        {"zspages",            "Compressed pages (zram, zswap)",   terms->zspages,
         "vmstat nr_zspages x page size, or zram mem_used_total"                                                    },
        {"zswap",              "zswap pool outside zsmalloc",      terms->zswap_pool,         "meminfo Zswap"       },
        {"gpu_active",         "GPU pages in use",                 terms->gpu_active,         "meminfo GPUActive"   },
        {"gpu_reclaim",        "GPU pages, reclaimable",           terms->gpu_reclaim,        "meminfo GPUReclaim"  },
        {"memmap",             "Page structs of hot-added memory", terms->memmap,
         "vmstat nr_memmap_pages x page size"                                                                       },
        {"bounce",             "Bounce buffers",                   terms->bounce,             "meminfo Bounce"      },
        {"writeback_tmp",      "FUSE write-back copies",           terms->writeback_tmp,      "meminfo WritebackTmp"},
        {"quicklists",         "Quicklists",                       terms->quicklists,         "meminfo Quicklists"  },
        {"misc_reclaimable",   "Other reclaimable kernel memory",  terms->misc_reclaimable,
         "meminfo KReclaimable - SReclaimable"                                                                      },
        {"hardware_corrupted", "Taken out for memory errors",      terms->hardware_corrupted,
         "meminfo HardwareCorrupted"                                                                                },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        add_amount(ledger, -1, rows[i].id, rows[i].label, rows[i].amount, GRADE_EXACT,
                   rows[i].source);
}

static uint64_t sum_of_top_lines(const struct ledger *ledger)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ledger->line_count; i++)
        if (ledger->lines[i].parent < 0)
            sum = add_saturating(sum, ledger->lines[i].bytes);
    return sum;
}

/* A balloon inside MemTotal must fit into what nothing else explains. If it does not, the driver
 * has taken its pages out of MemTotal: that is proof. If it fits, it is taken to be inside. */
static void add_balloon(struct ledger *ledger, const struct system_terms *terms)
{
    if (!terms->balloon.known)
        return;
    uint64_t rest = subtract_to_zero(ledger->mem_total_bytes, sum_of_top_lines(ledger));
    if (terms->balloon.bytes <= rest)
        add_line(ledger, -1, "balloon", "Balloon", terms->balloon.bytes,
                 terms->balloon.bytes ? GRADE_DERIVED : GRADE_EXACT, "meminfo Balloon");
    else
        add_beside(ledger, "balloon", "Balloon, outside MemTotal", terms->balloon, "",
                   "meminfo Balloon (too large to lie in the residual)");
}

void ledger_add_beside(const struct system_sample *sample, const struct system_terms *terms,
                       struct ledger *ledger)
{
    static const struct {
        enum meminfo_field field;
        const char *id, *label, *also_in;
    } rows[] = {
        {MEMINFO_MEM_AVAILABLE,     "available",          "Available to new work (estimate)",  ""             },
        {MEMINFO_MAPPED,            "mapped",             "Mapped file and shm pages",         "user"         },
        {MEMINFO_MLOCKED,           "mlocked",            "Locked in memory",                  "user"         },
        {MEMINFO_UNEVICTABLE,       "unevictable",        "Unevictable",                       "user"         },
        {MEMINFO_ANON_HUGE_PAGES,   "anon_huge_pages",    "Transparent huge pages, anonymous",
         "user.anon"                                                                                          },
        {MEMINFO_SHMEM_HUGE_PAGES,  "shmem_huge_pages",   "Transparent huge pages, shmem",
         "user.shmem"                                                                                         },
        {MEMINFO_FILE_HUGE_PAGES,   "file_huge_pages",    "Transparent huge pages, files",
         "user.file_cache"                                                                                    },
        {MEMINFO_DIRTY,             "dirty",              "Dirty",                             "user"         },
        {MEMINFO_WRITEBACK,         "writeback",          "Under write-back",                  "user"         },
        {MEMINFO_NFS_UNSTABLE,      "nfs_unstable",       "Written, not yet stable on NFS",    "user"         },
        {MEMINFO_CMA_TOTAL,         "cma_total",          "CMA areas",                         "free, user"   },
        {MEMINFO_CMA_FREE,          "cma_free",           "CMA, free",                         "free"         },
        {MEMINFO_UNACCEPTED,        "unaccepted",         "Not yet accepted from the host",    "free"         },
        {MEMINFO_SHADOW_CALL_STACK, "shadow_call_stacks", "Shadow call stacks",                "vmalloc, slab"},
    };
    uint64_t value;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char source[96];
        snprintf(source, sizeof source, "meminfo %s", meminfo_field_name(rows[i].field));
        if (field_get(&sample->meminfo, rows[i].field, &value))
            add_beside(ledger, rows[i].id, rows[i].label, amount_of(value), rows[i].also_in,
                       source);
    }
    if (!terms->zswap_pool.known) /* else it has a line of its own */
        add_beside(ledger, "zswap_pool", "zswap pool", terms->zswap, "zspages", "meminfo Zswap");
}

bool ledger_build(const struct snapshot *snapshot, const struct system_sample *sample,
                  const struct kernel_usage *kernel, struct ledger *ledger,
                  struct system_terms *terms, struct failure *why)
{
    if (!system_terms_compute(snapshot, sample, terms, why))
        return false;
    ledger->mem_total_bytes = terms->mem_total_bytes;
    add_free(ledger, terms);
    add_user(ledger, terms);
    add_slab(ledger, terms);
    add_vmalloc(ledger, terms, kernel);
    add_page_tables(ledger, terms);
    add_percpu(ledger, terms);
    add_hugetlb(ledger, &snapshot->system, sample, terms);
    add_rest(ledger, terms);
    add_balloon(ledger, terms);
    ledger->residual_bytes =
        to_signed(ledger->mem_total_bytes) - to_signed(sum_of_top_lines(ledger));
    return true;
}
