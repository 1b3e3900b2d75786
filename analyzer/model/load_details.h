/* Handlers of the members behind struct system_details, for the table of routes in load_system.c. */
#pragma once

#include "analyzer/model/loader.h"

bool load_iomem(struct loader *loader, const struct member_path *path, struct slice text,
                struct failure *why);
bool load_census(struct loader *loader, const struct member_path *path, struct slice text,
                 struct failure *why);
bool load_shared_mm(struct loader *loader, const struct member_path *path, struct slice text,
                    struct failure *why);
bool load_statfs(struct loader *loader, const struct member_path *path, struct slice text,
                 struct failure *why);
bool load_allocinfo(struct loader *loader, const struct member_path *path, struct slice text,
                    struct failure *why);
bool load_arcstats(struct loader *loader, const struct member_path *path, struct slice text,
                   struct failure *why);
bool load_boot_log(struct loader *loader, const struct member_path *path, struct slice text,
                   struct failure *why);

/* What was told in pages becomes bytes, once the page size is known. */
void details_scale_pages(struct loader *loader);

/* load_figures.c: small files of one line, by a table of its own. load_figure() expects a path that is wanted,
 * and sets its wildcards. */
bool figure_wanted(struct slice path);
bool load_figure(struct loader *loader, struct member_path *path, struct slice text,
                 struct failure *why);

/* load_balloons.c */
bool load_vmware_balloon(struct loader *loader, const struct member_path *path, struct slice text,
                         struct failure *why);
bool load_hyperv_balloon(struct loader *loader, const struct member_path *path, struct slice text,
                         struct failure *why);
/* After a figure was loaded: is it of a balloon? */
void balloons_see_figure(struct loader *loader, const struct member_path *path);
