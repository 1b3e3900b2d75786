/* The header line of a mapping, as /proc/PID/{maps,smaps,smaps_rollup} print it. For the parsers
 * of those files only. Source: fs/proc/task_mmu.c:show_vma_header_prefix(), show_map_vma(). */
#pragma once

#include "analyzer/parse/process/smaps.h"

/* Whether a line is a header: those begin with the lower-case hexadecimal digits of an address,
 * field lines with an upper-case letter. */
static inline bool smaps_is_header(char first_byte)
{
    return (first_byte >= '0' && first_byte <= '9') || (first_byte >= 'a' && first_byte <= 'f');
}

/* Parses `line` (without '\n') into the members of *mapping that a header tells, which are set only
 * on success; the name is borrowed from the line. False for a malformed line, a reversed range, and
 * a number beyond its type.
 *
 * An empty range is fine: 2.6.36 to 4.10 hide the guard page of a stack, which may be all of it,
 * and smaps_rollup of a process without mappings prints 00000000-00000000.
 *
 * Where the name begins. The kernel pads with blanks up to column 73 (64-bit) or 49 (32-bit), or,
 * when the numbers reach beyond, prints one blank more. A name's own leading blanks cannot be told
 * from padding by sight, so that the column decides: 73 if everything up to there is blank, else 49
 * if everything up to there is blank, else the first byte behind the padding blank. Wrong only for
 * a name with 24 leading blanks on a 32-bit kernel. Trailing blanks are the name's own. A copy that
 * somebody has squeezed to single blanks is read as well. */
bool smaps_header_parse(struct slice line, struct smaps_mapping *mapping);
