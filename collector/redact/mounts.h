/* Lines of swaps, mounts and mountinfo. */
#pragma once

#include "collector/redact/rest.h"

void redact_swap(struct rest *rest);
void redact_mount(struct rest *rest);

/* False: leave the line out. */
bool redact_mountinfo(struct rest *rest);
