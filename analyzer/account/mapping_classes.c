/* The table that decides what a mapping is. The first row that fits wins: what a mapping's pages
 * are (huge pages, the kernel's own) goes before what they are used for, names before shapes. */
#include "analyzer/account/mapping_rules.h"

#define KIND(constant) (1u << MAPPING_##constant)
#define ANON           KIND(PRIVATE_ANON)
#define FILES          (KIND(PRIVATE_FILE) | KIND(SHARED_FILE))
#define NOT_PRIVATE    (KIND(SHARED_FILE) | KIND(SHARED_ANON))

#define ROW(class_name, kind_bits, permission_text, name_start, vm_flag, shape_function)           \
    {                                                                                              \
        .mapping_class = MAPPING_CLASS_##class_name, .kinds = (kind_bits),                         \
        .permissions = (permission_text), .name = (name_start), .flag = (vm_flag),                 \
        .shape = (shape_function)                                                                  \
    }

static const struct mapping_rule rules[] = {
    ROW(HUGETLB, 0, NULL, NULL, "ht", NULL),
    ROW(HUGETLB, 0, NULL, "/anon_hugepage", "", NULL),
    ROW(HUGETLB, 0, NULL, NULL, "", shape_hugetlb),

    ROW(VDSO, ANON, NULL, "[vdso", "", NULL),
    ROW(VDSO, ANON, NULL, "[vvar", "", NULL),
    ROW(VDSO, ANON, NULL, "[vsyscall]", "", NULL),
    ROW(VDSO, ANON, NULL, "[vectors]", "", NULL),
    ROW(VDSO, ANON, NULL, "[sigpage]", "", NULL),
    ROW(VDSO, ANON, NULL, "[sigtramp]", "", NULL),
    ROW(VDSO, ANON, NULL, "[uprobes]", "", NULL),

    ROW(STACK, ANON, NULL, "[stack]", "", NULL),
    ROW(STACK, ANON, NULL, NULL, "ss", NULL),
    ROW(THREAD_STACK, ANON, NULL, "[stack:", "", NULL),
    ROW(THREAD_STACK, ANON, NULL, "[anon: glibc: pthread", "", NULL),
    ROW(THREAD_STACK, ANON, NULL, "[anon:stack_and_tls:", "", NULL),
    ROW(THREAD_STACK, ANON, NULL, "[anon:pthread stack", "", NULL),
    ROW(HEAP, ANON, NULL, "[heap]", "", NULL),
    ROW(ARENA, ANON, NULL, "[anon: glibc: malloc arena", "", NULL),
    ROW(HEAP, ANON, NULL, "[anon: glibc: malloc", "", NULL),
    ROW(HEAP, ANON, NULL, "[anon:libc_malloc", "", NULL),
    ROW(HEAP, ANON, NULL, "[anon:scudo:", "", NULL),
    ROW(HEAP, ANON, NULL, "[anon: glibc: loader malloc", "", NULL),
    ROW(GO, ANON, NULL, "[anon: Go:", "", NULL),
    ROW(JVM, 0, NULL, "[anon:dalvik-", "", NULL),
    ROW(JIT, 0, NULL, "/memfd:jit-cache", "", NULL),
    ROW(V8, ANON, NULL, NULL, "", shape_v8_name),
    ROW(LIB_BSS, ANON, NULL, "[anon:.bss]", "", NULL),

    ROW(EXE_TEXT, FILES, "??x?", NULL, "", shape_exe),
    ROW(JIT, 0, "??x?", "/memfd:", "", NULL),
    ROW(SYSV, 0, NULL, NULL, "", shape_sysv_name),
    ROW(POSIX_SHM, FILES, NULL, "/dev/shm/", "", NULL),
    ROW(MEMFD, 0, NULL, "/memfd:", "", NULL),
    ROW(SECRETMEM, 0, NULL, "/secretmem", "", NULL),
    ROW(SHARED_ANON, KIND(SHARED_ANON), NULL, "/dev/zero", "", NULL),
    ROW(SHARED_ANON, 0, NULL, "[anon_shmem:", "", NULL),
    ROW(DAX, 0, NULL, "/dev/dax", "", NULL),
    ROW(DAX, FILES, NULL, NULL, "sf", NULL),
    ROW(DEVICE, FILES, NULL, "/dev/", "", NULL),
    ROW(DEVICE, FILES, NULL, "socket:", "", NULL),
    ROW(DEVICE, FILES, NULL, "anon_inode:", "", NULL),
    ROW(DEVICE, FILES, NULL, "/[aio]", "", NULL),
    ROW(DEVICE, FILES, NULL, "/drm mm object", "", NULL),
    ROW(DEVICE, FILES, NULL, "/i915", "", NULL),

    ROW(EXE_RELRO, KIND(PRIVATE_FILE), "r--p", NULL, "", shape_exe_relro),
    ROW(EXE_DATA, KIND(PRIVATE_FILE), "?w-p", NULL, "", shape_exe),
    ROW(EXE_RODATA, FILES, NULL, NULL, "", shape_exe),
    ROW(LIB_TEXT, FILES, "??x?", NULL, "", NULL),
    ROW(LIB_RELRO, KIND(PRIVATE_FILE), "r--p", NULL, "", shape_library_relro),
    ROW(LIB_DATA, KIND(PRIVATE_FILE), "?w-p", NULL, "", shape_library),
    ROW(LIB_RODATA, FILES, NULL, NULL, "", shape_library),
    ROW(TMPFS, FILES, NULL, NULL, "", shape_tmpfs),
    ROW(JVM, FILES, NULL, "/tmp/hsperfdata_", "", NULL),
    ROW(FILE, FILES, NULL, NULL, "", NULL),

    ROW(JIT, ANON, "??x?", NULL, "", NULL),
    ROW(STACK, ANON, "?w??", NULL, "", shape_first_stack),
    ROW(EXE_BSS, ANON, "rw-p", NULL, "", shape_exe_bss),
    ROW(LIB_BSS, ANON, "rw-p", NULL, "", shape_library_bss),
    ROW(GO, ANON, NULL, NULL, "", shape_go),
    ROW(JVM, ANON, NULL, NULL, "", shape_jvm),
    ROW(ARENA, ANON, "rw-p", NULL, "", shape_arena),
    ROW(THREAD_STACK, ANON, "rw-p", NULL, "", shape_thread_stack),
    ROW(RESERVED, ANON, "---p", NULL, "", shape_large),
    ROW(GUARD, ANON, "---p", NULL, "", NULL),
    ROW(NAMED, ANON, NULL, "[anon:", "", NULL),
    ROW(ANON, ANON, NULL, NULL, "", NULL),
    ROW(SHARED_ANON, NOT_PRIVATE, NULL, NULL, "", NULL),
};

const struct mapping_rule *mapping_builtin_rules(size_t *count)
{
    *count = sizeof rules / sizeof rules[0];
    return rules;
}
