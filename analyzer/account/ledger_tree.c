#include "analyzer/account/ledger_tree.h"

#include <stdio.h>

#include "analyzer/base/checked_math.h"

void ledger_note(struct ledger *ledger, const char *text)
{
    if (ledger->note_count < LEDGER_NOTES_MAX)
        snprintf(ledger->notes[ledger->note_count++], sizeof ledger->notes[0], "%s", text);
}

int ledger_add_line(struct ledger *ledger, int parent, const char *id, const char *label,
                    uint64_t bytes, enum grade grade, const char *source)
{
    if (ledger->line_count >= LEDGER_LINES_MAX)
        return -1;
    struct ledger_line *line = &ledger->lines[ledger->line_count];
    *line = (struct ledger_line){
        .parent = parent, .bytes = bytes, .low_bytes = bytes, .high_bytes = bytes, .grade = grade};
    snprintf(line->id, sizeof line->id, "%s", id);
    snprintf(line->label, sizeof line->label, "%s", label);
    snprintf(line->source, sizeof line->source, "%s", source);
    return (int)ledger->line_count++;
}

int ledger_add_amount(struct ledger *ledger, int parent, const char *id, const char *label,
                      struct amount amount, enum grade grade, const char *source)
{
    return amount.known ? ledger_add_line(ledger, parent, id, label, amount.bytes, grade, source)
                        : -1;
}

void ledger_add_beside(struct ledger *ledger, const char *id, const char *label,
                       struct amount amount, enum grade grade, const char *also_in,
                       const char *source)
{
    if (!amount.known || ledger->beside_count >= LEDGER_BESIDE_MAX)
        return;
    struct ledger_beside *beside = &ledger->beside[ledger->beside_count++];
    beside->bytes = amount.bytes;
    beside->grade = grade;
    snprintf(beside->id, sizeof beside->id, "%s", id);
    snprintf(beside->label, sizeof beside->label, "%s", label);
    snprintf(beside->also_in, sizeof beside->also_in, "%s", also_in);
    snprintf(beside->source, sizeof beside->source, "%s", source);
}

uint64_t ledger_sum_of_top_lines(const struct ledger *ledger)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ledger->line_count; i++)
        if (ledger->lines[i].parent < 0)
            sum = add_saturating(sum, ledger->lines[i].bytes);
    return sum;
}
