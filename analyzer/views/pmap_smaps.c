/* pmap -X and -XX: the columns are the kernel's own. Formats as in procps: pmap.c,
 * print_extended_maps(). */
#include "analyzer/views/pmap_parts.h"

#include <inttypes.h>

#include "analyzer/base/checked_math.h"
#include "analyzer/base/cleanup.h"
#include "analyzer/views/text_escape.h"

#define NAME_BYTES_MAX 127 /* procps cuts longer ones */
#define CELL_BYTES     40

/* Columns in front of the kernel's. */
enum head { HEAD_ADDRESS, HEAD_PERMISSIONS, HEAD_OFFSET, HEAD_DEVICE, HEAD_INODE, HEAD_COUNT };

static const char *const head_words[] = {"Address", "Perm", "Offset", "Device", "Inode"};

/* -X leaves these out. */
static const char *const unimportant[] = {"AnonHugePages", "KernelPageSize", "MMUPageSize",
                                          "Shared_Dirty",  "Private_Dirty",  "Shared_Clean",
                                          "Private_Clean"};

struct value_column {
    const struct smaps_column *column;
    struct slice name;
    uint64_t total;
    int width; /* as in procps kept from process to process */
};

struct smaps_page {
    const struct pmap_report *report;
    const struct pmap_style *style;
    FILE *to;
    struct value_column columns[SMAPS_KEYS_MAX];
    size_t count;
    bool begun; /* a process with mappings was printed */
    /* of the process under way */
    int head_width[HEAD_COUNT], flags_width;
    bool has_flags;
};

static bool is_wanted(const struct pmap_style *style, struct slice name)
{
    for (size_t i = 0; style->details == 1 && i < sizeof unimportant / sizeof unimportant[0]; i++)
        if (slice_equal(slice_of(unimportant[i]), name))
            return false;
    return true;
}

/* An unknown key without a number in any mapping is none of procps' columns either. */
static bool has_number(const struct snapshot *snapshot, const struct smaps_column *column)
{
    if (column->kind != SMAPS_KEY_OTHER)
        return column->kind != SMAPS_KEY_VM_FLAGS;
    for (size_t i = 0; i < snapshot->extra_count; i++)
        if (snapshot->extras[i].key == column->index)
            return true;
    return false;
}

static void choose_columns(struct smaps_page *page)
{
    const struct snapshot *snapshot = page->report->snapshot;
    for (size_t i = 0; i < snapshot->smaps_column_count; i++) {
        const struct smaps_column *column = &snapshot->smaps_columns[i];
        struct slice name = snapshot_text(snapshot, column->name);
        if (is_wanted(page->style, name) && has_number(snapshot, column))
            page->columns[page->count++] = (struct value_column){
                column, name, 0, page->style->quiet ? 0 : (int)name.length_bytes};
    }
}

static uint64_t extra_number(const struct snapshot *snapshot, uint64_t mapping, unsigned key)
{
    size_t low = 0, high = snapshot->extra_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (snapshot->extras[middle].mapping < mapping)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < snapshot->extra_count && snapshot->extras[low].mapping == mapping; low++)
        if (snapshot->extras[low].key == key)
            return snapshot->extras[low].number;
    return 0;
}

static uint64_t number_of(const struct snapshot *snapshot, const struct smaps_column *column,
                          const struct mapping *mapping, const uint64_t *value)
{
    if (column->kind == SMAPS_KEY_SIZE)
        return value[column->index] / 1024;
    if (column->kind == SMAPS_KEY_THP_ELIGIBLE)
        return mapping->thp_eligible > 0;
    return extra_number(snapshot, (uint64_t)(mapping - snapshot->mappings.mappings), column->index);
}

static void widen(int *width, int wanted)
{
    if (*width < wanted)
        *width = wanted;
}

static void format_head(const struct snapshot *snapshot, const struct mapping *mapping,
                        char text[HEAD_COUNT][CELL_BYTES])
{
    const struct mapped_object *object = &snapshot->mappings.objects[mapping->object];
    uint8_t may = mapping->permissions;
    snprintf(text[HEAD_ADDRESS], CELL_BYTES, "%08" PRIx64, mapping->start);
    snprintf(text[HEAD_PERMISSIONS], CELL_BYTES, "%c%c%c%c", may & SMAPS_READ ? 'r' : '-',
             may & SMAPS_WRITE ? 'w' : '-', may & SMAPS_EXECUTE ? 'x' : '-',
             may & SMAPS_SHARED ? 's' : 'p');
    snprintf(text[HEAD_OFFSET], CELL_BYTES, "%08" PRIx64, mapping->offset_bytes);
    snprintf(text[HEAD_DEVICE], CELL_BYTES, "%02" PRIx32 ":%02" PRIx32, object->device_major,
             object->device_minor);
    snprintf(text[HEAD_INODE], CELL_BYTES, "%" PRIu64, object->inode);
}

/* procps reads small letters and blanks only. */
static struct slice flags_of(const struct snapshot *snapshot, const struct mapping *mapping)
{
    struct slice flags = snapshot_text(snapshot, mapping->vm_flags);
    size_t length = 0;
    while (length < flags.length_bytes && length < NAME_BYTES_MAX &&
           (flags.at[length] == ' ' || (flags.at[length] >= 'a' && flags.at[length] <= 'z')))
        length++;
    if (length && flags.at[length - 1] == ' ')
        length--;
    return (struct slice){flags.at, length};
}

/* Widths and totals of all rows, before the first is printed. */
static void measure(struct smaps_page *page, const struct process *process)
{
    const struct snapshot *snapshot = page->report->snapshot;
    memset(page->head_width, 0, sizeof page->head_width);
    page->flags_width = 0;
    page->has_flags = false;
    for (size_t i = 0; i < process->mapping_count; i++) {
        const struct mapping *mapping = pmap_mapping(page->report, process, i);
        uint64_t value[SMAPS_FIELD_COUNT];
        char head[HEAD_COUNT][CELL_BYTES], text[CELL_BYTES];
        mapping_values(&snapshot->mappings, mapping, value);
        format_head(snapshot, mapping, head);
        for (int j = 0; j < HEAD_COUNT; j++)
            widen(&page->head_width[j], (int)strlen(head[j]));
        for (size_t j = 0; j < page->count; j++) {
            struct value_column *column = &page->columns[j];
            uint64_t number = number_of(snapshot, column->column, mapping, value);
            column->total = add_saturating(column->total, number);
            if (page->style->quiet)
                widen(&column->width, snprintf(text, sizeof text, "%" PRIu64, number));
        }
        page->has_flags = page->has_flags || mapping->vm_flags;
        widen(&page->flags_width, (int)flags_of(snapshot, mapping).length_bytes);
    }
    page->has_flags = page->has_flags && page->style->details > 1;
    for (size_t j = 0; !page->style->quiet && j < page->count; j++) {
        char text[CELL_BYTES];
        widen(&page->columns[j].width,
              snprintf(text, sizeof text, "%" PRIu64, page->columns[j].total));
    }
}

static void print_heading(struct smaps_page *page)
{
    for (int i = 0; i < HEAD_COUNT; i++) {
        widen(&page->head_width[i], (int)strlen(head_words[i]));
        fprintf(page->to, "%*s ", page->head_width[i], head_words[i]);
    }
    for (size_t i = 0; i < page->count; i++) {
        AUTO_FREE char *name = escape_as_procps(page->columns[i].name, false);
        fprintf(page->to, "%*s ", page->columns[i].width, name ? name : "");
    }
    if (page->has_flags) {
        widen(&page->flags_width, (int)strlen("VmFlags"));
        fprintf(page->to, "%*s ", page->flags_width, "VmFlags");
    }
    fputs("Mapping\n", page->to);
}

/* procps drops blanks in front, cuts, and then takes what follows the last '/'. */
static struct slice shown_name(const struct smaps_page *page, const struct mapping *mapping)
{
    const struct snapshot *snapshot = page->report->snapshot;
    struct slice name = snapshot_text(snapshot, snapshot->mappings.objects[mapping->object].name);
    while (slice_starts(name, SLICE(" ")))
        name = slice_skip(name, 1);
    if (name.length_bytes > NAME_BYTES_MAX)
        name.length_bytes = NAME_BYTES_MAX;
    for (size_t i = name.length_bytes; !page->style->show_path && i > 0; i--)
        if (name.at[i - 1] == '/')
            return slice_skip(name, i);
    return name;
}

static void print_row(const struct smaps_page *page, const struct mapping *mapping)
{
    const struct snapshot *snapshot = page->report->snapshot;
    uint64_t value[SMAPS_FIELD_COUNT];
    char head[HEAD_COUNT][CELL_BYTES];
    mapping_values(&snapshot->mappings, mapping, value);
    format_head(snapshot, mapping, head);
    for (int i = 0; i < HEAD_COUNT; i++)
        fprintf(page->to, "%s%*s", i ? " " : "", page->head_width[i], head[i]);
    for (size_t i = 0; i < page->count; i++)
        fprintf(page->to, " %*" PRIu64, page->columns[i].width,
                number_of(snapshot, page->columns[i].column, mapping, value));
    if (page->has_flags) {
        struct slice flags = flags_of(snapshot, mapping);
        fprintf(page->to, " %*.*s", page->flags_width, (int)flags.length_bytes, flags.at);
    }
    fputc(' ', page->to);
    print_escaped(page->to, shown_name(page, mapping));
    fputc('\n', page->to);
}

static void print_footer(struct smaps_page *page)
{
    int gap = 0;
    for (int i = 0; i < HEAD_COUNT; i++)
        gap += page->head_width[i] + 1;
    fprintf(page->to, "%*s", gap, "");
    for (size_t i = 0; i < page->count; i++) {
        for (int j = 0; j < page->columns[i].width; j++)
            fputc('=', page->to);
        fputc(' ', page->to);
    }
    fprintf(page->to, "\n%*s", gap, "");
    for (size_t i = 0; i < page->count; i++) {
        fprintf(page->to, "%*" PRIu64 " ", page->columns[i].width, page->columns[i].total);
        page->columns[i].total = 0;
    }
    fputs("KB \n", page->to);
}

bool pmap_print_smaps(const struct pmap_report *report, const struct view_options *options,
                      struct failure *why)
{
    struct smaps_page page = {.report = report, .style = &options->pmap, .to = options->to};
    choose_columns(&page);
    for (size_t i = 0; i < report->count; i++) {
        const struct process *process = report->processes[i].process;
        if (!pmap_print_command(report, process, page.to, why))
            return false;
        measure(&page, process);
        page.begun = page.begun || process->mapping_count;
        if (process->mapping_count && !page.style->quiet)
            print_heading(&page);
        for (size_t j = 0; j < process->mapping_count; j++)
            print_row(&page, pmap_mapping(report, process, j));
        if (page.begun && !page.style->quiet)
            print_footer(&page);
    }
    return true;
}
