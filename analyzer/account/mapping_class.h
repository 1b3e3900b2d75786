/* What each mapping of a process is: its kind (who could see a write, and whether a file stands
 * behind it) and its class (heap, library text, thread stack, ...). Classes come from one ordered
 * table of rules, mapping_classes.c, behind those of a user's file; the first rule that fits
 * decides. Where only the shape tells, the class says so (mapping_class_how()). */
#pragma once

#include "analyzer/model/snapshot.h"

/* X(constant, word). Shared anonymous is shared memory without a path in a file system: SysV, memfd,
 * /dev/zero, huge pages without a file. POSIX shm and tmpfs are files. */
#define MAPPING_KINDS(X)                                                                           \
    X(PRIVATE_FILE, "private-file")                                                                \
    X(SHARED_FILE, "shared-file")                                                                  \
    X(PRIVATE_ANON, "private-anon")                                                                \
    X(SHARED_ANON, "shared-anon")

enum mapping_kind {
#define MAPPING_KIND_CONSTANT(constant, word) MAPPING_##constant,
    MAPPING_KINDS(MAPPING_KIND_CONSTANT)
#undef MAPPING_KIND_CONSTANT
        MAPPING_KIND_COUNT
};

#define MAPPING_CLASSES_MAX 128 /* with those of a user's file */

/* X(constant, id, how it is told). Ids are stable: scripts use them. */
#define MAPPING_CLASSES(X)                                                                         \
    X(HUGETLB, "hugetlb", "flag ht, a page size above the machine's, or a hugetlbfs mount")        \
    X(VDSO, "vdso", "[vdso], [vvar], [vsyscall] and the like: code and data of the kernel")        \
    X(STACK, "stack", "[stack], where stat says that the first one began, or flag ss")             \
    X(THREAD_STACK, "thread-stack",                                                                \
      "[stack:TID], a name, or by shape: behind a small guard, with threads")                      \
    X(HEAP, "heap", "[heap], or a name that malloc gave")                                          \
    X(ARENA, "arena", "by shape: aligned as glibc's arenas are, the rest of it reserved behind")   \
    X(GO, "go", "a name that the Go runtime gave, or its fixed addresses")                         \
    X(JVM, "jvm", "a name of Java or ART, or below 32 GiB in a process with libjvm.so")            \
    X(V8, "v8", "a name that V8 gave")                                                             \
    X(JIT, "jit", "memory without a file, or a memfd, that may be executed")                       \
    X(SYSV, "sysv", "/SYSV and the key in hexadecimal")                                            \
    X(POSIX_SHM, "posix-shm", "a file below /dev/shm")                                             \
    X(MEMFD, "memfd", "/memfd:NAME")                                                               \
    X(SECRETMEM, "secretmem", "/secretmem: pages that the kernel itself cannot read")              \
    X(SHARED_ANON, "shared-anon", "/dev/zero or [anon_shmem:NAME], shared")                        \
    X(DAX, "dax", "flag sf, or /dev/dax: persistent memory without page cache")                    \
    X(TMPFS, "tmpfs", "a file of a device that is mounted as tmpfs")                               \
    X(DEVICE, "device", "/dev, socket: and anon_inode: pages of a driver or of the kernel")        \
    X(EXE_TEXT, "exe.text", "executable part of the program's own file")                           \
    X(EXE_RELRO, "exe.relro", "read-only now, written while it was linked")                        \
    X(EXE_RODATA, "exe.rodata", "read-only part of the program's own file")                        \
    X(EXE_DATA, "exe.data", "writable part of the program's own file")                             \
    X(EXE_BSS, "exe.bss", "by shape: memory without a file right behind the program's data")       \
    X(LIB_TEXT, "lib.text", "executable part of another file")                                     \
    X(LIB_RELRO, "lib.relro", "read-only now, written while it was linked")                        \
    X(LIB_RODATA, "lib.rodata", "read-only part of a file that is mapped executable elsewhere")    \
    X(LIB_DATA, "lib.data", "writable part of a file that is mapped executable elsewhere")         \
    X(LIB_BSS, "lib.bss", "by shape: memory without a file right behind a library's data")         \
    X(FILE, "file", "any other file")                                                              \
    X(GUARD, "guard", "no access allowed, at most 256 KiB")                                        \
    X(RESERVED, "reserved", "no access allowed, larger: address space kept for later")             \
    X(NAMED, "named", "[anon:NAME], a name that no other class knows")                             \
    X(ANON, "anon", "any other memory without a file")

enum mapping_class {
#define MAPPING_CLASS_CONSTANT(constant, id, how) MAPPING_CLASS_##constant,
    MAPPING_CLASSES(MAPPING_CLASS_CONSTANT)
#undef MAPPING_CLASS_CONSTANT
        MAPPING_CLASS_COUNT /* a user's own classes begin here */
};

struct mapping_label {
    uint8_t kind;          /* enum mapping_kind                                             */
    uint8_t mapping_class; /* enum mapping_class, or a user's; below mapping_class_count()  */
};

const char *mapping_kind_word(enum mapping_kind kind); /* static */

struct mapping_classifier;

/* For one snapshot, which must outlive it. NULL with *why when memory ran out. */
struct mapping_classifier *mapping_classifier_create(const struct snapshot *snapshot,
                                                     struct failure *why);
void mapping_classifier_free(struct mapping_classifier *classifier); /* NULL is fine */

/* Puts the rules of a file before all others, in their order; a second file goes behind the first.
 * Fails USAGE with the file and the line for a rule that is wrong, SYSTEM when it cannot be read.
 * The format: mapping_class_file.c and the manual. */
bool mapping_classifier_add_file(struct mapping_classifier *classifier, const char *path,
                                 struct failure *why);

/* Labels all mappings of a process: `out` has room for process->mapping_count. Cannot fail. */
void mapping_classify(struct mapping_classifier *classifier, const struct process *process,
                      struct mapping_label *out);

/* Classes known to a classifier, and their ids and how they are told; "user's file" for those of
 * a file. Borrowed from the classifier. */
unsigned mapping_class_count(const struct mapping_classifier *classifier);
const char *mapping_class_id(const struct mapping_classifier *classifier, unsigned mapping_class);
const char *mapping_class_how(const struct mapping_classifier *classifier, unsigned mapping_class);
