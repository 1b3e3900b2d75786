/* Bytes that nobody can guess. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Of the kernel's generator, never waiting longer than it needs to be seeded. False with errno. */
bool random_bytes(void *to, size_t length);
