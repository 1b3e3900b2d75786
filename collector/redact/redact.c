#include "collector/redact/redact.h"

#include "collector/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_LEAST_BYTES 16
#define KEY_MOST_BYTES  4096
#define RANDOM_FILE     "/dev/urandom"

static bool take_word(const char *word, size_t length, struct redact_options *options)
{
    static const struct {
        const char *word;
        enum redact_cmdline cmdline;
        bool paths, names;
    } words[] = {
        {"cmdline",       CMDLINE_DROPPED, false, false},
        {"cmdline:argv0", CMDLINE_ARGV0,   false, false},
        {"paths",         CMDLINE_WHOLE,   true,  false},
        {"names",         CMDLINE_WHOLE,   false, true },
        {"all",           CMDLINE_DROPPED, true,  true },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].word) != length || memcmp(words[i].word, word, length) != 0)
            continue;
        if (words[i].cmdline != CMDLINE_WHOLE)
            options->cmdline = words[i].cmdline;
        options->paths |= words[i].paths;
        options->names |= words[i].names;
        return true;
    }
    return false;
}

bool redact_options_read(const char *list, struct redact_options *options, struct failure *why)
{
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        if (!take_word(at, length, options))
            return failure_set(why, FAILURE_USAGE, 0,
                               "--redact takes cmdline, cmdline:argv0, paths, names or all, "
                               "separated by commas, not '%.*s'",
                               (int)(length < 64 ? length : 64), at);
        at += length;
        if (*at == '\0')
            return true;
    }
}

void redact_options_write(const struct redact_options *options, struct text *text)
{
    const char *before = "";
    if (options->cmdline) {
        text_add(text, options->cmdline == CMDLINE_ARGV0 ? "cmdline:argv0" : "cmdline");
        before = ",";
    }
    if (options->paths) {
        text_add(text, before);
        text_add(text, "paths");
        before = ",";
    }
    if (options->names) {
        text_add(text, before);
        text_add(text, "names");
    }
}

/* Fills the buffer as far as the file goes; -1 with errno. */
static long read_key(const char *name, char *key, size_t capacity)
{
    AUTO_CLOSE int file = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t length = 0;
    while (file >= 0 && length < capacity) {
        ssize_t got = read(file, key + length, capacity - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return file < 0 ? -1 : (long)length;
}

void redact_init_with(struct redact *redact, const struct redact_options *options, const void *key,
                      size_t key_length)
{
    struct blake2s whole;
    uint8_t digest[BLAKE2S_HASH_BYTES];
    blake2s_init(&whole, NULL, 0);
    blake2s_add(&whole, key, key_length);
    blake2s_end(&whole, digest);
    redact->options = *options;
    blake2s_init(&redact->keyed, digest, sizeof digest);
    explicit_bzero(digest, sizeof digest);
    explicit_bzero(&whole, sizeof whole);
}

bool redact_init(struct redact *redact, const struct redact_options *options, struct failure *why)
{
    char key[KEY_MOST_BYTES + 1];
    *redact = (struct redact){.options = *options};
    if (!redact_is_on(options))
        return true;
    const char *name = options->key_file ? options->key_file : RANDOM_FILE;
    long length = read_key(name, key, options->key_file ? sizeof key : BLAKE2S_KEY_BYTES);
    if (length < 0)
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot read the key '%s': %s", name,
                           strerror(errno));
    if (length < KEY_LEAST_BYTES || length > KEY_MOST_BYTES)
        return failure_set(why, FAILURE_USAGE, 0, "the key '%s' must have %d to %d bytes", name,
                           KEY_LEAST_BYTES, KEY_MOST_BYTES);
    redact_init_with(redact, options, key, (size_t)length);
    explicit_bzero(key, sizeof key);
    return true;
}

void redact_hash(const struct redact *redact, struct text *text, const char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char word[1 + REDACT_HASH_DIGITS] = "h";
    uint8_t hashed[BLAKE2S_HASH_BYTES];
    if (length == 0)
        return;
    struct blake2s hash = redact->keyed;
    blake2s_add(&hash, bytes, length);
    blake2s_end(&hash, hashed);
    for (unsigned i = 0; i < REDACT_HASH_DIGITS; i++)
        word[1 + i] = digits[hashed[i / 2] >> (i % 2 ? 0 : 4) & 15];
    text_bytes(text, word, sizeof word);
}
