/* Are these words anywhere in a bundle: in what its members hold, also across the borders of
 * parts; in their paths and links; in any other byte of the unpacked archive, headers and padding
 * included; in the file's name? Or in a directory: in all files, names and links' targets. */
#pragma once

#include "analyzer/verify/word_list.h"

enum place_kind { PLACE_CONTENT, PLACE_PATH, PLACE_LINK, PLACE_ARCHIVE, PLACE_FILE_NAME };

struct place {
    enum place_kind kind;
    char *member;    /* "" for the file's name and behind the last member */
    uint32_t word;   /* from 1 */
    uint64_t line;   /* of the content, from 1; else 0 */
    uint64_t offset; /* of the word's first byte in the content, path or unpacked archive */
};

#define PLACES_MOST 10000

struct verify_report {
    const struct word_list *words; /* the caller's */
    struct place *places;
    size_t count, capacity;
    uint64_t found;        /* places, also those beyond PLACES_MOST */
    uint64_t members;      /* looked at */
    uint64_t bytes;        /* unpacked */
    bool complete;         /* all was read, and nothing in it is packed itself */
    struct failure broken; /* why not */
};

/* False if the bundle could not be opened, or memory ran out. */
bool verify_bundle(const char *file, const struct word_list *words, struct verify_report *report,
                   struct failure *why);
void verify_report_deinit(struct verify_report *report);

const char *place_word(enum place_kind kind);
