#include "analyzer/account/cgroup_figures.h"

#include "analyzer/base/checked_math.h"

#define NONE (-1)

/* Where a figure stands. In v2 every figure holds what is below; in v1 the numbers do if use_hierarchy is 1, and
 * memory.stat has both kinds. */
struct figure_source {
    int v2_number, v2_stat;          /* the first that is there                 */
    int v1_number, v1_own, v1_total; /* a number, or a pair of fields           */
};

/* ROW(figure, v2_number, v2_stat, v1_number, v1_own, v1_total); PAIR is both fields of v1's memory.stat. */
#define ROW(figure, ...) [CGROUP_FIGURE_##figure] = {__VA_ARGS__}
#define PAIR(field)      NONE, CGROUP_V1_##field, CGROUP_V1_TOTAL_##field
#define NOT_IN_V1        NONE, NONE, NONE

/* clang-format off */
static const struct figure_source sources[CGROUP_FIGURE_COUNT] = {
    ROW(CHARGED,      CGROUP_NUMBER_V2_CURRENT, NONE, CGROUP_NUMBER_V1_CURRENT, NONE, NONE),
    ROW(ANON,         NONE, CGROUP_V2_ANON, PAIR(RSS)),
    ROW(FILE,         NONE, CGROUP_V2_FILE, PAIR(CACHE)),
    ROW(SHMEM,        NONE, CGROUP_V2_SHMEM, PAIR(SHMEM)),
    ROW(FILE_MAPPED,  NONE, CGROUP_V2_FILE_MAPPED, PAIR(MAPPED_FILE)),
    ROW(SWAP_CACHED,  NONE, CGROUP_V2_SWAP_CACHED, PAIR(SWAP_CACHED)),
    ROW(UNMAPPED,     NONE, NONE, NOT_IN_V1),
    ROW(KERNEL,       NONE, CGROUP_V2_KERNEL, CGROUP_NUMBER_V1_KERNEL, NONE, NONE),
    ROW(KERNEL_STACK, NONE, CGROUP_V2_KERNEL_STACK, NOT_IN_V1),
    ROW(PAGE_TABLES,  NONE, CGROUP_V2_PAGE_TABLES, NOT_IN_V1),
    ROW(PERCPU,       NONE, CGROUP_V2_PERCPU, NOT_IN_V1),
    ROW(SLAB,         NONE, CGROUP_V2_SLAB, NOT_IN_V1),
    ROW(VMALLOC,      NONE, CGROUP_V2_VMALLOC, NOT_IN_V1),
    ROW(ZSWAP,        CGROUP_NUMBER_V2_ZSWAP, CGROUP_V2_ZSWAP, NOT_IN_V1),
    ROW(SOCK,         NONE, CGROUP_V2_SOCK, CGROUP_NUMBER_V1_SOCK, NONE, NONE),
    ROW(SWAP,         CGROUP_NUMBER_V2_SWAP, NONE, PAIR(SWAP)),
};
/* clang-format on */

static struct amount number_of(const struct cgroup *cgroup, int number)
{
    return number == NONE ? AMOUNT_UNKNOWN : cgroup_number(cgroup, (enum cgroup_number)number);
}

static struct amount v1_stat_of(const struct cgroup *cgroup, int field)
{
    return field == NONE ? AMOUNT_UNKNOWN
                         : cgroup_v1_stat(cgroup, (enum cgroup_v1_stat_field)field);
}

static struct amount first_known(struct amount a, struct amount b)
{
    return a.known ? a : b;
}

/* a - b, not below 0: a page may be charged between two readings. An unknown b takes nothing away. */
static struct amount less(struct amount a, struct amount b)
{
    return a.known ? amount_of(subtract_to_zero(a.bytes, b.known ? b.bytes : 0)) : AMOUNT_UNKNOWN;
}

static struct amount plus(struct amount a, struct amount b)
{
    if (!a.known || !b.known)
        return first_known(a, b);
    return amount_add(a, b);
}

struct both {
    struct amount total, own;
};

static struct both from_total(struct amount total, struct amount below)
{
    return (struct both){total, less(total, below)};
}

static struct both from_own(struct amount own, struct amount below)
{
    return (struct both){own.known ? plus(own, below) : AMOUNT_UNKNOWN, own};
}

static struct both take_v2(const struct cgroup *cgroup, const struct figure_source *source,
                           struct amount below)
{
    struct amount stat = source->v2_stat == NONE
                             ? AMOUNT_UNKNOWN
                             : cgroup_v2_stat(cgroup, (enum cgroup_v2_stat_field)source->v2_stat);
    return from_total(first_known(number_of(cgroup, source->v2_number), stat), below);
}

static struct both take_v1(const struct cgroup *cgroup, const struct figure_source *source,
                           struct amount below)
{
    struct amount hierarchy = cgroup_number(cgroup, CGROUP_NUMBER_V1_USE_HIERARCHY);
    bool alone = hierarchy.known && hierarchy.bytes == 0;
    struct amount number = number_of(cgroup, source->v1_number);
    if (number.known)
        return alone ? from_own(number, below) : from_total(number, below);
    struct amount own = v1_stat_of(cgroup, source->v1_own);
    struct amount total = v1_stat_of(cgroup, source->v1_total);
    if (alone || !total.known)
        return from_own(own, below);
    return (struct both){total, own};
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* Whether a number is nearer to page cache and anonymous memory with kernel memory than without: then
 * the uppermost cgroup is not the root, but what a container sees of its own. */
static bool has_kernel(const struct cgroup *cgroup, uint64_t bytes, uint64_t kernel_bytes)
{
    struct amount pages =
        plus(v1_stat_of(cgroup, CGROUP_V1_TOTAL_CACHE), v1_stat_of(cgroup, CGROUP_V1_TOTAL_RSS));
    return pages.known && distance(bytes, add_saturating(pages.bytes, kernel_bytes)) <
                              distance(bytes, pages.bytes);
}

/* memory.usage_in_bytes of the root of v1 is the page cache and anonymous memory of all cgroups, whatever
 * use_hierarchy says, without the kernel memory that is in that of the others (mm/memcontrol.c,
 * mem_cgroup_usage()). */
static void add_kernel_to_root(const struct cgroup *root, struct cgroup_usage *usage,
                               struct amount below)
{
    struct amount number = cgroup_number(root, CGROUP_NUMBER_V1_CURRENT);
    struct amount kernel = usage->total[CGROUP_FIGURE_KERNEL];
    if (!number.known || !kernel.known || has_kernel(root, number.bytes, kernel.bytes))
        return;
    struct both both = from_total(plus(number, kernel), below);
    usage->total[CGROUP_FIGURE_CHARGED] = both.total;
    usage->own[CGROUP_FIGURE_CHARGED] = both.own;
}

/* The root of v2 has no memory.current; kernels before 5.18 no sum of kernel memory. Both then are the sum of their
 * parts that are printed. */
static void add_up_parts(enum cgroup_version version, struct amount *figures)
{
    if (version == CGROUP_VERSION_2 && !figures[CGROUP_FIGURE_KERNEL].known) {
        figures[CGROUP_FIGURE_KERNEL] = figures[CGROUP_FIGURE_KERNEL_STACK];
        for (unsigned i = CGROUP_FIGURE_PAGE_TABLES; i <= CGROUP_FIGURE_SLAB; i++)
            figures[CGROUP_FIGURE_KERNEL] = plus(figures[CGROUP_FIGURE_KERNEL], figures[i]);
    }
    if (!figures[CGROUP_FIGURE_CHARGED].known && figures[CGROUP_FIGURE_ANON].known) {
        struct amount pages =
            plus(figures[CGROUP_FIGURE_ANON],
                 less(figures[CGROUP_FIGURE_FILE], figures[CGROUP_FIGURE_SWAP_CACHED]));
        struct amount rest =
            version == CGROUP_VERSION_2 ? figures[CGROUP_FIGURE_SOCK] : AMOUNT_UNKNOWN;
        figures[CGROUP_FIGURE_CHARGED] = plus(plus(pages, figures[CGROUP_FIGURE_KERNEL]), rest);
    }
    if (figures[CGROUP_FIGURE_FILE].known && figures[CGROUP_FIGURE_FILE_MAPPED].known)
        figures[CGROUP_FIGURE_UNMAPPED] =
            less(less(figures[CGROUP_FIGURE_FILE], figures[CGROUP_FIGURE_FILE_MAPPED]),
                 figures[CGROUP_FIGURE_SWAP_CACHED]);
}

/* v1 has a number for "no limit", the largest of its counter: that of the root, which cannot have a limit. */
static struct amount limited(struct amount limit, struct amount no_limit)
{
    return limit.known && no_limit.known && limit.bytes >= no_limit.bytes ? AMOUNT_UNKNOWN : limit;
}

void cgroup_figures_take(const struct cgroup_node *node, struct cgroup_usage *usage,
                         const struct amount *below, struct amount no_limit)
{
    const struct cgroup *cgroup = node->cgroup;
    bool v1 = cgroup_has_memory(cgroup, CGROUP_VERSION_1);
    for (unsigned i = 0; i < CGROUP_FIGURE_COUNT; i++) {
        struct both both =
            v1 ? take_v1(cgroup, &sources[i], below[i]) : take_v2(cgroup, &sources[i], below[i]);
        usage->total[i] = both.total;
        usage->own[i] = both.own;
    }
    if (v1 && node->parent == CGROUP_NONE)
        add_kernel_to_root(cgroup, usage, below[CGROUP_FIGURE_CHARGED]);
    enum cgroup_version version = v1 ? CGROUP_VERSION_1 : CGROUP_VERSION_2;
    add_up_parts(version, usage->total);
    add_up_parts(version, usage->own);
    usage->limit = first_known(cgroup_number(cgroup, CGROUP_NUMBER_V2_LIMIT),
                               limited(cgroup_number(cgroup, CGROUP_NUMBER_V1_LIMIT), no_limit));
    usage->soft_limit =
        first_known(cgroup_number(cgroup, CGROUP_NUMBER_V2_HIGH),
                    limited(cgroup_number(cgroup, CGROUP_NUMBER_V1_SOFT_LIMIT), no_limit));
    usage->peak = first_known(cgroup_number(cgroup, CGROUP_NUMBER_V2_PEAK),
                              cgroup_number(cgroup, CGROUP_NUMBER_V1_PEAK));
    usage->swap_limit = cgroup_number(cgroup, CGROUP_NUMBER_V2_SWAP_LIMIT);
    usage->limit_hits = first_known(cgroup_event_count(cgroup, CGROUP_EVENT_MAX),
                                    cgroup_number(cgroup, CGROUP_NUMBER_V1_LIMIT_HITS));
    usage->oom_kills = cgroup_event_count(cgroup, CGROUP_EVENT_OOM_KILL);
}
