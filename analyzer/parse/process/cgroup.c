#include "analyzer/parse/process/cgroup.h"

#include "analyzer/parse/text_cursor.h"

/* Whether "cpu,memory" lists `wanted`. */
static bool lists_controller(struct slice controllers, struct slice wanted)
{
    struct slice item = controllers;
    for (bool more = true; more;) {
        item = controllers;
        more = split_at(controllers, ',', &item, &controllers);
        if (slice_equal(item, wanted))
            return true;
    }
    return false;
}

bool process_cgroup_parse(struct slice text, struct process_cgroup *out, struct failure *why)
{
    struct slice unified = {0};
    struct slice memory = {0};
    bool has_unified = false;
    bool has_memory = false;
    struct slice line;
    uint64_t number = 0;
    if (!text_is_whole(text, why))
        return false;
    while (next_line(&text, &line, &number)) {
        struct slice id;
        struct slice controllers;
        struct slice path;
        uint64_t hierarchy;
        /* only the first two ':' separate: a path may hold more */
        if (!split_at(line, ':', &id, &path) || !split_at(path, ':', &controllers, &path) ||
            !parse_decimal(id, &hierarchy))
            return failure_set(why, FAILURE_MALFORMED, number,
                               "no 'ID:CONTROLLERS:PATH' line: is this /proc/PID/cgroup?");
        bool is_unified = hierarchy == 0 && controllers.length_bytes == 0;
        bool is_memory = lists_controller(controllers, SLICE("memory"));
        if ((is_unified && has_unified) || (is_memory && has_memory))
            return failure_set(why, FAILURE_MALFORMED, number, "a hierarchy printed twice");
        if (is_unified) {
            unified = path;
            has_unified = true;
        } else if (is_memory) {
            memory = path;
            has_memory = true;
        }
    }
    bool use_unified = has_unified && !(has_memory && slice_equal(unified, SLICE("/")));
    *out = (struct process_cgroup){
        .path = use_unified ? unified : memory,
        .is_unified = use_unified,
        .memory = has_memory ? memory : unified,
        .memory_in_v1 = has_memory,
        .found = has_unified || has_memory,
    };
    return true;
}
