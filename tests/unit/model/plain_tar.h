/* A tar written by hand, for members in an order that no folder has. */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct plain_tar {
    char path[64];
    FILE *to;
};

void plain_tar_create(struct plain_tar *tar);
void plain_tar_put(struct plain_tar *tar, const char *name, const char *text);
/* Writes the end mark; the file stays, for the test to load. */
void plain_tar_end(struct plain_tar *tar);
/* The same without the end mark. */
void plain_tar_cut(struct plain_tar *tar);
void plain_tar_remove(struct plain_tar *tar);
