#include "analyzer/views/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/views/text_escape.h"

static cJSON *library_node(struct json_node *node)
{
    return (cJSON *)node;
}

/* Takes ownership of `item`, also when it cannot be added. */
static struct json_node *attach(struct json_document *document, struct json_node *parent,
                                const char *key, cJSON *item)
{
    bool added = item && parent &&
                 (key ? cJSON_AddItemToObject(library_node(parent), key, item)
                      : cJSON_AddItemToArray(library_node(parent), item));
    if (added)
        return (struct json_node *)item;
    cJSON_Delete(item);
    document->out_of_memory = true;
    return NULL;
}

void json_document_init(struct json_document *document, const char *schema)
{
    *document = (struct json_document){.root = (struct json_node *)cJSON_CreateObject()};
    document->out_of_memory = document->root == NULL;
    json_add_text(document, document->root, "schema", schema);
}

void json_document_deinit(struct json_document *document)
{
    cJSON_Delete(library_node(document->root));
    cJSON_Delete(library_node(document->row));
    *document = (struct json_document){0};
}

struct json_node *json_add_object(struct json_document *document, struct json_node *parent,
                                  const char *key)
{
    return attach(document, parent, key, cJSON_CreateObject());
}

struct json_node *json_add_array(struct json_document *document, struct json_node *parent,
                                 const char *key)
{
    return attach(document, parent, key, cJSON_CreateArray());
}

/* The library keeps numbers as double, which is not exact above 2^53: so they go in as text. */
void json_add_number(struct json_document *document, struct json_node *parent, const char *key,
                     uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    attach(document, parent, key, cJSON_CreateRaw(digits));
}

void json_add_signed(struct json_document *document, struct json_node *parent, const char *key,
                     int64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    attach(document, parent, key, cJSON_CreateRaw(digits));
}

void json_add_amount(struct json_document *document, struct json_node *parent, const char *key,
                     struct amount value)
{
    if (value.known)
        json_add_number(document, parent, key, value.bytes);
    else
        json_add_null(document, parent, key);
}

void json_add_bool(struct json_document *document, struct json_node *parent, const char *key,
                   bool value)
{
    attach(document, parent, key, cJSON_CreateBool(value));
}

void json_add_null(struct json_document *document, struct json_node *parent, const char *key)
{
    attach(document, parent, key, cJSON_CreateNull());
}

void json_add_slice(struct json_document *document, struct json_node *parent, const char *key,
                    struct slice text)
{
    char *safe = escape_for_json(text);
    attach(document, parent, key, safe ? cJSON_CreateString(safe) : NULL);
    free(safe);
}

void json_add_text(struct json_document *document, struct json_node *parent, const char *key,
                   const char *text)
{
    if (text)
        json_add_slice(document, parent, key, slice_of(text));
    else
        json_add_null(document, parent, key);
}

/* A write that fails is noticed at the end, by ferror(): only memory is looked after here. */
static char *text_of(struct json_document *document, struct json_node *node)
{
    char *text = document->out_of_memory ? NULL : cJSON_Print(library_node(node));
    document->out_of_memory = text == NULL;
    return text;
}

/* The root ends with "\n}", which must wait until the array is through. */
void json_begin_rows(struct json_document *document, const char *key, FILE *to)
{
    char *text = text_of(document, document->root);
    document->rows_to = to;
    cJSON_Delete(library_node(document->root));
    document->root = (struct json_node *)cJSON_CreateObject();
    if (text)
        fprintf(to, "%.*s,\n\t\"%s\":\t[", (int)strlen(text) - 2, text, key);
    cJSON_free(text);
}

/* As the library would have printed it there: two levels deeper. */
static void print_row(struct json_document *document)
{
    char *text = text_of(document, document->row);
    cJSON_Delete(library_node(document->row));
    document->row = NULL;
    if (!text)
        return;
    fputs(document->rows_printed++ ? ", " : "", document->rows_to);
    const char *line = text;
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        fwrite(line, 1, (size_t)(end - line), document->rows_to);
        fputs("\n\t\t", document->rows_to);
    }
    fputs(line, document->rows_to);
    cJSON_free(text);
}

struct json_node *json_next_row(struct json_document *document)
{
    if (document->row)
        print_row(document);
    document->row = (struct json_node *)cJSON_CreateObject();
    document->out_of_memory = document->out_of_memory || !document->row;
    return document->row;
}

bool json_document_print(struct json_document *document, FILE *to, struct failure *why)
{
    if (document->row)
        print_row(document);
    char *text = text_of(document, document->root);
    if (!text)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    bool more = library_node(document->root)->child != NULL;
    if (!document->rows_to)
        fputs(text, to);
    else
        fprintf(to, "]%s%s", more ? "," : "\n", more ? text + 1 : "}");
    fputc('\n', to);
    cJSON_free(text);
    return !ferror(to) || failure_set(why, FAILURE_SYSTEM, 0, "cannot write the output");
}
