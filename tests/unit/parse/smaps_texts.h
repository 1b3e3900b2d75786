/* Blocks of smaps as kernels print them. */
#pragma once

#define HEAD_64 "00400000-00401000 r--p 00000000 00:03 7                                  "
#define HEAD_VDSO                                                                                  \
    "7ffd1000-7ffd3000 r-xp 00000000 00:00 0                                  [vdso]\n"

/* 7.x */
#define BLOCK_7(header, rss)                                                                       \
    header "Size:               1552 kB\n"                                                         \
           "KernelPageSize:        4 kB\n"                                                         \
           "MMUPageSize:           4 kB\n"                                                         \
           "Rss:                " rss " kB\n"                                                      \
           "Pss:                1360 kB\n"                                                         \
           "Pss_Dirty:          1360 kB\n"                                                         \
           "Shared_Clean:          0 kB\n"                                                         \
           "Shared_Dirty:          0 kB\n"                                                         \
           "Private_Clean:         0 kB\n"                                                         \
           "Private_Dirty:      1360 kB\n"                                                         \
           "Referenced:         1360 kB\n"                                                         \
           "Anonymous:             0 kB\n"                                                         \
           "KSM:                   0 kB\n"                                                         \
           "LazyFree:              0 kB\n"                                                         \
           "AnonHugePages:         0 kB\n"                                                         \
           "ShmemPmdMapped:        0 kB\n"                                                         \
           "FilePmdMapped:         0 kB\n"                                                         \
           "Shared_Hugetlb:        0 kB\n"                                                         \
           "Private_Hugetlb:    2048 kB\n"                                                         \
           "Swap:                  0 kB\n"                                                         \
           "SwapPss:               0 kB\n"                                                         \
           "Locked:                0 kB\n"                                                         \
           "THPeligible:           0\n"                                                            \
           "ProtectionKey:         0\n"                                                            \
           "VmFlags: rd ex mr mw me sd \n"

/* 2.6.32: no Anonymous, no VmFlags */
#define BLOCK_OLD(header)                                                                          \
    header "Size:                 12 kB\n"                                                         \
           "Rss:                   8 kB\n"                                                         \
           "Pss:                   4 kB\n"                                                         \
           "Shared_Clean:          8 kB\n"                                                         \
           "Shared_Dirty:          0 kB\n"                                                         \
           "Private_Clean:         0 kB\n"                                                         \
           "Private_Dirty:         0 kB\n"                                                         \
           "Referenced:            8 kB\n"                                                         \
           "Swap:                  0 kB\n"                                                         \
           "KernelPageSize:        4 kB\n"                                                         \
           "MMUPageSize:           4 kB\n"

/* 3.10, which prints Nonlinear only for some mappings */
#define BLOCK_3(header, nonlinear)                                                                 \
    header "Size:                 12 kB\n"                                                         \
           "Rss:                   8 kB\n"                                                         \
           "Pss:                   4 kB\n"                                                         \
           "Locked:                0 kB\n" nonlinear "VmFlags: rd wr mr mw me \n"

#define NONLINEAR "Nonlinear:            16 kB\n"
