/* Handlers of the members below sys/, for the table of routes in load_system.c. */
#pragma once

#include "analyzer/model/loader.h"

bool load_node_meminfo(struct loader *loader, const struct member_path *path, struct slice text,
                       struct failure *why);
bool load_huge_pages(struct loader *loader, const struct member_path *path, struct slice text,
                     struct failure *why);
bool load_module_size(struct loader *loader, const struct member_path *path, struct slice text,
                      struct failure *why);
bool load_zram(struct loader *loader, const struct member_path *path, struct slice text,
               struct failure *why);
bool load_slab_alias(struct loader *loader, const struct member_path *path, struct slice text,
                     struct failure *why);
