/* The one door to the JSON library. A document is built node by node and printed at the end; when
 * memory runs out at any step, the print fails instead of printing a part. One array of the root may be
 * as long as it likes: its rows are printed as they come, so that they need not fit into memory. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/base/amount.h"
#include "analyzer/base/slice.h"
#include "schema/failure.h"

struct json_node; /* owned by its document */

struct json_document {
    struct json_node *root; /* an object */
    bool out_of_memory;
    FILE *rows_to;         /* borrowed; NULL: no rows were begun */
    struct json_node *row; /* the last row, not yet printed */
    uint64_t rows_printed;
};

/* The root object with its "schema" key. End with json_document_deinit(). */
void json_document_init(struct json_document *document, const char *schema);
void json_document_deinit(struct json_document *document);

/* A new object or array under `key` of `parent` (an object), or at the end of an array when `key`
 * is NULL. NULL once memory ran out; all functions here accept that. */
struct json_node *json_add_object(struct json_document *document, struct json_node *parent,
                                  const char *key);
struct json_node *json_add_array(struct json_document *document, struct json_node *parent,
                                 const char *key);

/* Exact integers, also above 2^53. */
void json_add_number(struct json_document *document, struct json_node *parent, const char *key,
                     uint64_t value);
void json_add_signed(struct json_document *document, struct json_node *parent, const char *key,
                     int64_t value);
/* null when unknown. */
void json_add_amount(struct json_document *document, struct json_node *parent, const char *key,
                     struct amount value);
void json_add_bool(struct json_document *document, struct json_node *parent, const char *key,
                   bool value);
void json_add_null(struct json_document *document, struct json_node *parent, const char *key);
/* Any bytes; what is not UTF-8 becomes \ooo. */
void json_add_slice(struct json_document *document, struct json_node *parent, const char *key,
                    struct slice text);
/* The same for a string; NULL gives null. */
void json_add_text(struct json_document *document, struct json_node *parent, const char *key,
                   const char *text);

/* Prints what the root has so far, and begins an array of objects under `key`, once a document. What
 * is added to the root from here on stands behind the array. */
void json_begin_rows(struct json_document *document, const char *key, FILE *to);
/* The array's next object; the one before is printed, and gone. */
struct json_node *json_next_row(struct json_document *document);

/* Pretty-printed with a final newline; with rows, what is left of it, to the same stream. */
bool json_document_print(struct json_document *document, FILE *to, struct failure *why);
