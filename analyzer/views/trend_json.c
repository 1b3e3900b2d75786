/* Trends as JSON. */
#include "analyzer/views/trend_view.h"

struct trend_writer {
    struct json_document document;
    const struct trends *trends;
    bool all;
};

static void add_text_or_null(struct json_document *document, struct json_node *node,
                             const char *key, const struct trend_order *order, uint32_t id)
{
    if (id)
        json_add_slice(document, node, key, trend_order_text(order, id));
    else
        json_add_null(document, node, key);
}

static void add_bundles(struct trend_writer *writer)
{
    struct json_document *document = &writer->document;
    const struct trend_order *order = &writer->trends->order;
    struct json_node *list = json_add_array(document, document->root, "bundles");
    char when[64];
    for (size_t i = 0; i < order->count; i++) {
        const struct trend_bundle *bundle = &order->bundles[i];
        struct json_node *node = json_add_object(document, list, NULL);
        json_add_text(document, node, "file", bundle->file);
        add_text_or_null(document, node, "host", order, bundle->host);
        add_text_or_null(document, node, "kernel", order, bundle->kernel);
        add_text_or_null(document, node, "boot_id", order, bundle->boot);
        add_text_or_null(document, node, "label", order, bundle->label);
        json_add_text(document, node, "taken_at",
                      bundle->has_time ? format_time_iso(when, sizeof when, bundle->taken_at_ns)
                                       : NULL);
    }
}

static void add_known(struct json_document *document, struct json_node *node, const char *key,
                      bool known, int64_t value)
{
    if (known)
        json_add_signed(document, node, key, value);
    else
        json_add_null(document, node, key);
}

static void add_series(struct trend_writer *writer, struct json_node *node,
                       const struct trend_entry *entry)
{
    struct json_document *document = &writer->document;
    const struct trend_series *series = &entry->series;
    const uint32_t count = (uint32_t)writer->trends->order.count;
    const struct trend_slope slope = trend_series_slope(series);
    add_known(document, node, "first_bytes", series->first_index == 0, series->first_bytes);
    add_known(document, node, "last_bytes", trend_series_is_in_last(series, count),
              series->last_bytes);
    add_known(document, node, "change_bytes", trend_series_has_change(series, count),
              trend_series_change(series, count));
    add_known(document, node, "step_bytes", trend_series_has_step(series, count),
              trend_series_step(series, count));
    json_add_number(document, node, "points", series->fit.points);
    add_known(document, node, "slope_bytes_per_hour", slope.known,
              trend_per_hour(slope.per_second));
    add_known(document, node, "slope_error_bytes_per_hour", slope.known,
              trend_per_hour(slope.error_per_second));
    add_known(document, node, "scatter_bytes", slope.known, (int64_t)slope.scatter_bytes);
    json_add_number(document, node, "noise_bytes", series->noise_bytes);
    json_add_text(document, node, "verdict", trend_verdict_word(entry->verdict));
    struct json_node *curve = json_add_array(document, node, "curve_bytes");
    for (unsigned cell = 0; cell < TREND_CELLS && cell < count; cell++) {
        int64_t bytes = 0;
        bool known = trend_series_cell(series, cell, &bytes);
        add_known(document, curve, NULL, known, bytes);
    }
}

/* What an entry is, by the part that it belongs to. */
static void add_identity(struct trend_writer *writer, struct json_node *node,
                         const struct trend_entry *entry)
{
    static const struct {
        const char *name, *detail; /* keys; NULL: has none */
    } keys[TREND_PART_COUNT] = {
        [TREND_LEDGER] = {"label", "id"         },
          [TREND_PROCESSES] = {"comm",  NULL         },
        [TREND_PROGRAMS] = {"comm",  NULL         },
          [TREND_GROUPS] = {"name",  NULL         },
        [TREND_CLASSES] = {"class", NULL         },
          [TREND_MAPPINGS] = {"name",  "permissions"},
        [TREND_OBJECTS] = {"name",  "kind"       },
          [TREND_VMALLOC] = {"name",  "module"     },
        [TREND_SLAB] = {"name",  NULL         },
          [TREND_CGROUPS] = {"name",  NULL         },
        [TREND_SWAP] = {"name",  NULL         },
          [TREND_SHARED] = {"name",  "kind"       },
        [TREND_MODULES] = {"name",  NULL         },
    };
    struct json_document *document = &writer->document;
    const struct string_pool *texts = &writer->trends->table.texts;
    if (entry->part == TREND_PROCESSES || entry->part == TREND_MAPPINGS)
        add_known(document, node, "pid", entry->pid != 0, to_signed(entry->pid));
    if (entry->part == TREND_MAPPINGS)
        json_add_slice(document, node, "comm", string_pool_get(texts, entry->parent));
    json_add_slice(document, node, keys[entry->part].name, string_pool_get(texts, entry->name));
    if (!keys[entry->part].detail)
        return;
    if (entry->detail)
        json_add_slice(document, node, keys[entry->part].detail,
                       string_pool_get(texts, entry->detail));
    else
        json_add_null(document, node, keys[entry->part].detail);
}

/* Whether there are trends of this part at all. */
static bool is_asked_for(const struct trends *trends, enum trend_part part)
{
    switch (part) {
    case TREND_GROUPS:
        return trends->scope.group != NULL;
    case TREND_CLASSES:
    case TREND_MAPPINGS:
        return trends->level == trend_part_level(part);
    default:
        return true;
    }
}

static void add_part(struct trend_writer *writer, struct json_node *parent, enum trend_part part)
{
    const struct trends *trends = writer->trends;
    enum trend_level level = trend_part_level(part);
    if (!is_asked_for(trends, part)) {
        json_add_null(&writer->document, parent, trend_part_word(part));
        return;
    }
    struct json_node *list = json_add_array(&writer->document, parent, trend_part_word(part));
    for (size_t i = trends->level_start[level]; i < trends->level_start[level + 1]; i++) {
        const struct trend_entry *entry = &trends->table.entries[trends->rows[i]];
        if (entry->part != part || (entry->verdict == TREND_NOISE && !writer->all))
            continue;
        struct json_node *node = json_add_object(&writer->document, list, NULL);
        add_identity(writer, node, entry);
        add_series(writer, node, entry);
    }
}

bool trend_print_json(const struct trends *trends, bool all, FILE *to, struct failure *why)
{
    struct trend_writer writer = {.trends = trends, .all = all};
    struct json_document *document = &writer.document;
    const struct trend_order *order = &trends->order;
    json_document_init(document, "memtally.trends/1");
    add_bundles(&writer);
    json_add_bool(document, document->root, "changed", trends->changed);
    json_add_number(document, document->root, "steady_growth", trends->steady);
    json_add_bool(document, document->root, "same_host", order->same_host);
    json_add_bool(document, document->root, "same_boot", order->same_boot);
    json_add_bool(document, document->root, "same_kernel", order->same_kernel);
    json_add_bool(document, document->root, "same_page_size", order->same_page_size);
    json_add_bool(document, document->root, "times_known", order->is_timed);
    json_add_number(document, document->root, "incomplete_bundles", trends->incomplete);
    struct json_node *forgotten = json_add_object(document, document->root, "forgotten");
    for (unsigned part = 0; part < TREND_PART_COUNT; part++)
        json_add_number(document, forgotten, trend_part_word((enum trend_part)part),
                        trends->table.forgotten[part]);
    for (unsigned part = TREND_LEDGER; part < TREND_VMALLOC; part++)
        add_part(&writer, document->root, (enum trend_part)part);
    struct json_node *kernel = json_add_object(document, document->root, "kernel");
    for (unsigned part = TREND_VMALLOC; part < TREND_PART_COUNT; part++)
        add_part(&writer, kernel, (enum trend_part)part);
    bool ok = json_document_print(document, to, why);
    json_document_deinit(document);
    return ok;
}
