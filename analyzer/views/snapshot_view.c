#include "analyzer/views/views.h"

#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/views/text_escape.h"

void print_escaped(FILE *to, struct slice text)
{
    AUTO_FREE char *safe = escape_for_text(text);
    fputs(safe ? safe : "(out of memory)", to);
}

static void print_fact(FILE *to, const struct identity *identity, enum identity_fact fact,
                       const char *before, const char *if_absent)
{
    const char *text = identity->text[fact];
    if (!text && !if_absent)
        return;
    fputs(before, to);
    print_escaped(to, slice_of(text ? text : if_absent));
}

void print_no_row(const struct view_options *options)
{
    if (!options->table.no_headings)
        fputs(options->all ? "nothing here\n"
                           : "nothing here beyond noise (-a shows what is within)\n",
              options->to);
}

void print_snapshot_heading(const struct snapshot *snapshot, const struct view_options *options)
{
    const struct identity *identity = &snapshot->identity;
    char when[64] = "time unknown";
    if (identity->taken_at_source)
        format_time(when, sizeof when, identity->taken_at_ns);
    print_fact(options->to, identity, IDENTITY_HOST, "", "(host unknown)");
    print_fact(options->to, identity, IDENTITY_KERNEL, ", Linux ", "(kernel unknown)");
    print_fact(options->to, identity, IDENTITY_ARCHITECTURE, " ", NULL);
    fprintf(options->to, ", %s", when);
    print_fact(options->to, identity, IDENTITY_LABEL, ", label: ", NULL);
    if (options->table.percent)
        fputs(", sizes in percent of MemTotal, swap of SwapTotal", options->to);
    else if (options->table.unit != SIZE_HUMAN)
        fprintf(options->to, ", sizes in %s", size_unit_word(options->table.unit));
    fputc('\n', options->to);
    if (!snapshot->complete) {
        char text[600];
        fprintf(options->to, "INCOMPLETE BUNDLE: %s; what could be read is below\n",
                failure_text(&snapshot->broken, text, sizeof text));
    }
}

void json_add_snapshot(struct json_document *document, const char *key,
                       const struct snapshot *snapshot)
{
    const struct identity *identity = &snapshot->identity;
    struct json_node *node = json_add_object(document, document->root, key);
    json_add_text(document, node, "host", identity->text[IDENTITY_HOST]);
    json_add_text(document, node, "kernel", identity->text[IDENTITY_KERNEL]);
    json_add_text(document, node, "architecture", identity->text[IDENTITY_ARCHITECTURE]);
    json_add_amount(document, node, "page_size_bytes",
                    (struct amount){identity->page_size_bytes, identity->page_size_source != NULL});
    char when[64];
    if (identity->taken_at_source)
        json_add_text(document, node, "taken_at",
                      format_time_iso(when, sizeof when, identity->taken_at_ns));
    else
        json_add_null(document, node, "taken_at");
    json_add_bool(document, node, "complete", snapshot->complete);
    json_add_text(document, node, "label", identity->text[IDENTITY_LABEL]);
    json_add_text(document, node, "boot_id", identity->text[IDENTITY_BOOT_ID]);
}
