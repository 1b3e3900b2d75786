#include "tests/unit/model/edited_tree.h"

/* The text with the edits of its file; NULL if it is left out. free() it. */
static char *edited_text(const struct tree_file *file, const struct edit *edits, size_t edit_count)
{
    char *text = strdup(file->text);
    assert_non_null(text);
    for (size_t i = 0; i < edit_count && text; i++) {
        if (!edits[i].path || strcmp(edits[i].path, file->path) != 0)
            continue;
        char *edited = edits[i].from ? text_with(text, edits[i].from, edits[i].to) : NULL;
        free(text);
        text = edited;
    }
    return text;
}

struct snapshot *edited_tree_load(const struct tree_file *files, size_t file_count,
                                  const struct edit *edits, size_t edit_count)
{
    struct snapshot_tree tree;
    tree_create(&tree);
    for (size_t i = 0; i < file_count; i++) {
        char *text = edited_text(&files[i], edits, edit_count);
        if (text)
            tree_put(&tree, files[i].path, text);
        free(text);
    }
    struct snapshot *snapshot = tree_load(&tree);
    assert_int_equal(snapshot->problem_count, 0);
    tree_remove(&tree);
    return snapshot;
}
