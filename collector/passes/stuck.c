/* What to say of a reader that did not get on: who held it up, and where that one is. All of it
 * is read by a reader, too: even the place where a process is may not be had. */
#include "collector/passes/run.h"

#include <limits.h>
#include <string.h>

#define TELLING_BYTES 1024

struct telling {
    char bytes[TELLING_BYTES];
    size_t length;
};

static bool keep(void *context, const struct fetch_chunk *chunk, struct failure *why)
{
    struct telling *telling = context;
    (void)why;
    size_t room = sizeof telling->bytes - 1 - telling->length;
    size_t length = chunk->length < room ? chunk->length : room;
    memcpy(telling->bytes + telling->length, chunk->bytes, length);
    telling->length += length;
    telling->bytes[telling->length] = '\0';
    return true;
}

/* The file of this name of the process, or "". */
static const char *ask(struct run *run, uint32_t pid, const char *name, struct telling *telling)
{
    char path[64];
    struct text text = TEXT_OVER(path);
    struct fetch_result result;
    *telling = (struct telling){0};
    text_add(&text, "proc/");
    text_decimal(&text, pid);
    text_add(&text, "/");
    text_add(&text, name);
    const struct fetch_request request = {.folder = run->tree.root,
                                          .name = text_string(&text),
                                          .to_the_end = true,
                                          .check_first = !run->tree.live};
    readers_fetch(&run->readers, &request, keep, telling, &result, NULL);
    return telling->bytes;
}

/* "[<0>] folio_wait+0x1/0x2" of each line as "folio_wait < ..." */
static void add_stack(struct text *note, const char *stack)
{
    const char *before = ", kernel stack ";
    for (const char *line = stack; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *name = strstr(line, "] ");
        size_t length = name ? strcspn(name + 2, "+ \n") : 0;
        if (length == 0)
            continue;
        text_add(note, before);
        text_bytes(note, name + 2, length);
        before = " < ";
    }
}

static void add_wchan(struct text *note, const char *wchan)
{
    if (*wchan == '\0' || strcmp(wchan, "0") == 0)
        return;
    text_add(note, ", wchan ");
    text_bytes(note, wchan, strcspn(wchan, "\n"));
}

/* What holds up a file of the system is known by where its reader was. */
static void add_reader(const struct place *place, struct text *note)
{
    if (!place->state)
        return;
    text_add(note, "; its reader was in state ");
    text_bytes(note, &place->state, 1);
    add_wchan(note, place->wchan);
    add_stack(note, place->stack);
}

/* ": process 41 (name), state D, wchan folio_wait, kernel stack ..." */
static void add_process(struct run *run, struct text *note, uint32_t pid)
{
    struct telling telling;
    const char *stat = ask(run, pid, "stat", &telling);
    const char *name = strchr(stat, '(');
    const char *end = strrchr(stat, ')');
    text_add(note, ": process ");
    text_decimal(note, pid);
    if (name && end && name < end && end[1] && end[2]) {
        text_add(note, " (");
        if (run->options->redact.names)
            redact_hash(&run->redact, note, name + 1, (size_t)(end - name) - 1);
        else
            text_bytes(note, name + 1, (size_t)(end - name) - 1);
        text_add(note, "), state ");
        text_bytes(note, end + 2, 1);
    }
    add_wchan(note, ask(run, pid, "wchan", &telling));
    add_stack(note, ask(run, pid, "stack", &telling));
}

bool run_note_stuck(struct run *run, const char *path, uint32_t pid, enum outcome outcome,
                    struct failure *why)
{
    char words[PATH_MAX];
    const struct place place = run->readers.place; /* asking may lose another reader */
    struct text note = TEXT_OVER(words);
    text_add(&note, path);
    text_add(&note, ": no progress for ");
    text_decimal(&note, run->readers.timeout_ns / 1000000);
    text_add(&note, " ms");
    if (outcome == OUTCOME_ABANDONED)
        text_add(&note, "; its reader could not be killed and was left behind");
    if (pid) {
        add_process(run, &note, pid);
        text_add(&note, "; nothing that may wait for it is tried again");
    } else {
        add_reader(&place, &note);
    }
    return run_note(run, text_string(&note), why);
}
