/* Shared memory by owner. */
#include "analyzer/views/kernel_tables.h"

static const struct shared_owner *owner_at(const void *report, size_t row)
{
    return &((const struct shared_memory *)report)->rows[row];
}

static struct cell resident_cell(const void *report, size_t row)
{
    return cell_of_amount(owner_at(report, row)->resident);
}

static struct cell swap_cell(const void *report, size_t row)
{
    return cell_of_amount(owner_at(report, row)->swap);
}

static struct cell mapped_cell(const void *report, size_t row)
{
    return cell_of_amount(owner_at(report, row)->mapped);
}

static struct cell mappers_cell(const void *report, size_t row)
{
    return cell_of_number(owner_at(report, row)->mappers);
}

static struct cell holders_cell(const void *report, size_t row)
{
    return cell_of_number(owner_at(report, row)->holders);
}

static struct cell unmapped_cell(const void *report, size_t row)
{
    return cell_of_text(owner_at(report, row)->unmapped ? "nobody" : NULL);
}

static struct cell creator_cell(const void *report, size_t row)
{
    uint64_t pid = owner_at(report, row)->creator_pid;
    return pid ? cell_of_number(pid) : (struct cell){.kind = CELL_ABSENT};
}

static struct cell creator_state_cell(const void *report, size_t row)
{
    return cell_of_text(creator_state_word(owner_at(report, row)->creator));
}

static struct cell kind_cell(const void *report, size_t row)
{
    return cell_of_text(shared_kind_word(owner_at(report, row)->kind));
}

static struct cell name_cell(const void *report, size_t row)
{
    return cell_of_text(owner_at(report, row)->name);
}

static const struct column columns[] = {
    {"resident", "RESIDENT", "in memory; of tmpfs and descriptors also in swap", true,
     resident_cell                                                                                        },
    {"swap",     "SWAP",     "in swap, where it is known",                       true,  swap_cell         },
    {"mapped",   "MAPPED",   "part that processes map: sum of PSS",              true,  mapped_cell       },
    {"mappers",  "MAPPERS",  "processes that map it, or attachments",            true,  mappers_cell      },
    {"holders",  "HOLDERS",  "descriptors that hold it",                         true,  holders_cell      },
    {"mapper",   "USED BY",  "nobody: nobody maps it",                           false, unmapped_cell     },
    {"creator",  "CREATOR",  "PID of who made a segment",                        true,  creator_cell      },
    {"lives",    "LIVES",    "is there a process of that PID",                   false, creator_state_cell},
    {"kind",     "KIND",     "what it is",                                       false, kind_cell         },
    {"name",     "NAME",     "segment, mount point, file",                       false, name_cell         },
};

bool kernel_print_shared(const struct kernel_report *report, const struct view_options *options,
                         struct failure *why)
{
    const struct shared_memory *shared = &report->shared;
    char resident[BYTE_TEXT_MAX], unmapped[BYTE_TEXT_MAX];
    if (shared->count == 0)
        return true;
    kernel_print_title(options, "shared memory by owner: %s%s, of it %s that nobody maps",
                       format_bytes(resident, shared->resident_bytes, options->table.unit),
                       kernel_unit_suffix(options),
                       format_bytes(unmapped, shared->unmapped_bytes, options->table.unit));
    kernel_print_balances(report, KERNEL_SHARED_SECTION, options);
    size_t rows = shared->count;
    while (!options->all && rows && shared->rows[rows - 1].resident.bytes == 0 &&
           !shared->rows[rows - 1].unmapped)
        rows--;
    const struct table table = KERNEL_TABLE(columns, shared, rows);
    return kernel_print_table(&table, options, why);
}
