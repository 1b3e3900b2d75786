#include "collector/redact/lines.h"

#include "collector/read/record_border.h"
#include "collector/redact/mounts.h"
#include "collector/redact/names.h"

#include <string.h>

static void change_mapping(struct rest *rest)
{
    if (!opens_mapping(rest->at, rest_left(rest))) {
        rest_keep(rest);
        return;
    }
    rest_keep_fields(rest, 5);
    rest_next_field(rest); /* the blanks before the name */
    size_t plain = unescape_octal(rest->scratch, rest->at, rest_left(rest));
    redact_mapping_name(rest->redact, rest->text, rest->scratch, plain);
}

/* status escapes newline and backslash; stat and comm do not. */
static size_t unescape_name(char *to, const char *from, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char byte = from[i];
        if (byte == '\\' && i + 1 < length && (from[i + 1] == 'n' || from[i + 1] == '\\'))
            byte = from[++i] == 'n' ? '\n' : '\\';
        to[used++] = byte;
    }
    return used;
}

/* What is no "Key:<tab>" can only be the rest of a name. False: leave the line out. */
static bool change_status(struct rest *rest)
{
    static const char key[] = "Name:\t";
    size_t letters = rest_span(rest->at, rest->end, MEMBER_LETTERS);
    if (letters == 0 || letters + 1 >= rest_left(rest) || rest->at[letters] != ':' ||
        rest->at[letters + 1] != '\t')
        return false;
    if (rest_left(rest) >= sizeof key - 1 && memcmp(rest->at, key, sizeof key - 1) == 0) {
        text_add(rest->text, key);
        rest->at += sizeof key - 1;
        size_t plain = unescape_name(rest->scratch, rest->at, rest_left(rest));
        redact_hash(rest->redact, rest->text, rest->scratch, plain);
        return true;
    }
    rest_keep(rest);
    return true;
}

/* What stands before the next ':'. */
static size_t until_colon(const struct rest *rest)
{
    const char *colon = memchr(rest->at, ':', rest_left(rest));
    return colon ? (size_t)(colon - rest->at) : rest_left(rest);
}

/* "memory,hugetlb", "name=systemd": a hierarchy without controllers may have any name. */
static void change_controllers(struct rest *rest)
{
    static const char given[] = "name=";
    static const char common[] = "name=systemd";
    size_t length = until_colon(rest);
    bool is_given = length >= sizeof given - 1 && memcmp(rest->at, given, sizeof given - 1) == 0;
    bool is_common = length == sizeof common - 1 && memcmp(rest->at, common, length) == 0;
    size_t kept = is_given && !is_common ? sizeof given - 1 : length;
    text_bytes(rest->text, rest->at, kept);
    redact_hash(rest->redact, rest->text, rest->at + kept, length - kept);
    rest->at += length;
}

static void keep_byte(struct rest *rest)
{
    text_bytes(rest->text, rest->at, rest->at < rest->end);
    rest->at += rest->at < rest->end;
}

/* "4:memory,hugetlb:/user.slice/a.service" */
static bool change_process_cgroup(struct rest *rest)
{
    size_t number = until_colon(rest);
    if (rest_span(rest->at, rest->end, DIGITS) != number)
        return false;
    text_bytes(rest->text, rest->at, number);
    rest->at += number;
    keep_byte(rest);
    change_controllers(rest);
    keep_byte(rest);
    redact_cgroup_path(rest->redact, rest->text, rest->at, rest_left(rest));
    return true;
}

/* "Linux version 6.1 (user@host) (gcc ...": who built it, and where. */
static void change_version(struct rest *rest)
{
    const char *open = memchr(rest->at, '(', rest_left(rest));
    const char *close = open ? memchr(open, ')', (size_t)(rest->end - open)) : NULL;
    if (close && memchr(open, '@', (size_t)(close - open))) {
        text_bytes(rest->text, rest->at, (size_t)(open - rest->at) + 1);
        redact_hash(rest->redact, rest->text, open + 1, (size_t)(close - open) - 1);
        rest->at = close;
    }
    rest_keep(rest);
}

static unsigned hexadecimal(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* The escaping of schema/bundle_format.h, which text_escaped() writes. */
static size_t unescape_line(char *to, const char *from, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char byte = from[i];
        if (byte == '\\' && length - i > 3 && from[i + 1] == 'x') {
            byte = (char)(hexadecimal(from[i + 2]) * 16 + hexadecimal(from[i + 3]));
            i += 3;
        } else if (byte == '\\' && length - i > 1) {
            byte = from[++i] == 'n' ? '\n' : '\\';
        }
        to[used++] = byte;
    }
    return used;
}

/* "held ... path /memfd:NAME (deleted)". A pipe has a number only. What is neither is left out. */
static bool change_held(struct rest *rest)
{
    static const char pipe[] = "pipe inode ", path[] = " path ";
    size_t left = rest_left(rest);
    if (left > sizeof pipe && memcmp(rest->at, pipe, sizeof pipe - 1) == 0) {
        rest_keep(rest);
        return true;
    }
    const char *found = memmem(rest->at, left, path, sizeof path - 1);
    if (!found)
        return false;
    const char *target = found + sizeof path - 1;
    text_bytes(rest->text, rest->at, (size_t)(target - rest->at));
    size_t plain = unescape_line(rest->scratch, target, (size_t)(rest->end - target));
    struct text hashed = {rest->scratch + REDACT_LINE_BYTES / 2, 0, REDACT_LINE_BYTES / 2, false};
    if (plain > REDACT_LINE_BYTES / 2)
        return false;
    redact_mapping_name(rest->redact, &hashed, rest->scratch, plain);
    text_escaped(rest->text, hashed.at, hashed.length);
    return true;
}

/* `scratch` is written through the struct. NOLINTBEGIN(readability-non-const-parameter) */
void redact_line(const struct redact *redact, enum redact_kind kind, struct text *text,
                 const char *line, size_t length, char *scratch)
/* NOLINTEND(readability-non-const-parameter) */
{
    bool newline = length > 0 && line[length - 1] == '\n';
    struct rest rest = {redact, text, line, line + length - newline, scratch};
    switch (kind) {
    case REDACT_MAPPINGS:
        change_mapping(&rest);
        break;
    case REDACT_STATUS:
        if (!change_status(&rest))
            return;
        break;
    case REDACT_PROCESS_CGROUP:
        if (!change_process_cgroup(&rest))
            return;
        break;
    case REDACT_SWAPS:
        redact_swap(&rest);
        break;
    case REDACT_MOUNTS:
        redact_mount(&rest);
        break;
    case REDACT_MOUNTINFO:
        if (!redact_mountinfo(&rest))
            return;
        break;
    case REDACT_HELD:
        if (!change_held(&rest))
            return;
        break;
    case REDACT_VERSION:
        change_version(&rest);
        break;
    default:
        rest_keep(&rest);
        break;
    }
    text_bytes(text, "\n", newline);
}

bool redact_is_whole(enum redact_kind kind)
{
    return kind == REDACT_STAT || kind == REDACT_NAME || kind == REDACT_LINK ||
           kind == REDACT_ARGV0;
}

/* The name may hold anything, also newlines and ") S 1": it ends at the last ')'. */
static void change_stat(struct rest *rest)
{
    const char *open = memchr(rest->at, '(', rest_left(rest));
    const char *close = open ? memrchr(open, ')', (size_t)(rest->end - open)) : NULL;
    if (!close)
        return;
    text_bytes(rest->text, rest->at, (size_t)(open - rest->at) + 1);
    redact_hash(rest->redact, rest->text, open + 1, (size_t)(close - open) - 1);
    rest->at = close;
    rest_keep(rest);
}

/* Programs write whole sentences into it: only up to the first blank. */
static void change_argv0(struct rest *rest)
{
    size_t length = strnlen(rest->at, rest_left(rest));
    const char *blank = memchr(rest->at, ' ', length);
    if (blank)
        length = (size_t)(blank - rest->at);
    if (rest->redact->options.paths || rest->redact->options.names)
        redact_path(rest->redact, rest->text, rest->at, length);
    else
        text_bytes(rest->text, rest->at, length);
    if (rest_left(rest))
        text_bytes(rest->text, "", 1);
}

/* NOLINTBEGIN(readability-non-const-parameter) */
void redact_whole(const struct redact *redact, enum redact_kind kind, struct text *text,
                  const char *bytes, size_t length, char *scratch)
/* NOLINTEND(readability-non-const-parameter) */
{
    struct rest rest = {redact, text, bytes, bytes + length, scratch};
    bool newline = length > 0 && bytes[length - 1] == '\n';
    switch (kind) {
    case REDACT_STAT:
        change_stat(&rest);
        break;
    case REDACT_LINK:
        redact_mapping_name(redact, text, bytes, length);
        break;
    case REDACT_ARGV0:
        change_argv0(&rest);
        break;
    default:
        redact_hash(redact, text, bytes, length - newline);
        text_bytes(text, "\n", newline);
        break;
    }
}
