#include "analyzer/account/mapping_rules.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/array.h"
#include "analyzer/base/cleanup.h"

#define NO_OBJECT UINT32_MAX

struct user_class {
    char *id; /* owned */
};

/* What a rule of a file owns; the rule points into it. */
struct user_rule {
    struct mapping_rule rule;
    char *permissions;
    regex_t *pattern;
};

struct mapping_classifier {
    const struct snapshot *snapshot;
    struct user_class *classes;
    size_t class_count, class_capacity;
    struct user_rule *rules;
    size_t rule_count, rule_capacity;
    uint32_t *executed_by; /* object -> number of the process that maps it executable */
    uint32_t process_number;
    uint32_t program; /* the object of the process's own file; NO_OBJECT unknown */
};

static const char *const kind_words[] = {
#define KIND_WORD(constant, word) [MAPPING_##constant] = (word),
    MAPPING_KINDS(KIND_WORD)
#undef KIND_WORD
};

static const struct builtin_class {
    const char *id, *how;
} builtin_classes[] = {
#define CLASS_ROW(constant, id, how) [MAPPING_CLASS_##constant] = {(id), (how)},
    MAPPING_CLASSES(CLASS_ROW)
#undef CLASS_ROW
};

const char *mapping_kind_word(enum mapping_kind kind)
{
    return kind_words[kind];
}

bool mapping_kind_parse(struct slice word, enum mapping_kind *kind)
{
    for (unsigned i = 0; i < MAPPING_KIND_COUNT; i++) {
        if (!slice_equal(slice_of(kind_words[i]), word))
            continue;
        *kind = (enum mapping_kind)i;
        return true;
    }
    return false;
}

struct mapping_classifier *mapping_classifier_create(const struct snapshot *snapshot,
                                                     struct failure *why)
{
    struct mapping_classifier *classifier = calloc(1, sizeof *classifier);
    uint32_t *executed_by =
        calloc(snapshot->mappings.object_count + 1, sizeof *classifier->executed_by);
    if (!classifier || !executed_by) {
        free(classifier);
        free(executed_by);
        failure_set(why, FAILURE_SYSTEM, 0, "out of memory");
        return NULL;
    }
    classifier->snapshot = snapshot;
    classifier->executed_by = executed_by;
    return classifier;
}

void mapping_classifier_free(struct mapping_classifier *classifier)
{
    if (!classifier)
        return;
    for (size_t i = 0; i < classifier->class_count; i++)
        free(classifier->classes[i].id);
    for (size_t i = 0; i < classifier->rule_count; i++) {
        if (classifier->rules[i].pattern)
            regfree(classifier->rules[i].pattern);
        free(classifier->rules[i].pattern);
        free(classifier->rules[i].permissions);
    }
    free(classifier->classes);
    free(classifier->rules);
    free(classifier->executed_by);
    free(classifier);
}

unsigned mapping_class_count(const struct mapping_classifier *classifier)
{
    return MAPPING_CLASS_COUNT + (unsigned)classifier->class_count;
}

const char *mapping_class_id(const struct mapping_classifier *classifier, unsigned mapping_class)
{
    return mapping_class < MAPPING_CLASS_COUNT
               ? builtin_classes[mapping_class].id
               : classifier->classes[mapping_class - MAPPING_CLASS_COUNT].id;
}

const char *mapping_class_how(const struct mapping_classifier *classifier, unsigned mapping_class)
{
    (void)classifier;
    return mapping_class < MAPPING_CLASS_COUNT ? builtin_classes[mapping_class].how : "user's file";
}

bool classifier_class_of(struct mapping_classifier *classifier, struct slice id, uint8_t *out)
{
    unsigned count = mapping_class_count(classifier);
    for (unsigned i = 0; i < count; i++) {
        if (!slice_equal(slice_of(mapping_class_id(classifier, i)), id))
            continue;
        *out = (uint8_t)i;
        return true;
    }
    if (count >= MAPPING_CLASSES_MAX)
        return false;
    char *copy = strndup(id.at, id.length_bytes);
    struct user_class *added =
        copy ? ARRAY_PUSH(classifier->classes, classifier->class_count, classifier->class_capacity)
             : NULL;
    if (!added) {
        free(copy);
        return false;
    }
    added->id = copy;
    *out = (uint8_t)count;
    return true;
}

/* What is owned is kept, to be freed. NOLINTBEGIN(readability-non-const-parameter) */
bool classifier_add_rule(struct mapping_classifier *classifier, const struct mapping_rule *rule,
                         char *permissions, regex_t *pattern)
/* NOLINTEND(readability-non-const-parameter) */
{
    struct user_rule *added =
        ARRAY_PUSH(classifier->rules, classifier->rule_count, classifier->rule_capacity);
    if (!added)
        return false;
    *added = (struct user_rule){*rule, permissions, pattern};
    added->rule.permissions = permissions;
    added->rule.pattern = pattern;
    return true;
}

bool classifier_is_mounted(const struct mapping_classifier *classifier, const char *type,
                           const struct mapped_object *object)
{
    const struct system_details *details = &classifier->snapshot->system.details;
    for (size_t i = 0; object->inode && i < details->mount_count; i++)
        if (details->mounts[i].major == object->device_major &&
            details->mounts[i].minor == object->device_minor)
            return slice_equal(snapshot_text(classifier->snapshot, details->mounts[i].type),
                               slice_of(type));
    return false;
}

bool classifier_is_executed(const struct mapping_classifier *classifier, uint32_t object)
{
    return classifier->executed_by[object] == classifier->process_number;
}

bool classifier_is_program(const struct mapping_classifier *classifier, uint32_t object)
{
    return classifier->program == object;
}

/* "rd wr mr": two letters each. */
bool mapping_has_flag(const struct mapping_scene *scene, const struct mapping *mapping,
                      const char *flag)
{
    struct slice flags = snapshot_text(scene->snapshot, mapping->vm_flags);
    for (size_t i = 0; i + 2 <= flags.length_bytes; i += 3)
        if (flags.at[i] == flag[0] && flags.at[i + 1] == flag[1])
            return true;
    return false;
}

/* Names of memory that is shared by descriptor or key: no path leads to it. */
static bool has_no_path(struct slice name)
{
    static const char *const starts[] = {
        "/dev/zero", "/SYSV", "/memfd:", "/anon_hugepage", "[anon_shmem:", "/secretmem"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (slice_starts(name, slice_of(starts[i])))
            return true;
    return false;
}

/* A private mapping of /dev/zero or of huge pages without a file is anonymous memory. A name in
 * brackets without an inode is the kernel's or the program's word for memory, not a file. */
static enum mapping_kind kind_of(const struct mapping *mapping, const struct mapped_object *object,
                                 struct slice name)
{
    bool is_named_memory = object->inode == 0 && (!name.length_bytes || name.at[0] == '[');
    if (mapping->permissions & SMAPS_SHARED)
        return is_named_memory || has_no_path(name) ? MAPPING_SHARED_ANON : MAPPING_SHARED_FILE;
    if (is_named_memory || slice_starts(name, SLICE("/anon_hugepage")) ||
        slice_starts(name, SLICE("/dev/zero")))
        return MAPPING_PRIVATE_ANON;
    return MAPPING_PRIVATE_FILE;
}

static bool permissions_fit(uint8_t permissions, const char *pattern)
{
    const char is[] = {permissions & SMAPS_READ ? 'r' : '-', permissions & SMAPS_WRITE ? 'w' : '-',
                       permissions & SMAPS_EXECUTE ? 'x' : '-',
                       permissions & SMAPS_SHARED ? 's' : 'p'};
    for (size_t i = 0; i < sizeof is; i++)
        if (pattern[i] != '?' && pattern[i] != is[i])
            return false;
    return true;
}

static bool fits(const struct mapping_rule *rule, const struct mapping_scene *scene,
                 const char *name)
{
    return (!rule->kinds || rule->kinds >> scene->kind & 1) &&
           (!rule->name || slice_starts(scene->name, slice_of(rule->name))) &&
           (!rule->permissions ||
            permissions_fit(scene->mapping->permissions, rule->permissions)) &&
           (!rule->flag[0] || mapping_has_flag(scene, scene->mapping, rule->flag)) &&
           (!rule->shape || rule->shape(scene)) &&
           (!rule->pattern || regexec(rule->pattern, name, 0, NULL, 0) == 0);
}

static uint8_t class_of(const struct mapping_scene *scene)
{
    const struct mapping_classifier *classifier = scene->classifier;
    size_t count;
    const struct mapping_rule *builtin = mapping_builtin_rules(&count);
    /* Strings of the pool end with a NUL; one inside a name ends it for a pattern. */
    for (size_t i = 0; i < classifier->rule_count; i++)
        if (fits(&classifier->rules[i].rule, scene, scene->name.at))
            return classifier->rules[i].rule.mapping_class;
    for (size_t i = 0; i < count; i++)
        if (fits(&builtin[i], scene, NULL))
            return builtin[i].mapping_class;
    return MAPPING_CLASS_ANON;
}

/* Which objects the process maps executable, and which of them is its own file: that which exe
 * names, else the lowest one. */
static void survey(struct mapping_classifier *classifier, const struct process *process,
                   const struct mapping *all, bool *has_jvm)
{
    const struct snapshot *snapshot = classifier->snapshot;
    struct slice exe = snapshot_text(snapshot, process->exe);
    bool exe_known = (process->files & PROCESS_EXE) != 0;
    classifier->process_number++;
    classifier->program = NO_OBJECT;
    *has_jvm = false;
    for (size_t i = 0; i < process->mapping_count; i++) {
        const struct mapped_object *object = &snapshot->mappings.objects[all[i].object];
        if (!(all[i].permissions & SMAPS_EXECUTE) || !object->inode)
            continue;
        struct slice name = snapshot_text(snapshot, object->name);
        classifier->executed_by[all[i].object] = classifier->process_number;
        *has_jvm = *has_jvm || slice_ends(name, SLICE("/libjvm.so"));
        if (classifier->program == NO_OBJECT && (!exe_known || slice_equal(name, exe)))
            classifier->program = all[i].object;
    }
}

void mapping_classify(struct mapping_classifier *classifier, const struct process *process,
                      struct mapping_label *out)
{
    const struct snapshot *snapshot = classifier->snapshot;
    struct mapping_scene scene = {.snapshot = snapshot,
                                  .classifier = classifier,
                                  .process = process,
                                  .count = process->mapping_count};
    if (!process->mapping_count)
        return;
    scene.all = snapshot->mappings.mappings + process->first_mapping;
    survey(classifier, process, scene.all, &scene.has_jvm);
    for (scene.at = 0; scene.at < scene.count; scene.at++) {
        scene.mapping = &scene.all[scene.at];
        scene.object = &snapshot->mappings.objects[scene.mapping->object];
        scene.name = snapshot_text(snapshot, scene.object->name);
        scene.kind = kind_of(scene.mapping, scene.object, scene.name);
        out[scene.at] = (struct mapping_label){(uint8_t)scene.kind, class_of(&scene)};
    }
}
