/* iconv(3) of the static program: ASCII to ASCII, and nothing else.
 *
 * libarchive asks iconv for "this locale to UTF-8" when it writes a pax header, and
 * bundle_writer.c gives that writer ASCII names only. glibc's own iconv would read gconv files
 * of the machine that we are looking at and could load its modules, made for another libc. */
#include <errno.h>
#include <iconv.h>
#include <stddef.h>

static char the_converter;

/* libc declares them with reserved names.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

iconv_t iconv_open(const char *to, const char *from)
{
    (void)to;
    (void)from;
    return &the_converter;
}

size_t iconv(iconv_t converter, char **in, size_t *in_left, char **out, size_t *out_left)
{
    (void)converter;
    while (in && *in && *in_left > 0) {
        if ((unsigned char)**in >= 0x80) {
            errno = EILSEQ;
            return (size_t)-1;
        }
        if (*out_left == 0) {
            errno = E2BIG;
            return (size_t)-1;
        }
        *(*out)++ = *(*in)++;
        (*in_left)--;
        (*out_left)--;
    }
    return 0;
}

int iconv_close(iconv_t converter)
{
    (void)converter;
    return 0;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
