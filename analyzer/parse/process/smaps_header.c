#include "analyzer/parse/process/smaps_header.h"

/* 25 + 6 * sizeof(void *) of the kernel that printed */
enum { NAME_COLUMN_64_BIT = 73, NAME_COLUMN_32_BIT = 49 };

/* Value of a lower-case hexadecimal digit plus one, 0 for any other byte. */
static const uint8_t hexadecimal_digit[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* Reads digits at *at up to `end`, and the `stop` byte behind them. False without a digit, with
 * more than 16 of them, or with another byte behind. */
static bool take_hexadecimal(const char **at, const char *end, char stop, uint64_t *value)
{
    const char *p = *at;
    uint64_t total = 0;
    unsigned digit;
    while (p < end && (digit = hexadecimal_digit[(unsigned char)*p]) != 0) {
        total = total << 4 | (digit - 1);
        p++;
    }
    if (p == *at || p - *at > 16 || p == end || *p != stop)
        return false;
    *at = p + 1;
    *value = total;
    return true;
}

/* Reads "r-xp ". */
static bool take_permissions(const char **at, const char *end, uint8_t *permissions)
{
    const char *p = *at;
    if (end - p < 5 || p[4] != ' ' || (p[0] != 'r' && p[0] != '-') ||
        (p[1] != 'w' && p[1] != '-') || (p[2] != 'x' && p[2] != '-') ||
        (p[3] != 's' && p[3] != 'p'))
        return false;
    *permissions = (uint8_t)((p[0] == 'r' ? SMAPS_READ : 0) | (p[1] == 'w' ? SMAPS_WRITE : 0) |
                             (p[2] == 'x' ? SMAPS_EXECUTE : 0) | (p[3] == 's' ? SMAPS_SHARED : 0));
    *at = p + 5;
    return true;
}

/* Reads the inode; a blank or the end of the line stands behind it. */
static bool take_inode(const char **at, const char *end, uint64_t *inode)
{
    const char *p = *at;
    uint64_t total = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(total, UINT64_C(10), &total) ||
            __builtin_add_overflow(total, (uint64_t)(*p - '0'), &total))
            return false;
    if (p == *at || (p < end && *p != ' '))
        return false;
    *at = p;
    *inode = total;
    return true;
}

static bool is_blank_up_to(const char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    return at == end;
}

/* The name in `line`, whose numbers end at `numbers_end`; the blank there belongs to the numbers,
 * and at least one of padding follows it. */
static struct slice find_name(struct slice line, const char *numbers_end)
{
    const char *end = line.at + line.length_bytes;
    size_t numbers_bytes = (size_t)(numbers_end - line.at);
    static const size_t columns[] = {NAME_COLUMN_64_BIT, NAME_COLUMN_32_BIT};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (numbers_bytes + 1 < columns[i] && line.length_bytes > columns[i] &&
            is_blank_up_to(numbers_end, line.at + columns[i]))
            return slice_skip(line, columns[i]);
    for (int blanks = 0; blanks < 2 && numbers_end < end && *numbers_end == ' '; blanks++)
        numbers_end++;
    return (struct slice){numbers_end, (size_t)(end - numbers_end)};
}

bool smaps_header_parse(struct slice line, struct smaps_mapping *mapping)
{
    const char *at = line.at;
    const char *end = line.at + line.length_bytes;
    uint64_t start;
    uint64_t range_end;
    uint64_t offset;
    uint64_t major;
    uint64_t minor;
    uint64_t inode;
    uint8_t permissions;
    if (!take_hexadecimal(&at, end, '-', &start) || !take_hexadecimal(&at, end, ' ', &range_end) ||
        !take_permissions(&at, end, &permissions) || !take_hexadecimal(&at, end, ' ', &offset) ||
        !take_hexadecimal(&at, end, ':', &major) || !take_hexadecimal(&at, end, ' ', &minor) ||
        !take_inode(&at, end, &inode))
        return false;
    if (range_end < start || major > UINT32_MAX || minor > UINT32_MAX)
        return false;
    mapping->start = start;
    mapping->end = range_end;
    mapping->permissions = permissions;
    mapping->offset_bytes = offset;
    mapping->device_major = (uint32_t)major;
    mapping->device_minor = (uint32_t)minor;
    mapping->inode = inode;
    mapping->name = find_name(line, at);
    return true;
}
