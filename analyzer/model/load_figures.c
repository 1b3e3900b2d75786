/* Small files of one line: settings of the kernel and figures of drivers, kept by path. */
#include "analyzer/model/load_details.h"
#include "analyzer/parse/text_cursor.h"

/* Thousands of DMA buffers are real, each with two files. */
#define FIGURES_MAX 65536u

/* Longer lines are no setting and no figure (a list of 8,192 processors has 50 KiB). */
#define FIGURE_BYTES_MAX 4096u

/* '*' stands for one component, as in the routes of load_system.c, which come first. */
static const char *const figure_routes[] = {
    "proc/pressure/memory",
    "proc/sys/vm/*",
    "proc/sys/fs/*",
    "proc/sys/kernel/pid_max",
    "proc/sys/kernel/shm_rmid_forced",
    "proc/sys/kernel/shmall",
    "proc/sys/kernel/shmmax",
    "proc/sys/kernel/shmmni",
    "proc/sys/kernel/tainted",
    "proc/sys/kernel/threads-max",
    "sys/block/*/bd_stat",
    "sys/block/*/comp_algorithm",
    "sys/block/*/disksize",
    "sys/block/*/initstate",
    "sys/bus/virtio/devices/*/device",
    "sys/bus/virtio/devices/*/features",
    "sys/devices/system/cmm/cmm0/*",
    "sys/devices/system/cpu/online",
    "sys/devices/system/cpu/possible",
    "sys/devices/system/memory/block_size_bytes",
    "sys/devices/system/node/has_memory",
    "sys/devices/system/node/has_normal_memory",
    "sys/devices/system/node/online",
    "sys/devices/system/node/possible",
    "sys/devices/system/node/*/cpulist",
    "sys/devices/system/node/*/distance",
    "sys/devices/system/xen_memory/xen_memory0/*",
    "sys/devices/system/xen_memory/xen_memory0/info/*",
    "sys/kernel/debug/zswap/*",
    "sys/kernel/dmabuf/buffers/*/exporter_name",
    "sys/kernel/dmabuf/buffers/*/size",
    "sys/kernel/mm/cma/*/*",
    "sys/kernel/mm/hugepages/*/demote_size",
    "sys/kernel/mm/hugepages/*/nr_hugepages_mempolicy",
    "sys/kernel/mm/hugepages/*/nr_overcommit_hugepages",
    "sys/kernel/mm/ksm/*",
    "sys/kernel/mm/transparent_hugepage/*",
    "sys/kernel/mm/transparent_hugepage/*/*",
    "sys/kernel/mm/transparent_hugepage/*/stats/*",
    "sys/module/zswap/parameters/*",
};

static bool find_figure_route(struct slice path, struct slice *wildcard)
{
    for (size_t i = 0; i < sizeof figure_routes / sizeof figure_routes[0]; i++)
        if (member_matches(figure_routes[i], path, wildcard))
            return true;
    return false;
}

bool figure_wanted(struct slice path)
{
    struct slice wildcard[WILDCARDS_MAX];
    return find_figure_route(path, wildcard);
}

bool load_figure(struct loader *loader, struct member_path *path, struct slice text,
                 struct failure *why)
{
    struct snapshot *snapshot = loader->snapshot;
    struct figure_table *figures = &snapshot->system.details.figures;
    struct slice line;
    uint64_t number = 0;
    uint32_t path_id, text_id;
    if (!next_line(&text, &line, &number))
        return true;
    if (line.length_bytes > FIGURE_BYTES_MAX)
        return failure_set(why, FAILURE_LIMIT, 1, "a line of more than %u bytes", FIGURE_BYTES_MAX);
    if (figures->count >= FIGURES_MAX)
        return failure_set(why, FAILURE_LIMIT, 0, "more than %u settings and figures", FIGURES_MAX);
    if (!string_pool_add(&snapshot->strings, path->whole, &path_id) ||
        !string_pool_add(&snapshot->strings, line, &text_id))
        return OUT_OF_MEMORY(why);
    struct figure *row = figure_table_row(figures, path_id);
    if (!row)
        return OUT_OF_MEMORY(why);
    row->text = text_id;
    row->number = 0;
    row->is_number = parse_signed_decimal(trim_blanks(line), &row->number);
    if (find_figure_route(path->whole, path->wildcard))
        balloons_see_figure(loader, path);
    return true;
}
