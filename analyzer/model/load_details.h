/* Handlers of the members behind struct system_details, for the table of routes in load_system.c. */
#pragma once

#include "analyzer/model/loader.h"

bool load_iomem(struct loader *loader, const struct member_path *path, struct slice text,
                struct failure *why);
bool load_census(struct loader *loader, const struct member_path *path, struct slice text,
                 struct failure *why);

/* load_figures.c: small files of one line, by a table of its own. */
bool figure_wanted(struct slice path);
bool load_figure(struct loader *loader, const struct member_path *path, struct slice text,
                 struct failure *why);
