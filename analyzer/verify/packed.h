/* Does a content start as packed data does? Words that are inside of it cannot be seen. */
#pragma once

#include "analyzer/base/slice.h"

#define PACKED_START_BYTES 10 /* as many tell it */

bool starts_packed(struct slice start);
