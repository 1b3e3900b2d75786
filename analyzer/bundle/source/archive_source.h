/* Members of a tar: the only door to libarchive. */
#pragma once

#include "analyzer/bundle/source/byte_input.h"
#include "analyzer/bundle/source/source.h"

/* Takes over *input, even if it fails. Reads up to the first member's header, so that what is no
 * archive is refused here: MALFORMED. A cut, a limit or damage before the first member is no
 * refusal: then the first next() says so. `tap` may be NULL. */
struct source *archive_source_open(struct byte_input *input, const struct bundle_limits *limits,
                                   bundle_tap *tap, void *tap_context, struct failure *why);
