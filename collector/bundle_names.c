#include "collector/bundle_names.h"

#include "collector/base/clock.h"
#include "collector/base/text.h"
#include "schema/bundle_format.h"

#include <string.h>

/* Letters that are safe in a file name, on every system and in every shell. */
static void add_sanitised(struct text *name, const char *from, size_t length)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    for (size_t i = 0; i < length; i++)
        text_bytes(name, from[i] && strchr(safe, from[i]) ? from + i : "_", 1);
}

/* "-YYYYmmddTHHMMSSZ" */
static void add_time(struct text *name, uint64_t realtime_ns)
{
    struct utc utc = utc_from_seconds(realtime_ns / 1000000000u);
    text_add(name, "-");
    text_padded(name, utc.year, 4);
    text_padded(name, utc.month, 2);
    text_padded(name, utc.day, 2);
    text_add(name, "T");
    text_padded(name, utc.hour, 2);
    text_padded(name, utc.minute, 2);
    text_padded(name, utc.second, 2);
    text_add(name, "Z");
}

/* "memtally-HOST-TIME" */
static void add_default_name(struct text *name, const char *host, uint64_t realtime_ns)
{
    text_add(name, "memtally-");
    add_sanitised(name, host[0] ? host : "unknown", strlen(host[0] ? host : "unknown"));
    add_time(name, realtime_ns);
}

static size_t length_without_suffix(const char *path)
{
    size_t length = strlen(path), suffix = strlen(BUNDLE_FILE_SUFFIX);
    bool has_suffix = length > suffix && strcmp(path + length - suffix, BUNDLE_FILE_SUFFIX) == 0;
    return has_suffix ? length - suffix : length;
}

/* The file's name without folder and suffix; none if that leaves nothing to extract into. */
static void add_name_of_file(struct text *top, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = length_without_suffix(name);
    if (strspn(name, ".") < length)
        add_sanitised(top, name, length);
}

bool bundle_name_is_given(const struct collect_options *options)
{
    const char *given = options->output;
    return given && given[0] && strcmp(given, STDOUT_NAME) != 0 && given[strlen(given) - 1] != '/';
}

/* As given; in a series with the time before the suffix. */
static void add_given_file(struct text *file, const struct collect_options *options,
                           uint64_t realtime_ns)
{
    const char *given = options->output;
    if (!options->is_series) {
        text_add(file, given);
        return;
    }
    text_bytes(file, given, length_without_suffix(given));
    add_time(file, realtime_ns);
    text_add(file, BUNDLE_FILE_SUFFIX);
}

bool bundle_names_make(struct bundle_names *names, const struct collect_options *options,
                       const char *host, uint64_t realtime_ns, struct failure *why)
{
    struct text top = TEXT_OVER(names->top);
    struct text file = TEXT_OVER(names->file);
    bool is_given = bundle_name_is_given(options);
    bool to_stdout = options->output && strcmp(options->output, STDOUT_NAME) == 0;
    if (is_given) {
        add_given_file(&file, options, realtime_ns);
        add_name_of_file(&top, text_string(&file));
    }
    if (top.length == 0)
        add_default_name(&top, host, realtime_ns);
    if (!is_given) {
        text_add(&file, options->output && !to_stdout ? options->output : "");
        text_bytes(&file, top.at, top.length);
        text_add(&file, BUNDLE_FILE_SUFFIX);
    }
    text_string(&top);
    text_string(&file);
    return !(top.overflow || file.overflow) ||
           failure_set(why, FAILURE_USAGE, 0, "the name of the output file is too long");
}
