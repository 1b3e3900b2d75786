/* A user's rules, a line each:
 *
 *     # comment
 *     CLASS [kind=KIND] [permissions=rw-p] [flag=ht] [name=REGEX]
 *
 * CLASS is one of ours or a new word. name takes the rest of the line, blanks included. */
#include "analyzer/account/mapping_rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/cleanup.h"
#include "analyzer/parse/text_cursor.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define LINES_MAX      1000 /* each rule is tried on each mapping */
#define ID_BYTES_MAX   32
#define FLAG_BYTES     2

struct new_rule {
    struct mapping_rule rule;
    char *permissions;
    regex_t *pattern;
};

static bool take_kind(struct new_rule *rule, struct slice value, const char **problem)
{
    enum mapping_kind kind;
    *problem = "a kind is private-file, shared-file, private-anon or shared-anon";
    if (!mapping_kind_parse(value, &kind))
        return false;
    rule->rule.kinds |= (uint8_t)(1u << kind);
    return true;
}

static bool take_permissions(struct new_rule *rule, struct slice value, const char **problem)
{
    static const char *const allowed[] = {"r-?", "w-?", "x-?", "sp?"};
    *problem = "permissions are four of r w x s p - in their places, or ?";
    if (value.length_bytes != 4 || rule->permissions)
        return false;
    for (size_t i = 0; i < 4; i++)
        if (!value.at[i] || !strchr(allowed[i], value.at[i]))
            return false;
    *problem = "out of memory";
    rule->permissions = strndup(value.at, value.length_bytes);
    return rule->permissions != NULL;
}

static bool take_flag(struct new_rule *rule, struct slice value, const char **problem)
{
    *problem = "a flag is two small letters of VmFlags, and given once";
    if (value.length_bytes != FLAG_BYTES || rule->rule.flag[0] || value.at[0] < 'a' ||
        value.at[0] > 'z' || value.at[1] < 'a' || value.at[1] > 'z')
        return false;
    memcpy(rule->rule.flag, value.at, FLAG_BYTES);
    return true;
}

static bool take_name(struct new_rule *rule, struct slice value, const char **problem)
{
    AUTO_FREE char *text = strndup(value.at, value.length_bytes);
    regex_t *pattern = text ? calloc(1, sizeof *pattern) : NULL;
    *problem = "out of memory";
    if (!pattern)
        return false;
    *problem = "the name is no regular expression";
    if (value.length_bytes == 0 || regcomp(pattern, text, REG_EXTENDED | REG_NOSUB) != 0) {
        free(pattern);
        return false;
    }
    rule->pattern = pattern;
    return true;
}

static const struct rule_key {
    const char *start;
    bool (*take)(struct new_rule *rule, struct slice value, const char **problem);
} keys[] = {
    {"kind=",        take_kind       },
    {"permissions=", take_permissions},
    {"flag=",        take_flag       },
};

static bool take_key(struct new_rule *rule, struct slice word, const char **problem)
{
    *problem = "a key is kind=, permissions=, flag= or name=";
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (slice_starts(word, slice_of(keys[i].start)))
            return keys[i].take(rule, slice_skip(word, strlen(keys[i].start)), problem);
    return false;
}

static bool take_class(struct mapping_classifier *classifier, struct new_rule *rule,
                       struct slice word, const char **problem)
{
    *problem = "a class is a word of up to 32 small letters, digits, '-', '.' and '_'";
    if (word.length_bytes == 0 || word.length_bytes > ID_BYTES_MAX)
        return false;
    for (size_t i = 0; i < word.length_bytes; i++)
        if (!word.at[i] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789-._", word.at[i]))
            return false;
    *problem = "too many classes, or out of memory";
    return classifier_class_of(classifier, word, &rule->rule.mapping_class);
}

static bool take_keys(struct new_rule *rule, struct slice left, const char **problem)
{
    struct slice word;
    bool any = false;
    for (;; any = true) {
        left = trim_blanks(left);
        if (slice_starts(left, SLICE("name=")))
            return take_name(rule, slice_skip(left, 5), problem);
        if (!next_word(&left, &word))
            break;
        if (!take_key(rule, word, problem))
            return false;
    }
    *problem = "a rule needs a key besides its class";
    return any;
}

static void drop_rule(struct new_rule *rule)
{
    if (rule->pattern)
        regfree(rule->pattern);
    free(rule->pattern);
    free(rule->permissions);
}

static bool add_line(struct mapping_classifier *classifier, struct slice line, const char **problem)
{
    struct new_rule rule = {0};
    struct slice word;
    if (!next_word(&line, &word) || word.at[0] == '#')
        return true;
    bool ok = take_class(classifier, &rule, word, problem) && take_keys(&rule, line, problem);
    if (ok) {
        *problem = "out of memory";
        ok = classifier_add_rule(classifier, &rule.rule, rule.permissions, rule.pattern);
    }
    if (!ok)
        drop_rule(&rule);
    return ok;
}

static bool read_file(const char *path, char *text, size_t *length, struct failure *why)
{
    AUTO_FCLOSE FILE *file = fopen(path, "re");
    if (!file)
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot read the classes: %s", strerror(errno));
    *length = fread(text, 1, FILE_BYTES_MAX + 1, file);
    if (ferror(file))
        return failure_set(why, FAILURE_SYSTEM, 0, "cannot read the classes: %s", strerror(errno));
    return *length <= FILE_BYTES_MAX ||
           failure_set(why, FAILURE_LIMIT, 0, "more than 1 MiB of classes");
}

static bool add_lines(struct mapping_classifier *classifier, struct slice text, struct failure *why)
{
    struct slice line;
    uint64_t number = 0;
    while (next_line(&text, &line, &number)) {
        const char *problem = "";
        if (slice_ends(line, SLICE("\r")))
            line.length_bytes--;
        if (number > LINES_MAX)
            return failure_set(why, FAILURE_LIMIT, number, "more than %d lines", LINES_MAX);
        if (!add_line(classifier, line, &problem))
            return failure_set(why, FAILURE_USAGE, number, "%s", problem);
    }
    return true;
}

bool mapping_classifier_add_file(struct mapping_classifier *classifier, const char *path,
                                 struct failure *why)
{
    size_t length = 0;
    AUTO_FREE char *text = malloc(FILE_BYTES_MAX + 1);
    if (!text)
        return failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
    return (read_file(path, text, &length, why) &&
            add_lines(classifier, (struct slice){text, length}, why)) ||
           failure_in(why, path);
}
