#!/bin/sh
# Runs shellcheck over every script of the project.
#
#   shell_scripts.sh PROJECT       status 77 (skipped) without shellcheck
set -eu
cd "$1"
command -v shellcheck >/dev/null 2>&1 || { echo "skipped: no shellcheck here"; exit 77; }
find tests fixtures scripts -name '*.sh' -print0 | xargs -0 shellcheck bootstrap .ci/run
