#include "analyzer/views/byte_format.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define NS_PER_SECOND INT64_C(1000000000)

const char *size_unit_word(enum size_unit unit)
{
    static const char *const words[] = {"bytes", "KiB", "MiB", "GiB", ""};
    return words[unit];
}

/* One decimal of bytes / 2^shift, in integers: no double holds all of uint64_t. */
static void format_tenths(char buffer[BYTE_TEXT_MAX], uint64_t bytes, unsigned shift,
                          const char *suffix)
{
    uint64_t whole = bytes >> shift;
    uint64_t rest = bytes & ((UINT64_C(1) << shift) - 1); /* below 2^60: ten of it fit */
    unsigned tenths = (unsigned)((rest * 10 + (UINT64_C(1) << (shift - 1))) >> shift);
    if (tenths == 10) {
        whole++;
        tenths = 0;
    }
    snprintf(buffer, BYTE_TEXT_MAX, "%" PRIu64 ".%u%s", whole, tenths, suffix);
}

static void format_human(char buffer[BYTE_TEXT_MAX], uint64_t bytes)
{
    static const char *const suffixes[] = {"K", "M", "G", "T", "P", "E"};
    unsigned step = 0;
    if (bytes < 1024) {
        snprintf(buffer, BYTE_TEXT_MAX, "%" PRIu64, bytes);
        return;
    }
    /* 1023.95 and more would be rounded to 1024.0 of a unit: that is 1.0 of the next. */
    for (uint64_t unit = 1024; step < 5 && bytes >= unit * 1024 - unit / 20; unit *= 1024)
        step++;
    format_tenths(buffer, bytes, 10 * (step + 1), suffixes[step]);
}

const char *format_bytes(char buffer[BYTE_TEXT_MAX], uint64_t bytes, enum size_unit unit)
{
    switch (unit) {
    case SIZE_BYTES:
        snprintf(buffer, BYTE_TEXT_MAX, "%" PRIu64, bytes);
        break;
    case SIZE_KIB:
        snprintf(buffer, BYTE_TEXT_MAX, "%" PRIu64, bytes / 1024 + (bytes % 1024 >= 512));
        break;
    case SIZE_MIB:
        format_tenths(buffer, bytes, 20, "");
        break;
    case SIZE_GIB:
        format_tenths(buffer, bytes, 30, "");
        break;
    case SIZE_HUMAN:
        format_human(buffer, bytes);
        break;
    }
    return buffer;
}

const char *format_percent(char buffer[BYTE_TEXT_MAX], uint64_t part, uint64_t whole)
{
    /* 128 bits, so that neither end loses digits */
    unsigned __int128 hundredths = ((unsigned __int128)part * 10000 + whole / 2) / whole;
    if (hundredths > UINT64_MAX) /* the most that fits, of a whole that cannot be */
        hundredths = UINT64_MAX;
    snprintf(buffer, BYTE_TEXT_MAX, "%" PRIu64 ".%02u%%", (uint64_t)hundredths / 100,
             (unsigned)((uint64_t)hundredths % 100));
    return buffer;
}

static const char *format_with_sign(char buffer[BYTE_TEXT_MAX], int64_t bytes, enum size_unit unit,
                                    char positive)
{
    char digits[BYTE_TEXT_MAX];
    uint64_t size = bytes < 0 ? (uint64_t) - (bytes + 1) + 1 : (uint64_t)bytes;
    format_bytes(digits, size, unit);
    char sign[2] = {bytes < 0 ? '-' : bytes > 0 ? positive : '\0', '\0'};
    snprintf(buffer, BYTE_TEXT_MAX, "%s%.*s", sign, BYTE_TEXT_MAX - 2, digits);
    return buffer;
}

const char *format_change(char buffer[BYTE_TEXT_MAX], int64_t bytes, enum size_unit unit)
{
    return format_with_sign(buffer, bytes, unit, '+');
}

const char *format_signed(char buffer[BYTE_TEXT_MAX], int64_t bytes, enum size_unit unit)
{
    return format_with_sign(buffer, bytes, unit, '\0');
}

/* Whole seconds rounded down, so that the rest is never negative, also before 1970. */
static bool split_time(int64_t ns_since_1970, struct tm *parts, long *rest_ns)
{
    int64_t seconds = ns_since_1970 / NS_PER_SECOND;
    int64_t rest = ns_since_1970 % NS_PER_SECOND;
    if (rest < 0) {
        seconds--;
        rest += NS_PER_SECOND;
    }
    time_t when = (time_t)seconds;
    *rest_ns = (long)rest;
    return gmtime_r(&when, parts) != NULL;
}

const char *format_time(char *buffer, size_t buffer_bytes, int64_t ns_since_1970)
{
    struct tm parts;
    long rest_ns;
    if (!split_time(ns_since_1970, &parts, &rest_ns) ||
        strftime(buffer, buffer_bytes, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
        snprintf(buffer, buffer_bytes, "(no date)");
    return buffer;
}

const char *format_time_iso(char *buffer, size_t buffer_bytes, int64_t ns_since_1970)
{
    struct tm parts;
    long rest_ns;
    char seconds[40];
    if (!split_time(ns_since_1970, &parts, &rest_ns) ||
        strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        snprintf(buffer, buffer_bytes, "(no date)");
    else
        snprintf(buffer, buffer_bytes, "%s.%09ldZ", seconds, rest_ns);
    return buffer;
}
