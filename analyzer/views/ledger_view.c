#include "analyzer/views/ledger_view.h"

static const char *sized(char buffer[BYTE_TEXT_MAX], int64_t bytes,
                         const struct view_options *options)
{
    return format_signed(buffer, bytes, options->table.unit);
}

static void print_residual(const struct ledger *ledger, const struct view_options *options)
{
    char low[BYTE_TEXT_MAX], high[BYTE_TEXT_MAX], most[BYTE_TEXT_MAX];
    fprintf(options->to, "\nResidual between %s and %s %s (%zu reading%s of the machine)\n",
            sized(low, ledger->residual_low_bytes, options),
            sized(high, ledger->residual_high_bytes, options), size_unit_word(options->table.unit),
            ledger->samples_used, ledger->samples_used == 1 ? "" : "s");
    if (ledger->residual_bytes < 0)
        fputs("Negative: figures read at different moments overlap by that much\n", options->to);
    for (size_t i = 0; i < ledger->suspect_count; i++) {
        const struct ledger_suspect *suspect = &ledger->suspects[i];
        fprintf(options->to, "  suspect: %s, at most %s %s: ", suspect->id,
                format_bytes(most, suspect->at_most_bytes, options->table.unit),
                size_unit_word(options->table.unit));
        print_escaped(options->to, slice_of(suspect->evidence));
        fprintf(options->to, "; to confirm: %s\n", suspect->confirm);
    }
}

static void print_form(const char *name, struct amount amount, const struct view_options *options)
{
    char text[BYTE_TEXT_MAX];
    fprintf(options->to, "  %-52s %s\n", name,
            amount.known ? format_bytes(text, amount.bytes, options->table.unit) : "-");
}

static void print_forms(const struct ledger *ledger, const struct view_options *options)
{
    fprintf(options->to, "\nUser memory, counted three ways%s%s\n",
            options->table.unit == SIZE_HUMAN ? "" : ", in ", size_unit_word(options->table.unit));
    print_form("by LRU list: active + inactive + unevictable", ledger->user_forms.lru, options);
    print_form("by page cache: anon + cached + buffers + swap cache", ledger->user_forms.page_cache,
               options);
    print_form("by process: PSS + unmapped cache + buffers + swap c.", ledger->user_forms.process,
               options);
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
    if (options->table.no_headings || options->table.columns)
        return true;
    print_residual(ledger, options);
    print_forms(ledger, options);
    print_beside(ledger, options);
    for (size_t i = 0; i < ledger->note_count; i++)
        fprintf(options->to, "%snote: %s\n", i ? "" : "\n", ledger->notes[i]);
    return true;
}
