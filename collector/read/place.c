#include "collector/read/place.h"

#include "collector/base/text.h"
#include "collector/read/process.h"
#include "collector/read/tree.h"

#include <fcntl.h>

static long read_of(pid_t child, const char *name, char *buffer, size_t capacity)
{
    char storage[48];
    struct text path = TEXT_OVER(storage);
    text_add(&path, "/proc/");
    text_decimal(&path, (uint64_t)child);
    text_add(&path, name);
    long length = small_line_read(AT_FDCWD, text_string(&path), buffer, capacity);
    if (length < 0)
        buffer[0] = '\0';
    return length;
}

char place_state(pid_t child)
{
    char stat[1024];
    struct identity identity = {0};
    long length = read_of(child, "/stat", stat, sizeof stat);
    return length > 0 && identity_parse(stat, (size_t)length, &identity) ? identity.state : '\0';
}

void place_read(struct place *place, pid_t child)
{
    place->state = place_state(child);
    read_of(child, "/wchan", place->wchan, sizeof place->wchan);
    read_of(child, "/stack", place->stack, sizeof place->stack);
}
