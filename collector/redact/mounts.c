#include "collector/redact/mounts.h"

#include <string.h>

void redact_swap(struct rest *rest)
{
    static const char head[] = "Filename";
    size_t length = sizeof head - 1;
    bool is_head = rest_left(rest) > length && memcmp(rest->at, head, length) == 0 &&
                   (rest->at[length] == ' ' || rest->at[length] == '\t');
    if (!is_head)
        rest_change_path(rest);
    rest_keep(rest);
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
    return rest_span(option, equals, MEMBER_LETTERS) == (size_t)(equals - option) &&
           rest_span(equals + 1, option + length, DIGITS "kKmMgGtT%") == value;
}

/* "rw,size=1k,upperdir=/home/x": a key stays, a value only if it is a number. */
static void change_options(struct rest *rest)
{
    size_t length = rest_next_field(rest);
    const char *end = rest->at + length;
    while (rest->at < end) {
        const char *comma = memchr(rest->at, ',', (size_t)(end - rest->at));
        size_t bytes = (size_t)((comma ? comma : end) - rest->at);
        const char *equals = memchr(rest->at, '=', bytes);
        size_t key = equals ? (size_t)(equals - rest->at) + 1 : 0;
        if (is_harmless_option(rest->at, bytes)) {
            text_bytes(rest->text, rest->at, bytes);
        } else {
            if (key > 1 && key <= 24 && rest_span(rest->at, equals, MEMBER_LETTERS) == key - 1)
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
    size_t length = rest_next_field(rest);
    const char *dot = memchr(rest->at, '.', length);
    size_t kept = dot ? (size_t)(dot - rest->at) + 1 : length;
    text_bytes(rest->text, rest->at, kept);
    redact_hash(rest->redact, rest->text, rest->at + kept, length - kept);
    rest->at += length;
}

void redact_mount(struct rest *rest)
{
    rest_change_path(rest);
    rest_change_path(rest);
    change_type(rest);
    change_options(rest);
    rest_keep(rest);
}

/* "36 35 98:0 " */
static bool opens_mountinfo(const char *at, const char *end)
{
    for (unsigned i = 0; i < 3; i++) {
        size_t length = rest_span(at, end, DIGITS ":");
        if (length == 0 || at + length == end || at[length] != ' ')
            return false;
        at += length + 1;
    }
    return true;
}

/* "36 35 98:0 /root /mnt rw shared:1 - ext3 /dev/root rw,errors=continue". What starts otherwise
 * can only be the rest of an option that a file system did not escape. False: leave it out. */
bool redact_mountinfo(struct rest *rest)
{
    if (!opens_mountinfo(rest->at, rest->end))
        return false;
    rest_keep_fields(rest, 3);
    rest_change_path(rest);
    rest_change_path(rest);
    change_options(rest);
    for (;;) {
        size_t length = rest_next_field(rest);
        bool dash = length == 1 && *rest->at == '-';
        text_bytes(rest->text, rest->at, length);
        rest->at += length;
        if (dash)
            break;
        if (length == 0)
            return true;
    }
    change_type(rest);
    rest_change_path(rest);
    change_options(rest);
    return true;
}
