#include "analyzer/account/explain.h"

#include <string.h>
#include <strings.h>

#include "analyzer/account/explain_tables.h"

/* '*' stands for one or more characters without '.'. */
static bool matches(const char *pattern, const char *text)
{
    for (; *pattern; pattern++) {
        if (*pattern == '*') {
            size_t length = strcspn(text, ".");
            if (length == 0)
                return false;
            text += length;
        } else if (*pattern != *text++) {
            return false;
        }
    }
    return *text == '\0';
}

/* "DirectMap4k" for "DirectMap*": a family of fields. */
static bool is_field(const char *field, const char *name, size_t length)
{
    size_t fixed = strcspn(field, "*");
    if (strncasecmp(field, name, fixed < length ? fixed : length) != 0)
        return false;
    return field[fixed] == '*' ? length > fixed : length == fixed;
}

const struct explanation *explanation_at(size_t index)
{
    if (index < explained_line_count)
        return &explained_lines[index];
    index -= explained_line_count;
    return index < explained_field_count ? &explained_fields[index] : NULL;
}

const struct explanation *explanation_find(const char *name)
{
    const struct explanation *row;
    if (strncmp(name, "physical.", 9) == 0)
        name += 9;
    size_t length = strlen(name);
    if (length && name[length - 1] == ':')
        length--;
    for (size_t i = 0; (row = explanation_at(i)); i++)
        if (row->id && matches(row->id, name))
            return row;
    for (size_t i = 0; (row = explanation_at(i)); i++)
        if (row->field && is_field(row->field, name, length))
            return row;
    return NULL;
}
