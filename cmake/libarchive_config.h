/* What libarchive's own ./configure would find out, as far as its pax writer asks: the same on
 * Linux with glibc and with musl, on every architecture. Used with MEMTALLY_LIBARCHIVE_SOURCE.
 * iconv is there for every static build: collector/pack/ascii_iconv.c. */
#pragma once

#define HAVE_ICONV 1
#define ICONV_CONST
#define HAVE_ICONV_H     1
#define HAVE_LANGINFO_H  1
#define HAVE_NL_LANGINFO 1

#define HAVE_ERRNO_H          1
#define HAVE_FCNTL_H          1
#define HAVE_INTTYPES_H       1
#define HAVE_LIMITS_H         1
#define HAVE_STDINT_H         1
#define HAVE_STDLIB_H         1
#define HAVE_STRING_H         1
#define HAVE_SYS_STAT_H       1
#define HAVE_SYS_TYPES_H      1
#define HAVE_UNISTD_H         1
#define HAVE_WCHAR_H          1
#define HAVE_DECL_INT32_MAX   1
#define HAVE_DECL_INT32_MIN   1
#define HAVE_DECL_INT64_MAX   1
#define HAVE_DECL_INT64_MIN   1
#define HAVE_DECL_INTMAX_MAX  1
#define HAVE_DECL_INTMAX_MIN  1
#define HAVE_DECL_SIZE_MAX    1
#define HAVE_DECL_SSIZE_MAX   1
#define HAVE_DECL_UINT32_MAX  1
#define HAVE_DECL_UINT64_MAX  1
#define HAVE_DECL_UINTMAX_MAX 1

#define HAVE_EILSEQ   1
#define HAVE_GETPID   1
#define HAVE_MBRTOWC  1
#define HAVE_MKSTEMP  1
#define HAVE_WCRTOMB  1
#define HAVE_WCSCPY   1
#define HAVE_WCSLEN   1
#define HAVE_WCTOMB   1
#define HAVE_WMEMCMP  1
#define HAVE_WMEMCPY  1
#define HAVE_WMEMMOVE 1
