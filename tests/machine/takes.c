/* Takes a known amount of memory in one way, and holds it.
 *
 *     takes KIND BYTES FOLDER
 *
 * Prints "ready TAKEN" (in bytes), waits for the end of standard input, gives all back and ends.
 * FOLDER is for kinds whose memory is a file's. Status 77: this machine or user has no such
 * thing. */
#include "tests/machine/takes.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define SKIPPED 77

void give_up(const char *what)
{
    /* EAGAIN: more threads than there may be. */
    static const int absent[] = {EPERM,        EACCES,          ENOSYS, EOPNOTSUPP,
                                 EAFNOSUPPORT, EPROTONOSUPPORT, EAGAIN};
    int status = 1, error = errno;
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        if (error == absent[i])
            status = SKIPPED;
    fprintf(stderr, "takes: %s: %s\n", what, strerror(error));
    exit(status);
}

static const struct kind {
    const char *name;
    uint64_t (*take)(uint64_t bytes, const char *folder);
} kinds[] = {
    {"anonymous",   take_anonymous      },
    {"mlock",       take_locked         },
    {"page_cache",  take_file           },
    {"tmpfs",       take_file           },
    {"sysv",        take_sysv           },
    {"memfd",       take_memfd          },
    {"hugetlb",     take_hugetlb        },
    {"swap",        take_swapped        },
    {"page_tables", take_page_tables    },
    {"threads",     take_stacks         },
    {"slab",        take_dentries       },
    {"vmalloc",     take_bpf_map        },
    {"pipes",       take_pipes          },
    {"sockets",     take_tcp            },
    {"packet_ring", take_packet_ring    },
    {"churn",       take_again_and_again},
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

/* Many descriptors: pipes and sockets come in hundreds. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE,
                        &limit); /* else the kind that needs them fails and says so */
    }
}

int main(int argc, char **argv)
{
    const struct kind *kind = argc == 4 ? find_kind(argv[1]) : NULL;
    char *end = NULL;
    uint64_t bytes = kind ? strtoull(argv[2], &end, 10) : 0;
    if (!kind || bytes == 0 || *end) {
        fprintf(stderr, "usage: takes KIND BYTES FOLDER\n");
        return 2;
    }
    /* Ends with its standard input only, so that nothing is left behind. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    raise_descriptor_limit();
    uint64_t taken = kind->take(bytes, argv[3]);
    printf("ready %" PRIu64 "\n", taken);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}
