#include "tests/unit/model/one_tree.h"

struct snapshot_tree tree;
struct snapshot *loaded;

int tree_set_up(void **state)
{
    (void)state;
    tree_create(&tree);
    return 0;
}

int tree_tear_down(void **state)
{
    (void)state;
    snapshot_free(loaded);
    loaded = NULL;
    tree_remove(&tree);
    return 0;
}
