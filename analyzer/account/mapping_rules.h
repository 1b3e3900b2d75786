/* What the files of the classifier share. Not for other layers. */
#pragma once

#include <regex.h>

#include "analyzer/account/mapping_class.h"

/* A mapping with its surroundings, as rules look at it. */
struct mapping_scene {
    const struct snapshot *snapshot;
    const struct mapping_classifier *classifier;
    const struct process *process;
    const struct mapping *all; /* of the process, in the order of addresses */
    size_t count, at;
    const struct mapping *mapping; /* all + at */
    const struct mapped_object *object;
    struct slice name;
    enum mapping_kind kind;
    bool has_jvm; /* the process maps libjvm.so */
};

typedef bool (*mapping_shape)(const struct mapping_scene *scene);

/* One row: everything that is given must hold. */
struct mapping_rule {
    uint8_t mapping_class;
    uint8_t kinds;           /* bits of enum mapping_kind; 0: any                        */
    const char *permissions; /* "rw-p", '?' for any; NULL: any                           */
    const char *name;        /* the name begins so; NULL: any                            */
    char flag[3];            /* two letters of VmFlags; "": any                          */
    mapping_shape shape;     /* NULL: any                                                */
    const regex_t *pattern;  /* of the name, a user's; NULL: any                         */
};

const struct mapping_rule *mapping_builtin_rules(size_t *count);

/* False when it is the word of no kind. */
bool mapping_kind_parse(struct slice word, enum mapping_kind *kind);

/* mapping_shape.c: what only the surroundings tell. */
bool shape_hugetlb(const struct mapping_scene *scene);
bool shape_tmpfs(const struct mapping_scene *scene);
bool shape_first_stack(const struct mapping_scene *scene);
bool shape_sysv_name(const struct mapping_scene *scene);
bool shape_thread_stack(const struct mapping_scene *scene);
bool shape_arena(const struct mapping_scene *scene);
bool shape_go(const struct mapping_scene *scene);
bool shape_jvm(const struct mapping_scene *scene);
bool shape_v8_name(const struct mapping_scene *scene);
bool shape_exe(const struct mapping_scene *scene);
bool shape_exe_relro(const struct mapping_scene *scene);
bool shape_exe_bss(const struct mapping_scene *scene);
bool shape_library(const struct mapping_scene *scene);
bool shape_library_relro(const struct mapping_scene *scene);
bool shape_library_bss(const struct mapping_scene *scene);
bool shape_large(const struct mapping_scene *scene);

/* Facts of the classifier that shapes ask for. */
bool classifier_is_mounted(const struct mapping_classifier *classifier, const char *type,
                           const struct mapped_object *object);
bool classifier_is_executed(const struct mapping_classifier *classifier, uint32_t object);
bool classifier_is_program(const struct mapping_classifier *classifier, uint32_t object);
bool mapping_has_flag(const struct mapping_scene *scene, const struct mapping *mapping,
                      const char *flag);

/* The class of an id, added if it is new; the id is copied. False when memory ran out or
 * MAPPING_CLASSES_MAX was reached. */
bool classifier_class_of(struct mapping_classifier *classifier, struct slice id, uint8_t *out);
/* Takes over both texts, which must come from malloc(); not when it fails for want of memory. */
bool classifier_add_rule(struct mapping_classifier *classifier, const struct mapping_rule *rule,
                         char *permissions, regex_t *pattern);
