#!/bin/sh
# clang-tidy over what BUILD_FOLDER/compile_commands.json lists, in parallel.
# Newer releases know more checks: only the one that .clang-tidy was written for counts.
#
#   clang_tidy.sh BUILD_FOLDER [JOBS]
set -eu
release=14
if ! clang-tidy --version | grep -q "version $release\."; then
    echo "skipped: no clang-tidy $release here"
    exit 0
fi
if ! run-clang-tidy -quiet -j "${2:-2}" -p "$1" '(schema|collector|analyzer|tests)/.*\.c$' \
    >"$1/clang-tidy.log" 2>&1; then
    sed 's/\x1b\[[0-9;]*m//g' "$1/clang-tidy.log" | grep -E '(warning|error):' | sort -u
    echo "clang-tidy: not clean (all of it: $1/clang-tidy.log)"
    exit 1
fi
echo "clang-tidy: clean"
