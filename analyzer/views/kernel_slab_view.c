#include "analyzer/views/kernel_tables.h"

/* slab: one row a cache. */

static const struct slab_usage *slab_at(const void *report, size_t row)
{
    return &((const struct kernel_usage *)report)->slab[row];
}

static struct cell slab_bytes(const void *report, size_t row)
{
    return cell_of_bytes(slab_at(report, row)->bytes);
}

static struct cell slab_active(const void *report, size_t row)
{
    return cell_of_bytes(slab_at(report, row)->active_bytes);
}

static struct cell slab_objects(const void *report, size_t row)
{
    return cell_of_number(slab_at(report, row)->cache->objects);
}

static struct cell slab_object_size(const void *report, size_t row)
{
    return cell_of_number(slab_at(report, row)->cache->object_bytes);
}

static struct cell slab_aliases(const void *report, size_t row)
{
    return cell_of_number(slab_at(report, row)->alias_count);
}

static struct cell slab_name(const void *report, size_t row)
{
    return cell_of_text(slab_at(report, row)->cache->name);
}

static struct cell slab_loss(const void *report, size_t row)
{
    return cell_of_bytes(slab_at(report, row)->loss_bytes);
}

static struct cell slab_in_use(const void *report, size_t row)
{
    return cell_of_number(slab_at(report, row)->cache->active_objects);
}

static struct cell slab_use(const void *report, size_t row)
{
    const struct slab_cache *cache = slab_at(report, row)->cache;
    return cell_of_percent(cache->active_objects, cache->objects);
}

static struct cell slab_slabs(const void *report, size_t row)
{
    return cell_of_number(slab_at(report, row)->cache->slabs);
}

static struct cell slab_reclaim(const void *report, size_t row)
{
    return cell_of_text(kernel_reclaim_word(slab_at(report, row)->reclaim));
}

static const struct column slab_columns[] = {
    {"size",    "SIZE",    "slabs x pages a slab",               true,  slab_bytes      },
    {"active",  "ACTIVE",  "objects in use x their size",        true,  slab_active     },
    {"loss",    "LOSS",    "size - active",                      true,  slab_loss       },
    {"use",     "USE%",    "objects in use of all",              true,  slab_use        },
    {"objects", "OBJECTS", "objects, used and free",             true,  slab_objects    },
    {"inuse",   "INUSE",   "objects in use",                     true,  slab_in_use     },
    {"objsize", "OBJSIZE", "bytes an object",                    true,  slab_object_size},
    {"slabs",   "SLABS",   "how many",                           true,  slab_slabs      },
    {"reclaim", "RECLAIM", "is it in SReclaimable, where known", false, slab_reclaim    },
    {"aliases", "ALIASES", "other caches merged into this one",  true,  slab_aliases    },
    {"name",    "CACHE",   "name in slabinfo",                   false, slab_name       },
};

const char *kernel_reclaim_word(enum slab_reclaim reclaim)
{
    return reclaim == SLAB_RECLAIMABLE ? "yes" : reclaim == SLAB_UNRECLAIMABLE ? "no" : NULL;
}

bool kernel_print_slab(const struct kernel_report *report, const struct view_options *options,
                       struct failure *why)
{
    const struct kernel_usage *usage = &report->usage;
    char bytes[BYTE_TEXT_MAX], loss[BYTE_TEXT_MAX];
    size_t rows = usage->slab_count;
    if (!usage->has_slab) {
        kernel_print_title(options, "slabinfo: not in this bundle");
        return true;
    }
    while (!options->all && rows && usage->slab[rows - 1].bytes == 0)
        rows--;
    kernel_print_title(options, "slab caches: %s%s, of it %s lost in free objects and padding",
                       format_bytes(bytes, usage->slab_bytes, options->table.unit),
                       kernel_unit_suffix(options),
                       format_bytes(loss, usage->slab_loss_bytes, options->table.unit));
    kernel_print_balances(report, KERNEL_SLAB_SECTION, options);
    const struct table table = KERNEL_TABLE(slab_columns, usage, rows);
    return kernel_print_table(&table, options, why);
}
