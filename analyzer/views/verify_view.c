#include "analyzer/views/verify_view.h"

#include <inttypes.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/views/json.h"
#include "analyzer/views/text_escape.h"

/* "FILE: proc/1/comm:1: 'secret'"; places outside the content with the byte. */
static bool print_place(const struct verify_report *report, const struct place *place, FILE *to)
{
    static const char *const where[] = {
        [PLACE_PATH] = "in the path",
        [PLACE_LINK] = "in the link's target",
        [PLACE_ARCHIVE] = "in a header or padding of the archive",
        [PLACE_FILE_NAME] = "in the file's name",
    };
    AUTO_FREE char *member = escape_for_text(slice_of(place->member));
    AUTO_FREE char *word = escape_for_text(report->words->words[place->word - 1]);
    if (!member || !word)
        return false;
    fprintf(to, "%s%s", member, member[0] ? ": " : "");
    if (place->kind == PLACE_CONTENT)
        fprintf(to, "line %" PRIu64, place->line);
    else
        fprintf(to, "%s", where[place->kind]);
    fprintf(to, ", byte %" PRIu64 ": %s\n", place->offset, word);
    return true;
}

bool verify_print(const char *file, const struct verify_report *report, FILE *to,
                  struct failure *why)
{
    AUTO_FREE char *name = escape_for_text(slice_of(file));
    bool fine = name != NULL;
    for (size_t i = 0; fine && i < report->count; i++)
        fine = print_place(report, &report->places[i], to);
    if (!fine)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    if (report->found > report->count)
        fprintf(to, "and %" PRIu64 " more places\n", report->found - report->count);
    size_t words = report->words->count;
    fprintf(to, "%s: %zu word%s, %" PRIu64 " member%s, %" PRIu64 " bytes: ", name, words,
            words == 1 ? "" : "s", report->members, report->members == 1 ? "" : "s", report->bytes);
    if (report->found)
        fprintf(to, "found at %" PRIu64 " place%s\n", report->found, report->found == 1 ? "" : "s");
    else
        fputs(report->complete ? "none found\n" : "none found up to where it breaks\n", to);
    if (!report->complete)
        fputs("This proves nothing: not all of it could be looked into.\n", to);
    return true;
}

bool verify_print_json(const char *file, const struct verify_report *report, FILE *to,
                       struct failure *why)
{
    struct json_document document;
    json_document_init(&document, "memtally.verify/1");
    json_add_text(&document, document.root, "file", file);
    json_add_bool(&document, document.root, "complete", report->complete);
    json_add_number(&document, document.root, "words", report->words->count);
    json_add_number(&document, document.root, "members", report->members);
    json_add_number(&document, document.root, "unpacked_bytes", report->bytes);
    json_add_number(&document, document.root, "found", report->found);
    struct json_node *places = json_add_array(&document, document.root, "places");
    for (size_t i = 0; i < report->count; i++) {
        const struct place *place = &report->places[i];
        struct json_node *node = json_add_object(&document, places, NULL);
        json_add_text(&document, node, "where", place_word(place->kind));
        json_add_slice(&document, node, "member", slice_of(place->member));
        json_add_slice(&document, node, "word", report->words->words[place->word - 1]);
        if (place->line)
            json_add_number(&document, node, "line", place->line);
        else
            json_add_null(&document, node, "line");
        json_add_number(&document, node, "offset", place->offset);
    }
    bool ok = json_document_print(&document, to, why);
    json_document_deinit(&document);
    return ok;
}
