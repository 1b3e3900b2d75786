#pragma once

#include <stdio.h>

#include "analyzer/verify/verify.h"

bool verify_print(const char *file, const struct verify_report *report, FILE *to,
                  struct failure *why);
bool verify_print_json(const char *file, const struct verify_report *report, FILE *to,
                       struct failure *why);
