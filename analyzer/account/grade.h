/* How sure a figure is. docs/accounting.md, section 1. */
#pragma once

enum grade {
    GRADE_EXACT,   /* a figure of the kernel, or a sum of such                          */
    GRADE_DERIVED, /* a formula over exact figures                                      */
    GRADE_BOUNDED, /* the true value lies between low and high                          */
    GRADE_ESTIMATE /* no bound is known                                                 */
};

const char *grade_word(enum grade grade); /* static */
