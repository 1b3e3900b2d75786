#include "schema/outcome.h"

#include <string.h>

static const char *const words[] = {
#define OUTCOME_WORD(constant, word, meaning) [OUTCOME_##constant] = word,
    OUTCOMES(OUTCOME_WORD)
#undef OUTCOME_WORD
};

const char *outcome_word(enum outcome outcome)
{
    return (unsigned)outcome < OUTCOME_COUNT ? words[outcome] : "unknown";
}

bool outcome_from_word(const char *word, size_t length, enum outcome *outcome)
{
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
        if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0) {
            *outcome = (enum outcome)i;
            return true;
        }
    }
    return false;
}
