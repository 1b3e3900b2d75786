/* Pass 1, the system as a whole: walks the table of sources. */
#include "collector/passes/run.h"

#include "collector/base/clock.h"
#include "collector/base/interrupt.h"
#include "collector/read/folder_walk.h"
#include "collector/sources.h"
#include "schema/bundle_format.h"

#include <errno.h>
#include <string.h>

#define NAMES_MOST_IN_ROW 64

/* What hangs one attribute of a driver, or one file of a cgroup, hangs the same file in a thousand
 * folders. So many are waited for; the others of the row are then not tried. */
#define LATE_MOST_IN_ROW 3

/* One row of the table under way. */
struct row {
    struct run *run;
    const struct source *source;
    bool matched[NAMES_MOST_IN_ROW]; /* the name was found in at least one folder */
    bool cut;
    unsigned late; /* files that did not answer in time */
    int error;     /* the first errno, not ENOENT, that kept us out of a folder */
};

static const char *suffix_of(const struct source *source)
{
    switch (source->kind) {
    case SOURCE_LINK:
        return BUNDLE_LINK_SUFFIX;
    case SOURCE_LISTING:
        return BUNDLE_LIST_SUFFIX;
    default:
        return "";
    }
}

/* Symbolic links of proc/ itself that lead to the files of this process. */
static bool is_followed(const struct row *row, const char *path)
{
    return row->run->tree.live && strcmp(path, "proc/mounts") == 0;
}

static bool is_late(enum outcome outcome)
{
    return outcome == OUTCOME_TIMED_OUT || outcome == OUTCOME_ABANDONED;
}

/* Into the archive; `path` is its name there. What lies in a folder that hangs, or is one of a
 * row that does, is not tried. */
static bool archive_one(struct row *row, const struct fetch_request *request, const char *path,
                        struct member *member, struct failure *why)
{
    if (row->late == LATE_MOST_IN_ROW || run_is_stuck(row->run, request->name)) {
        member->fetched =
            (struct fetch_result){.outcome = OUTCOME_TIMED_OUT, .start_ns = clock_monotonic_ns()};
        return true;
    }
    if (!run_archive(row->run, request, path, member, why))
        return false;
    row->late += is_late(member->fetched.outcome);
    return true;
}

/* Reads FOLDER/NAME. Its absence is not recorded here: one folder of many may lack it. */
static bool read_one(struct row *row, const char *folder, const char *name, unsigned index,
                     struct failure *why)
{
    char storage[PATH_MAX];
    struct text path = TEXT_OVER(storage);
    text_add(&path, folder);
    text_add(&path, "/");
    text_add(&path, name);
    size_t length = path.length;
    text_add(&path, suffix_of(row->source));
    if (path.overflow) {
        row->cut = true;
        return true;
    }
    char file[PATH_MAX];
    memcpy(file, storage, length);
    file[length] = '\0';
    static const enum fetch_kind kinds[] = {
        [SOURCE_FILE] = FETCH_FILE, [SOURCE_LINK] = FETCH_LINK, [SOURCE_LISTING] = FETCH_LISTING};
    const struct fetch_request request = {
        .folder = row->run->tree.root,
        .name = file,
        .kind = kinds[row->source->kind],
        .shape = row->source->shape,
        .most_bytes = strncmp(file, "sys/", 4) == 0 ? ATTRIBUTE_MOST_BYTES : 0,
        .follow = is_followed(row, file),
        .check_first = !row->run->tree.live,
    };
    struct member member = {0};
    if (!archive_one(row, &request, text_string(&path), &member, why))
        return false;
    if (member.fetched.outcome == OUTCOME_ABSENT && member.parts == 0)
        return true;
    row->matched[index] = true;
    return run_record(row->run, storage, &member, why);
}

static bool read_pattern(struct row *row, const char *folder, const char *name, unsigned index,
                         struct failure *why)
{
    struct name_list names;
    int error = 0;
    const struct name_query query = {
        folder, name, row->source->kind == SOURCE_LINK ? NAMES_LINKS : NAMES_READABLE};
    bool fine = run_names(row->run, &query, &names, &error, why);
    if (row->error == 0 && error != ENOENT && error != ENOTDIR)
        row->error = error;
    row->cut = row->cut || names.cut;
    for (size_t i = 0; fine && i < names.count && !interrupt_signal(); i++)
        fine = read_one(row, folder, names.names[i], index, why);
    name_list_deinit(&names);
    return fine;
}

static bool read_folder(void *context, const char *folder, struct failure *why)
{
    struct row *row = context;
    char name[NAME_MAX + 1];
    const char *at = row->source->names;
    progress_step(row->run->progress, "system", 0, 0);
    for (unsigned index = 0; source_next_name(&at, name, sizeof name); index++) {
        if (interrupt_signal())
            return true;
        bool fine = strchr(name, '*') ? read_pattern(row, folder, name, index, why)
                                      : read_one(row, folder, name, index, why);
        if (!fine)
            return false;
    }
    return true;
}

static bool list_folder(void *context, const struct name_query *query, struct name_list *names,
                        int *error, struct failure *why)
{
    const struct row *row = context;
    return run_names(row->run, query, names, error, why);
}

/* One record, with the pattern as its path, for what was found nowhere. */
static bool record_unmatched(struct row *row, const struct folder_walk *walk, struct failure *why)
{
    char name[NAME_MAX + 1];
    const char *at = row->source->names;
    for (unsigned index = 0; source_next_name(&at, name, sizeof name); index++) {
        if (row->matched[index])
            continue;
        char storage[PATH_MAX];
        struct text path = TEXT_OVER(storage);
        text_add(&path, row->source->folder);
        text_add(&path, "/");
        text_add(&path, name);
        text_add(&path, suffix_of(row->source));
        int error = walk->error ? walk->error : row->error;
        enum outcome outcome = error ? outcome_from_errno(error) : OUTCOME_ABSENT;
        if (!run_record_outcome(row->run, text_string(&path), outcome, error, why))
            return false;
    }
    return true;
}

static bool read_row(struct run *run, const struct source *source, struct failure *why)
{
    struct row row = {.run = run, .source = source};
    struct folder_walk walk = {.visit = read_folder, .list = list_folder, .context = &row};
    if (!folder_walk(&walk, source->folder, why))
        return false;
    if (interrupt_signal())
        return true;
    if ((row.cut || walk.cut) && !run_record_outcome(run, source->folder, OUTCOME_CUT, 0, why))
        return false;
    return record_unmatched(&row, &walk, why);
}

static bool is_read_by_another_row(struct run *run, const struct source *source)
{
    char path[PATH_MAX];
    for (const char *at = source->unless; at && source_next_name(&at, path, sizeof path);)
        if (run_is_there(run, path))
            return true;
    return false;
}

/* What a reader finds out of the system as a whole. */
static bool archive_derived(struct run *run, enum fetch_kind kind, const char *name,
                            struct failure *why)
{
    const struct fetch_request request = {
        .folder = run->tree.root, .kind = kind, .check_first = !run->tree.live};
    struct member member = {0};
    return run_archive(run, &request, name, &member, why) && run_record(run, name, &member, why);
}

bool run_system(struct run *run, struct failure *why)
{
    for (size_t i = 0; i < source_count && !interrupt_signal(); i++) {
        const struct source *source = &sources[i];
        bool fine = true;
        switch (source->kind) {
        case SOURCE_FILE:
        case SOURCE_LINK:
        case SOURCE_LISTING:
            fine = is_read_by_another_row(run, source) || read_row(run, source, why);
            break;
        case SOURCE_STATFS:
            fine = run_statfs(run, why);
            break;
        case SOURCE_CENSUS:
            /* Beside the counters that it is held against, so that little moves in between. */
            fine = !run->options->page_census ||
                   archive_derived(run, FETCH_CENSUS, BUNDLE_CENSUS_NAME, why);
            break;
        case SOURCE_SHARED_MM:
            fine = archive_derived(run, FETCH_SHARED_MM, BUNDLE_SHARED_MM_NAME, why);
            break;
        default: /* the refresh was the first thing; processes come later */
            break;
        }
        if (!fine)
            return false;
    }
    return true;
}
