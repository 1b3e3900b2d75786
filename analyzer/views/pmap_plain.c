/* pmap without a letter, -x and -d. Formats as in procps: pmap.c, one_proc(), mapping_name(). */
#include "analyzer/views/pmap_parts.h"

#include <inttypes.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/views/text_escape.h"

enum { KIB_SHIFT = 10, DIGITS_64_BIT = 16, DIGITS_32_BIT = 8 };

struct plain_page {
    const struct pmap_report *report;
    const struct pmap_style *style;
    FILE *to;
    int digits; /* of an address: as many as a long has on the machine of the bundle */
    bool has_shm;
    uint32_t shm_minor; /* device of SysV segments, which pmap finds by making one */
};

struct plain_sums {
    uint64_t size_bytes, shared_bytes, writable_bytes, rss_bytes, dirty_bytes;
};

static int address_digits(const struct snapshot *snapshot)
{
    static const char *const narrow[] = {"i386",   "i486",   "i586",   "i686",  "arm",   "armv5tel",
                                         "armv6l", "armv7l", "armv8l", "armhf", "armel", "mips",
                                         "mipsel", "ppc",    "parisc", "sh4",   "m68k",  "riscv32",
                                         "sparc",  "or1k",   "xtensa", "arc",   "csky",  "hexagon"};
    const char *architecture = snapshot->identity.text[IDENTITY_ARCHITECTURE];
    for (size_t i = 0; architecture && i < sizeof narrow / sizeof narrow[0]; i++)
        if (strcmp(architecture, narrow[i]) == 0)
            return DIGITS_32_BIT;
    return DIGITS_64_BIT;
}

/* SysV segments lie on the kernel's own shmem mount; those of huge pages do not, and pmap does not
 * tell them either. */
static void find_shm_device(struct plain_page *page)
{
    const struct snapshot *snapshot = page->report->snapshot;
    uint64_t page_bytes;
    if (!snapshot_page_size(snapshot, &page_bytes))
        return;
    for (size_t i = 0; i < snapshot->mappings.count && !page->has_shm; i++) {
        const struct mapping *mapping = &snapshot->mappings.mappings[i];
        const struct mapped_object *object = &snapshot->mappings.objects[mapping->object];
        bool is_huge =
            mapping->kernel_page_log2 < 63 && UINT64_C(1) << mapping->kernel_page_log2 > page_bytes;
        if (is_huge || object->device_major ||
            !slice_starts(snapshot_text(snapshot, object->name), SLICE("/SYSV")))
            continue;
        page->has_shm = true;
        page->shm_minor = object->device_minor;
    }
}

static bool holds(struct slice text, struct slice part)
{
    for (; text.length_bytes >= part.length_bytes; text = slice_skip(text, 1))
        if (slice_starts(text, part))
            return true;
    return false;
}

/* The path from its first '/' on, or what follows its last one. False: the name has none. */
static bool path_part(struct slice name, bool whole, struct slice *part)
{
    size_t first = name.length_bytes, last = name.length_bytes;
    for (size_t i = 0; i < name.length_bytes; i++) {
        if (name.at[i] != '/')
            continue;
        last = i;
        if (first == name.length_bytes)
            first = i;
    }
    if (last == name.length_bytes)
        return false;
    *part = slice_skip(name, whole ? first : last + (last + 1 < name.length_bytes));
    return true;
}

static bool print_name(const struct plain_page *page, const struct process *process,
                       const struct mapping *mapping)
{
    const struct snapshot *snapshot = page->report->snapshot;
    const struct mapped_object *object = &snapshot->mappings.objects[mapping->object];
    struct slice name = snapshot_text(snapshot, object->name), part;
    if (page->has_shm && !object->device_major && object->device_minor == page->shm_minor &&
        holds(name, SLICE("/SYSV"))) {
        fprintf(page->to, "  [ shmid=0x%" PRIx64 " ]\n", object->inode);
        return true;
    }
    if (path_part(name, page->style->show_path, &part)) {
        AUTO_FREE char *text = escape_as_procps(part, false);
        fprintf(page->to, "%s\n", text ? text : "");
        return text != NULL;
    }
    /* procps takes both ends of the mapping as its own. Without stat only the name tells. */
    bool is_stack = process->files & PROCESS_STAT ? process->start_stack >= mapping->start &&
                                                        process->start_stack <= mapping->end
                                                  : slice_equal(name, SLICE("[stack]"));
    fputs(is_stack ? "  [ stack ]\n" : "  [ anon ]\n", page->to);
    return true;
}

static const char *mode_text(uint8_t permissions, char text[6])
{
    text[0] = permissions & SMAPS_READ ? 'r' : '-';
    text[1] = permissions & SMAPS_WRITE ? 'w' : '-';
    text[2] = permissions & SMAPS_EXECUTE ? 'x' : '-';
    text[3] = permissions & SMAPS_SHARED ? 's' : '-';
    text[4] = '-';
    text[5] = '\0';
    return text;
}

static void print_heading(const struct plain_page *page)
{
    if (page->style->extended)
        fprintf(page->to, "%-*s  Kbytes     RSS   Dirty Mode  Mapping\n", page->digits, "Address");
    if (page->style->device)
        fprintf(page->to, "%-*s  Kbytes Mode  Offset           Device    Mapping\n", page->digits,
                "Address");
}

static bool print_row(const struct plain_page *page, const struct process *process,
                      const struct mapping *mapping, struct plain_sums *sums)
{
    const struct snapshot *snapshot = page->report->snapshot;
    const struct mapped_object *object = &snapshot->mappings.objects[mapping->object];
    uint64_t value[SMAPS_FIELD_COUNT], size_kib = (mapping->end - mapping->start) >> KIB_SHIFT;
    char mode[6];
    mapping_values(&snapshot->mappings, mapping, value);
    uint64_t dirty = add_saturating(value[SMAPS_SHARED_DIRTY], value[SMAPS_PRIVATE_DIRTY]);
    uint64_t length_bytes = mapping->end - mapping->start;
    sums->size_bytes = add_saturating(sums->size_bytes, length_bytes);
    if (mapping->permissions & SMAPS_SHARED)
        sums->shared_bytes = add_saturating(sums->shared_bytes, length_bytes);
    else if (mapping->permissions & SMAPS_WRITE)
        sums->writable_bytes = add_saturating(sums->writable_bytes, length_bytes);
    sums->rss_bytes = add_saturating(sums->rss_bytes, value[SMAPS_RSS]);
    sums->dirty_bytes = add_saturating(sums->dirty_bytes, dirty);
    mode_text(mapping->permissions, mode);
    fprintf(page->to, "%0*" PRIx64 " ", page->digits, mapping->start);
    if (page->style->extended)
        fprintf(page->to, "%7" PRIu64 " %7" PRIu64 " %7" PRIu64 " %s ", size_kib,
                value[SMAPS_RSS] >> KIB_SHIFT, dirty >> KIB_SHIFT, mode);
    else if (page->style->device)
        fprintf(page->to, "%7" PRIu64 " %s %016" PRIx64 " %03" PRIx32 ":%05" PRIx32 " ", size_kib,
                mode, mapping->offset_bytes, object->device_major, object->device_minor);
    else
        fprintf(page->to, "%6" PRIu64 "K %s ", size_kib, mode);
    return print_name(page, process, mapping);
}

static void print_footer(const struct plain_page *page, const struct plain_sums *sums)
{
    uint64_t size_kib = sums->size_bytes >> KIB_SHIFT;
    if (page->style->extended) {
        for (int i = 0; i < page->digits; i++)
            fputc('-', page->to);
        fputs(" ------- ------- ------- \n", page->to);
        fprintf(page->to, "%-*s %7" PRIu64 " %7" PRIu64 " %7" PRIu64 "\n", page->digits, "total kB",
                size_kib, sums->rss_bytes >> KIB_SHIFT, sums->dirty_bytes >> KIB_SHIFT);
    } else if (page->style->device) {
        fprintf(page->to,
                "mapped: %" PRIu64 "K    writeable/private: %" PRIu64 "K    shared: %" PRIu64 "K\n",
                size_kib, sums->writable_bytes >> KIB_SHIFT, sums->shared_bytes >> KIB_SHIFT);
    } else {
        fprintf(page->to, " total %*" PRIu64 "K\n", page->digits, size_kib);
    }
}

bool pmap_print_plain(const struct pmap_report *report, const struct view_options *options,
                      struct failure *why)
{
    struct plain_page page = {.report = report,
                              .style = &options->pmap,
                              .to = options->to,
                              .digits = address_digits(report->snapshot)};
    find_shm_device(&page);
    for (size_t i = 0; i < report->count; i++) {
        const struct process *process = report->processes[i].process;
        struct plain_sums sums = {0};
        if (!pmap_print_command(report, process, page.to, why))
            return false;
        if (!page.style->quiet)
            print_heading(&page);
        for (size_t j = 0; j < process->mapping_count; j++)
            if (!print_row(&page, process, pmap_mapping(report, process, j), &sums))
                return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
        if (!page.style->quiet)
            print_footer(&page, &sums);
    }
    return true;
}
