#!/bin/sh
# Fuzzes every target of a build, each for its share of the time.
#
#   run.sh SECONDS_TOTAL BUILD_FOLDER
#
# Starts from the seeds beside this script, writes nothing there. Inputs that break a target stay in
# BUILD_FOLDER/fuzz-findings, and end this with status 1.
set -eu
if [ $# -ne 2 ] || [ ! -d "$2/bin" ]; then
    echo "usage: run.sh SECONDS_TOTAL BUILD_FOLDER (built with the fuzz preset)" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
seconds_total=$1
build=$(cd "$2" && pwd)
findings=$build/fuzz-findings
mkdir -p "$findings"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

set -- "$build"/bin/fuzz_*
if [ ! -x "$1" ]; then
    echo "no fuzz target in $build/bin" >&2
    exit 2
fi
seconds=$((seconds_total / $#))
# libFuzzer ends in the second after the last one it was given
if [ "$seconds" -gt 1 ]; then
    seconds=$((seconds - 1))
else
    seconds=1
fi
status=0
for target in "$@"; do
    name=${target##*/fuzz_}
    mkdir -p "$scratch/$name"
    set -- "$scratch/$name"
    [ ! -d "$here/corpus/$name" ] || set -- "$@" "$here/corpus/$name"
    if "$target" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=1024 \
        -dict="$here/proc.dict" -artifact_prefix="$findings/$name-" -print_final_stats=1 \
        "$@" >"$scratch/$name.log" 2>&1; then
        verdict=fine
    else
        verdict="BROKEN"
        status=1
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$name.log")
    printf '%-20s %10s executions  %s\n' "$name" "${runs:-?}" "$verdict"
    [ "$verdict" = fine ] || tail -n 40 "$scratch/$name.log"
done
exit $status
