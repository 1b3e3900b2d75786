#!/bin/sh
# `cmake --install` puts the programs and their manual pages where they belong.
#
#   installed_files.sh BUILD_FOLDER
set -eu
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$1" --prefix "$prefix" >/dev/null
status=0
for path in bin/memtally bin/memtally-collect \
    share/man/man1/memtally.1 share/man/man1/memtally-collect.1 share/man/man7/memtally-rules.7 \
    share/doc/memtally/privacy.md share/doc/memtally/accounting.md \
    share/doc/memtally/bundle-format.md share/bash-completion/completions/memtally \
    share/bash-completion/completions/memtally-collect; do
    [ -s "$prefix/$path" ] || { echo "not installed: $path"; status=1; }
done
"$prefix/bin/memtally" --version >/dev/null && "$prefix/bin/memtally-collect" --version >/dev/null ||
    status=1
exit $status
