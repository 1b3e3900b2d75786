/* make-bundle [--own | --manifest FILE] [--top NAME] TREE OUT: packs a tree of text into OUT.
 *
 * Without an option: a tar in zstd with the tree as it is, a foreign form. With --manifest: our own
 * form, with that file as manifest. With --own: the same with the tree's own manifest. --top is
 * the folder in our own form; without it, OUT's name without ".tar.zst". */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "schema/bundle_format.h"
#include "tests/support/own_form.h"

static int usage(void)
{
    fputs("usage: make-bundle [--own | --manifest FILE] [--top NAME] TREE OUT\n", stderr);
    return 2;
}

static char *top_of(const char *out)
{
    const char *slash = strrchr(out, '/');
    char *top = strdup(slash ? slash + 1 : out);
    if (!top)
        abort();
    struct slice name = slice_of(top);
    if (slice_ends(name, SLICE(BUNDLE_FILE_SUFFIX)))
        top[name.length_bytes - (sizeof BUNDLE_FILE_SUFFIX - 1)] = '\0';
    return top;
}

static bool write_out(const char *path, const struct built *built)
{
    FILE *out = fopen(path, "we");
    if (!out)
        return false;
    bool good = fwrite(built->at, 1, built->count, out) == built->count;
    return fclose(out) == 0 && good;
}

/* A file whole; built.at is NULL if it cannot be read. */
static struct built read_whole(const char *path)
{
    struct built text = {0};
    char buffer[4096];
    size_t got;
    FILE *from = fopen(path, "re");
    while (from && (got = fread(buffer, 1, sizeof buffer, from)) > 0)
        built_append(&text, buffer, got);
    if (from)
        fclose(from);
    return text;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"own",      no_argument,       NULL, 'o'},
        {"manifest", required_argument, NULL, 'm'},
        {"top",      required_argument, NULL, 't'},
        {NULL,       0,                 NULL, 0  },
    };
    const char *manifest_path = NULL, *top_given = NULL;
    bool own = false;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        own = own || option == 'o' || option == 'm';
        if (option == 'm')
            manifest_path = optarg;
        else if (option == 't')
            top_given = optarg;
        else if (option != 'o')
            return usage();
    }
    if (argc - optind != 2)
        return usage();
    struct built manifest = {0};
    if (manifest_path)
        manifest = read_whole(manifest_path);
    if (manifest_path && !manifest.at) {
        perror(manifest_path);
        return 1;
    }
    struct tree_files tree = tree_read(argv[optind]);
    char *top = top_given ? strdup(top_given) : top_of(argv[optind + 1]);
    struct slice manifest_text = {(const char *)manifest.at, manifest.count};
    struct built bundle = own ? tree_pack_own(&tree, top, manifest_text) : tree_pack_foreign(&tree);
    bool written = write_out(argv[optind + 1], &bundle);
    if (!written)
        perror(argv[optind + 1]);
    free(top);
    free(manifest.at);
    free(bundle.at);
    tree_free(&tree);
    return written ? 0 : 1;
}
