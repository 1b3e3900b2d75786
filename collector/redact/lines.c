#include "collector/redact/lines.h"

#include "collector/read/record_border.h"
#include "collector/redact/names.h"

#include <string.h>

/* A line that is being rewritten: what was not yet taken of it. */
struct rest {
    const struct redact *redact;
    struct text *text;
    const char *at, *end;
    char *scratch;
};

static size_t left(const struct rest *rest)
{
    return (size_t)(rest->end - rest->at);
}

/* The next field, without the blanks before it, which are added as they are. */
static size_t next_field(struct rest *rest)
{
    const char *start = rest->at;
    while (rest->at < rest->end && *rest->at == ' ')
        rest->at++;
    text_bytes(rest->text, start, (size_t)(rest->at - start));
    const char *stop = rest->at;
    while (stop < rest->end && *stop != ' ' && *stop != '\t')
        stop++;
    return (size_t)(stop - rest->at);
}

static void keep_fields(struct rest *rest, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t length = next_field(rest);
        text_bytes(rest->text, rest->at, length);
        rest->at += length;
    }
}

static void change_path(struct rest *rest)
{
    size_t length = next_field(rest);
    size_t plain = unescape_octal(rest->scratch, rest->at, length);
    redact_path(rest->redact, rest->text, rest->scratch, plain);
    rest->at += length;
}

static void keep_rest(struct rest *rest)
{
    text_bytes(rest->text, rest->at, left(rest));
    rest->at = rest->end;
}

static void change_mapping(struct rest *rest)
{
    if (!opens_mapping(rest->at, left(rest))) {
        keep_rest(rest);
        return;
    }
    keep_fields(rest, 5);
    next_field(rest); /* the blanks before the name */
    size_t plain = unescape_octal(rest->scratch, rest->at, left(rest));
    redact_mapping_name(rest->redact, rest->text, rest->scratch, plain);
}

#define DIGITS         "0123456789"
#define MEMBER_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_" DIGITS

static size_t span(const char *at, const char *end, const char *set)
{
    const char *start = at;
    while (at < end && *at && strchr(set, *at))
        at++;
    return (size_t)(at - start);
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
    size_t letters = span(rest->at, rest->end, MEMBER_LETTERS);
    if (letters == 0 || letters + 1 >= left(rest) || rest->at[letters] != ':' ||
        rest->at[letters + 1] != '\t')
        return false;
    if (left(rest) >= sizeof key - 1 && memcmp(rest->at, key, sizeof key - 1) == 0) {
        text_add(rest->text, key);
        rest->at += sizeof key - 1;
        size_t plain = unescape_name(rest->scratch, rest->at, left(rest));
        redact_hash(rest->redact, rest->text, rest->scratch, plain);
        return true;
    }
    keep_rest(rest);
    return true;
}

/* What stands before the next ':'. */
static size_t until_colon(const struct rest *rest)
{
    const char *colon = memchr(rest->at, ':', left(rest));
    return colon ? (size_t)(colon - rest->at) : left(rest);
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
    if (span(rest->at, rest->end, DIGITS) != number)
        return false;
    text_bytes(rest->text, rest->at, number);
    rest->at += number;
    keep_byte(rest);
    change_controllers(rest);
    keep_byte(rest);
    redact_cgroup_path(rest->redact, rest->text, rest->at, left(rest));
    return true;
}

static void change_swap(struct rest *rest)
{
    static const char head[] = "Filename";
    size_t length = sizeof head - 1;
    bool is_head = left(rest) > length && memcmp(rest->at, head, length) == 0 &&
                   (rest->at[length] == ' ' || rest->at[length] == '\t');
    if (!is_head)
        change_path(rest);
    keep_rest(rest);
}

/* Numbers, sizes, modes and flags that say nothing of who uses the machine. */
static bool is_harmless_option(const char *option, size_t length)
{
    static const char flags[] =
        " rw ro nosuid nodev noexec relatime noatime nodiratime strictatime "
        "lazytime sync async dirsync mand defaults seclabel inode32 inode64 "
        "noswap xattr nsdelegate memory_recursiveprot ";
    const char *equals = memchr(option, '=', length);
    if (!equals) {
        const char *found = length ? memmem(flags, sizeof flags - 1, option, length) : NULL;
        return found && found[-1] == ' ' && found[length] == ' ';
    }
    size_t value = (size_t)(option + length - equals) - 1;
    return span(option, equals, MEMBER_LETTERS) == (size_t)(equals - option) &&
           span(equals + 1, option + length, DIGITS "kKmMgGtT%") == value;
}

/* "rw,size=1k,upperdir=/home/x": a key stays, a value only if it is a number. */
static void change_options(struct rest *rest)
{
    size_t length = next_field(rest);
    const char *end = rest->at + length;
    while (rest->at < end) {
        const char *comma = memchr(rest->at, ',', (size_t)(end - rest->at));
        size_t bytes = (size_t)((comma ? comma : end) - rest->at);
        const char *equals = memchr(rest->at, '=', bytes);
        size_t key = equals ? (size_t)(equals - rest->at) + 1 : 0;
        if (is_harmless_option(rest->at, bytes)) {
            text_bytes(rest->text, rest->at, bytes);
        } else {
            if (key > 1 && key <= 24 && span(rest->at, equals, MEMBER_LETTERS) == key - 1)
                text_bytes(rest->text, rest->at, key);
            else
                key = 0;
            redact_hash(rest->redact, rest->text, rest->at + key, bytes - key);
        }
        rest->at += bytes;
        if (comma)
            text_bytes(rest->text, rest->at++, 1);
    }
}

/* "tmpfs", or "fuse.NAME" with a name of its own. */
static void change_type(struct rest *rest)
{
    size_t length = next_field(rest);
    const char *dot = memchr(rest->at, '.', length);
    size_t kept = dot ? (size_t)(dot - rest->at) + 1 : length;
    text_bytes(rest->text, rest->at, kept);
    redact_hash(rest->redact, rest->text, rest->at + kept, length - kept);
    rest->at += length;
}

static void change_mount(struct rest *rest)
{
    change_path(rest);
    change_path(rest);
    change_type(rest);
    change_options(rest);
    keep_rest(rest);
}

/* "36 35 98:0 " */
static bool opens_mountinfo(const char *at, const char *end)
{
    for (unsigned i = 0; i < 3; i++) {
        size_t length = span(at, end, DIGITS ":");
        if (length == 0 || at + length == end || at[length] != ' ')
            return false;
        at += length + 1;
    }
    return true;
}

/* "36 35 98:0 /root /mnt rw shared:1 - ext3 /dev/root rw,errors=continue". What starts otherwise
 * can only be the rest of an option that a file system did not escape. False: leave it out. */
static bool change_mountinfo(struct rest *rest)
{
    if (!opens_mountinfo(rest->at, rest->end))
        return false;
    keep_fields(rest, 3);
    change_path(rest);
    change_path(rest);
    change_options(rest);
    for (;;) {
        size_t length = next_field(rest);
        bool dash = length == 1 && *rest->at == '-';
        text_bytes(rest->text, rest->at, length);
        rest->at += length;
        if (dash)
            break;
        if (length == 0)
            return true;
    }
    change_type(rest);
    change_path(rest);
    change_options(rest);
    return true;
}

/* "Linux version 6.1 (user@host) (gcc ...": who built it, and where. */
static void change_version(struct rest *rest)
{
    const char *open = memchr(rest->at, '(', left(rest));
    const char *close = open ? memchr(open, ')', (size_t)(rest->end - open)) : NULL;
    if (close && memchr(open, '@', (size_t)(close - open))) {
        text_bytes(rest->text, rest->at, (size_t)(open - rest->at) + 1);
        redact_hash(rest->redact, rest->text, open + 1, (size_t)(close - open) - 1);
        rest->at = close;
    }
    keep_rest(rest);
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
        change_swap(&rest);
        break;
    case REDACT_MOUNTS:
        change_mount(&rest);
        break;
    case REDACT_MOUNTINFO:
        if (!change_mountinfo(&rest))
            return;
        break;
    case REDACT_VERSION:
        change_version(&rest);
        break;
    default:
        keep_rest(&rest);
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
    const char *open = memchr(rest->at, '(', left(rest));
    const char *close = open ? memrchr(open, ')', (size_t)(rest->end - open)) : NULL;
    if (!close)
        return;
    text_bytes(rest->text, rest->at, (size_t)(open - rest->at) + 1);
    redact_hash(rest->redact, rest->text, open + 1, (size_t)(close - open) - 1);
    rest->at = close;
    keep_rest(rest);
}

/* Programs write whole sentences into it: only up to the first blank. */
static void change_argv0(struct rest *rest)
{
    size_t length = strnlen(rest->at, left(rest));
    const char *blank = memchr(rest->at, ' ', length);
    if (blank)
        length = (size_t)(blank - rest->at);
    if (rest->redact->options.paths || rest->redact->options.names)
        redact_path(rest->redact, rest->text, rest->at, length);
    else
        text_bytes(rest->text, rest->at, length);
    if (left(rest))
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
