#include "analyzer/views/ledger_view.h"

#include "analyzer/views/baseline_view.h"

#include <inttypes.h>

#define OWNERS_SHOWN 10

static const char *sized(char buffer[BYTE_TEXT_MAX], int64_t bytes,
                         const struct view_options *options)
{
    return format_signed(buffer, bytes, options->table.unit);
}

static void print_suspect(const struct ledger_suspect *suspect, const struct view_options *options)
{
    static const char *const phrases[] = {
        [SUSPECT_MEASURED] = "at most",
        [SUSPECT_CAPACITY] = "at most",
        [SUSPECT_UNCOUNTED] = "not counted, at most",
        [SUSPECT_POSSIBLE] = "possible, at most",
    };
    char most[BYTE_TEXT_MAX];
    fprintf(options->to, "  suspect: %s, %s %s %s: ", suspect->id, phrases[suspect->weight],
            format_bytes(most, suspect->at_most_bytes, options->table.unit),
            size_unit_word(options->table.unit));
    print_escaped(options->to, slice_of(suspect->evidence));
    fprintf(options->to, "; to confirm: %s\n", suspect->confirm);
}

void ledger_print_suspects(const struct ledger *ledger, const struct view_options *options)
{
    char low[BYTE_TEXT_MAX], high[BYTE_TEXT_MAX];
    if (ledger->suspect_count && ledger->residual_is_usual)
        fputs("  not above 0.2 % of MemTotal, which is usual: no suspect stands out\n",
              options->to);
    for (size_t i = 0; i < ledger->suspect_count; i++)
        print_suspect(&ledger->suspects[i], options);
    if (ledger->residual_bytes > 0)
        fprintf(options->to,
                "  unexplained: %s %s when each suspect with a figure holds its most, %s when only "
                "measured ones do\n",
                format_bytes(low, ledger->unexplained_low_bytes, options->table.unit),
                size_unit_word(options->table.unit),
                format_bytes(high, ledger->unexplained_high_bytes, options->table.unit));
}

static void print_census(const struct ledger_census *census, const struct view_options *options)
{
    char measured[BYTE_TEXT_MAX], difference[BYTE_TEXT_MAX];
    if (!census->known)
        return;
    fprintf(options->to, "  measured by the flags of all pages: %s %s, %s against the residual%s\n",
            sized(measured, census->measured_bytes, options), size_unit_word(options->table.unit),
            format_change(difference, census->difference_bytes, options->table.unit),
            census->is_whole ? "" : " (not all pages were looked at)");
}

static void print_residual(const struct ledger *ledger, const struct view_options *options)
{
    char low[BYTE_TEXT_MAX], high[BYTE_TEXT_MAX];
    fprintf(options->to, "\nResidual between %s and %s %s (%zu reading%s of the machine)\n",
            sized(low, ledger->residual_low_bytes, options),
            sized(high, ledger->residual_high_bytes, options), size_unit_word(options->table.unit),
            ledger->samples_used, ledger->samples_used == 1 ? "" : "s");
    if (ledger->residual_bytes < 0)
        fputs("Negative: figures read at different moments, or not of one machine, overlap by "
              "that much\n",
              options->to);
    print_census(&ledger->census, options);
    ledger_print_suspects(ledger, options);
}

static void print_row(const char *name, struct amount amount, const struct view_options *options)
{
    char text[BYTE_TEXT_MAX];
    fprintf(options->to, "  %12s  %s\n",
            amount.known ? format_bytes(text, amount.bytes, options->table.unit) : "-", name);
}

static void print_heading(const char *title, const struct view_options *options)
{
    fprintf(options->to, "\n%s%s%s\n", title, options->table.unit == SIZE_HUMAN ? "" : ", in ",
            size_unit_word(options->table.unit));
}

static void print_physical(const struct physical_memory *physical,
                           const struct view_options *options)
{
    if (!physical->present.known)
        return;
    print_heading("Physical memory", options);
    for (size_t i = 0; i < physical->count; i++)
        if (physical->parts[i].bytes || options->all)
            print_row(physical->parts[i].label, amount_of(physical->parts[i].bytes), options);
    print_row("all that is present", physical->present, options);
}

static void print_reason(const struct decomposition *form,
                         const struct decomposition_reason *reason,
                         const struct view_options *options)
{
    char low[BYTE_TEXT_MAX], high[BYTE_TEXT_MAX];
    if (form->difference_bytes == 0 && !options->all)
        return;
    format_change(low, reason->low_bytes, options->table.unit);
    format_change(high, reason->high_bytes, options->table.unit);
    if (reason->low_bytes == reason->high_bytes)
        fprintf(options->to, "                  %s: %s\n", low, reason->text);
    else
        fprintf(options->to, "                  %s to %s: %s\n", low, high, reason->text);
}

static void print_form(const struct decomposition *form, const struct view_options *options)
{
    char text[BYTE_TEXT_MAX], title[64];
    snprintf(title, sizeof title, "User memory %s", form->title);
    print_heading(title, options);
    if (!form->known) {
        fputs("  not known: a field is missing\n", options->to);
        return;
    }
    for (size_t i = 0; i < form->part_count; i++)
        if (form->parts[i].bytes || options->all)
            print_row(form->parts[i].label, amount_of(form->parts[i].bytes), options);
    print_row("in all", amount_of(form->total_bytes), options);
    fprintf(options->to, "  %12s  against the ledger\n",
            format_change(text, form->difference_bytes, options->table.unit));
    for (size_t i = 0; i < form->reason_count; i++)
        print_reason(form, &form->reasons[i], options);
    if (form->unexplained_bytes)
        fprintf(options->to,
                "  %12s  beyond these reasons: shared address spaces, or processes "
                "that this /proc does not show\n",
                format_change(text, form->unexplained_bytes, options->table.unit));
}

static void print_owners(const struct ledger *ledger, const struct view_options *options)
{
    char text[BYTE_TEXT_MAX];
    if (ledger->owner_count == 0)
        return;
    print_heading("Owners of shared memory", options);
    for (size_t i = 0; i < ledger->owner_count; i++) {
        const struct ledger_owner *owner = &ledger->owners[i];
        if (i >= OWNERS_SHOWN && !options->all) {
            fprintf(options->to, "  %12s  and %" PRIu64 " more\n", "",
                    ledger->owner_count - i + ledger->owners_left_out);
            return;
        }
        fprintf(options->to, "  %12s  %s: ", format_bytes(text, owner->bytes, options->table.unit),
                shared_line_word(owner->kind));
        print_escaped(options->to, slice_of(owner->name));
        fputs(" (", options->to);
        print_escaped(options->to, slice_of(owner->detail));
        fputs(")\n", options->to);
    }
}

static const char *amount_text(char buffer[BYTE_TEXT_MAX], struct amount amount,
                               const struct view_options *options)
{
    return amount.known ? format_bytes(buffer, amount.bytes, options->table.unit) : "-";
}

static void print_pools(const struct ledger *ledger, const struct view_options *options)
{
    char text[5][BYTE_TEXT_MAX];
    bool any = options->all && ledger->pool_count;
    for (size_t i = 0; i < ledger->pool_count; i++)
        any = any || ledger->pools[i].total_bytes;
    if (!any)
        return;
    print_heading("Pools of huge pages", options);
    fprintf(options->to, "  %12s %12s %12s %12s %12s  %s\n", "TOTAL", "USED", "FREE", "RESERVED",
            "PAGE", "NODE");
    for (size_t i = 0; i < ledger->pool_count; i++) {
        const struct ledger_pool *pool = &ledger->pools[i];
        if (!pool->total_bytes && !options->all)
            continue;
        fprintf(options->to, "  %12s %12s %12s %12s %12s  ",
                format_bytes(text[0], pool->total_bytes, options->table.unit),
                amount_text(text[1], pool->used, options),
                amount_text(text[2], pool->free, options),
                amount_text(text[3], pool->reserved, options),
                format_bytes(text[4], pool->page_bytes, options->table.unit));
        if (pool->node < 0)
            fputs("all\n", options->to);
        else
            fprintf(options->to, "%d\n", pool->node);
    }
}

static void print_beside(const struct ledger *ledger, const struct view_options *options)
{
    fputs("\nPart of the lines above, never to be added\n", options->to);
    for (size_t i = 0; i < ledger->beside_count; i++) {
        const struct ledger_beside *beside = &ledger->beside[i];
        char text[BYTE_TEXT_MAX];
        if (beside->bytes == 0 && !options->all)
            continue;
        fprintf(options->to, "  %12s  %s", format_bytes(text, beside->bytes, options->table.unit),
                beside->label);
        if (beside->also_in[0])
            fprintf(options->to, " (in %s)", beside->also_in);
        fputc('\n', options->to);
    }
}

bool ledger_print(const struct snapshot *snapshot, const struct ledger *ledger,
                  const struct view_options *options, struct failure *why)
{
    if (!options->table.no_headings)
        print_snapshot_heading(snapshot, options);
    if (!ledger_print_tree(ledger, options, false, why))
        return false;
    baseline_print(options->baseline, options);
    if (options->table.no_headings || options->table.columns)
        return true;
    print_residual(ledger, options);
    print_physical(&ledger->physical, options);
    print_owners(ledger, options);
    print_pools(ledger, options);
    for (size_t i = 0; i < DECOMPOSITION_COUNT; i++)
        print_form(&ledger->forms[i], options);
    print_beside(ledger, options);
    for (size_t i = 0; i < ledger->note_count; i++)
        fprintf(options->to, "%snote: %s\n", i ? "" : "\n", ledger->notes[i]);
    return true;
}
