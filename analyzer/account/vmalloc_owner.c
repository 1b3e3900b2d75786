#include "analyzer/account/vmalloc_owner.h"

#include <string.h>

static const char *const owner_words[] = {
#define OWNER_WORD(constant, word) [OWNER_##constant] = word,
    VMALLOC_OWNERS(OWNER_WORD)
#undef OWNER_WORD
};

const char *vmalloc_owner_word(enum vmalloc_owner owner)
{
    return owner_words[owner];
}

/* Callers as return addresses of successive kernels resolve: which function stands there depends on
 * inlining. A name that ends in '*' is the start of one. First match wins.
 *
 * "read": found in the kernel's source at the place named. "seen": printed by a running kernel.
 * The others go by their names only. */
static const struct caller_rule {
    const char *name;
    enum vmalloc_owner owner;
} caller_rules[] = {
  /* kernel/fork.c, alloc_thread_stack_node() and what it is inlined into; kernel_clone seen */
    {"alloc_thread_stack_node",    OWNER_STACKS      },
    {"dup_task_struct",            OWNER_STACKS      },
    {"copy_process",               OWNER_STACKS      },
    {"kernel_clone",               OWNER_STACKS      },
    {"_do_fork",                   OWNER_STACKS      },
    {"do_fork",                    OWNER_STACKS      },
    {"fork_idle",                  OWNER_STACKS      },
 /* kernel/module*, arch module_alloc(): load_module seen up to 6.12, read: module_alloc
     * (2.6.32 x86), module_alloc_update_bounds (3.10). module_finalize, seen on s390: trampolines
     * of a module, which its size does not count */
    {"load_module",                OWNER_MODULES     },
    {"move_module",                OWNER_MODULES     },
    {"layout_and_allocate",        OWNER_MODULES     },
    {"module_alloc*",              OWNER_MODULES     },
    {"module_memory_alloc",        OWNER_MODULES     },
    {"module_finalize",            OWNER_MODULES     },
 /* mm/execmem.c, read; execmem_alloc and execmem_alloc_rw seen on 7.2 */
    {"execmem_*",                  OWNER_MODULES     },
    {"__execmem_*",                OWNER_MODULES     },
 /* kernel/bpf: bpf_prog_alloc_no_stats, bpf_prog_pack_alloc, bpf_jit_alloc_exec,
     * array_map_alloc, htab_map_alloc, queue_stack_map_alloc seen */
    {"bpf_*",                      OWNER_BPF         },
    {"__bpf_*",                    OWNER_BPF         },
    {"htab_map_alloc",             OWNER_BPF         },
    {"array_map_alloc",            OWNER_BPF         },
    {"queue_stack_map_alloc",      OWNER_BPF         },
    {"trie_alloc",                 OWNER_BPF         },
    {"stack_map_alloc",            OWNER_BPF         },
    {"dev_map_alloc",              OWNER_BPF         },
    {"cpu_map_alloc",              OWNER_BPF         },
    {"sock_map_alloc",             OWNER_BPF         },
    {"xsk_map_alloc",              OWNER_BPF         },
    {"bloom_map_alloc",            OWNER_BPF         },
    {"alloc_new_pack",             OWNER_BPF         },
 /* mm/percpu*.c, read; pcpu_create_chunk, pcpu_mem_zalloc, pcpu_get_vm_areas seen */
    {"pcpu_*",                     OWNER_PERCPU      },
 /* drivers/block/zram, mm/swapfile.c, mm/swap_cgroup.c: disksize_store, __do_sys_swapon and
     * swap_cgroup_swapon seen */
    {"disksize_store",             OWNER_SWAP        },
    {"zram_meta_alloc",            OWNER_SWAP        },
    {"__do_sys_swapon",            OWNER_SWAP        },
    {"SyS_swapon",                 OWNER_SWAP        },
    {"sys_swapon",                 OWNER_SWAP        },
    {"swap_cgroup_swapon",         OWNER_SWAP        },
    {"init_swap_address_space",    OWNER_SWAP        },
 /* net/netfilter/x_tables.c: xt_alloc_table_info read; inet_pernet_hashinfo_alloc and
     * udp_pernet_table_alloc read (net/ipv4) */
    {"xt_alloc_*",                 OWNER_NETWORK     },
    {"alloc_counters",             OWNER_NETWORK     },
    {"nf_ct_alloc_hashtable",      OWNER_NETWORK     },
    {"inet_pernet_hashinfo_alloc", OWNER_NETWORK     },
    {"udp_pernet_table_alloc",     OWNER_NETWORK     },
    {"xlog_*",                     OWNER_FILE_SYSTEMS},
    {"xfs_*",                      OWNER_FILE_SYSTEMS},
    {"btrfs_*",                    OWNER_FILE_SYSTEMS},
    {"ext4_*",                     OWNER_FILE_SYSTEMS},
    {"jbd2_*",                     OWNER_FILE_SYSTEMS},
    {"squashfs_*",                 OWNER_FILE_SYSTEMS},
    {"fuse_*",                     OWNER_FILE_SYSTEMS},
    {"spl_*",                      OWNER_FILE_SYSTEMS},
 /* crypto/scompress.c: crypto_scomp_init_tfm seen; lz4_alloc_ctx seen on 7.2 */
    {"crypto_*",                   OWNER_COMPRESSION },
    {"zcomp_*",                    OWNER_COMPRESSION },
    {"deflate_*",                  OWNER_COMPRESSION },
    {"lz4_*",                      OWNER_COMPRESSION },
    {"zstd_*",                     OWNER_COMPRESSION },
 /* ftrace_plt_init (s390) and alloc_insn_page (ppc64) seen */
    {"ftrace*",                    OWNER_TRACING     },
    {"alloc_insn_page",            OWNER_TRACING     },
    {"rb_alloc*",                  OWNER_TRACING     },
    {"tracing_*",                  OWNER_TRACING     },
    {"n_tty_open",                 OWNER_TERMINALS   }, /* seen */
    {"vc_*",                       OWNER_TERMINALS   },
    {"seq_buf_alloc",              OWNER_READERS     }, /* the buffer of who reads now */
    {"seq_read*",                  OWNER_READERS     },
    {"single_open_size",           OWNER_READERS     },
};

/* Modules whose own areas have an owner, whatever their functions are called. */
static const struct module_rule {
    const char *module;
    enum vmalloc_owner owner;
} module_rules[] = {
    {"zram",         OWNER_SWAP        },
    {"zsmalloc",     OWNER_SWAP        },
    {"x_tables",     OWNER_NETWORK     },
    {"ip_tables",    OWNER_NETWORK     },
    {"ip6_tables",   OWNER_NETWORK     },
    {"ebtables",     OWNER_NETWORK     },
    {"nf_conntrack", OWNER_NETWORK     },
    {"nf_tables",    OWNER_NETWORK     },
    {"xfs",          OWNER_FILE_SYSTEMS},
    {"btrfs",        OWNER_FILE_SYSTEMS},
    {"ext4",         OWNER_FILE_SYSTEMS},
    {"jbd2",         OWNER_FILE_SYSTEMS},
    {"squashfs",     OWNER_FILE_SYSTEMS},
    {"fuse",         OWNER_FILE_SYSTEMS},
    {"zfs",          OWNER_FILE_SYSTEMS},
    {"spl",          OWNER_FILE_SYSTEMS},
};

/* Compilers add ".isra.0", ".part.3", ".constprop.1", ".cold" to a function's name. */
static bool names_caller(const char *rule, const char *caller)
{
    size_t length = strlen(rule);
    if (length && rule[length - 1] == '*')
        return strncmp(caller, rule, length - 1) == 0;
    return strncmp(caller, rule, length) == 0 && (caller[length] == '\0' || caller[length] == '.');
}

enum vmalloc_owner vmalloc_owner_of(const struct vmalloc_area *area)
{
    for (size_t i = 0; i < sizeof caller_rules / sizeof caller_rules[0]; i++)
        if (names_caller(caller_rules[i].name, area->caller))
            return caller_rules[i].owner;
    if (!area->module)
        return OWNER_OTHER;
    for (size_t i = 0; i < sizeof module_rules / sizeof module_rules[0]; i++)
        if (strcmp(area->module, module_rules[i].module) == 0)
            return module_rules[i].owner;
    return OWNER_DRIVERS;
}

enum vmalloc_memory vmalloc_memory_of(const struct vmalloc_area *area)
{
    if (area->has_pages)
        return VMALLOC_MEMORY_OWN;
    switch (area->type) {
    case VMALLOC_IOREMAP:
        return VMALLOC_MEMORY_DEVICE;
    case VMALLOC_VMAP:
    case VMALLOC_USER:
    case VMALLOC_DMA:
    case VMALLOC_VM_MAP_RAM:
    case VMALLOC_SPARSE:
        return VMALLOC_MEMORY_BORROWED;
    case VMALLOC_VMALLOC:
    case VMALLOC_OTHER:
        if (vmalloc_owner_of(area) == OWNER_PERCPU)
            return VMALLOC_MEMORY_PERCPU;
        break;
    case VMALLOC_UNPURGED:
    case VMALLOC_TYPE_COUNT:
        break;
    }
    return VMALLOC_MEMORY_NONE;
}

const char *vmalloc_memory_word(enum vmalloc_memory memory)
{
    static const char *const words[] = {
        [VMALLOC_MEMORY_OWN] = "vmalloc",   [VMALLOC_MEMORY_PERCPU] = "percpu",
        [VMALLOC_MEMORY_DEVICE] = "device", [VMALLOC_MEMORY_BORROWED] = "borrowed",
        [VMALLOC_MEMORY_NONE] = "none",
    };
    return words[memory];
}
