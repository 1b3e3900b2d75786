/* For tests that write one tree each: it is made before the test and removed behind it. */
#pragma once

#include "tests/unit/model/snapshot_tree.h"

extern struct snapshot_tree tree;
extern struct snapshot *loaded; /* what a test loads from it and does not free; NULL before */

int tree_set_up(void **state);
int tree_tear_down(void **state); /* frees `loaded`, too */

#define IN_TREE(test) cmocka_unit_test_setup_teardown(test, tree_set_up, tree_tear_down)
