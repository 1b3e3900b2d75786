/* Families as they are reported: the stretches of one name and the same members put together. */
#pragma once

#include "analyzer/account/anon_families.h"

void family_sums_add(struct family_sums *to, const struct family_sums *from);

/* Makes one of those that have the same name and members, finds owners, sorts. */
void anon_families_fold(const struct snapshot *snapshot, struct anon_families *families);
