#!/bin/sh
# mandoc has nothing to say about the manual pages.
#
#   manual_pages.sh PROJECT        status 77 (skipped) without mandoc
set -eu
cd "$1"
command -v mandoc >/dev/null 2>&1 || { echo "skipped: no mandoc here"; exit 77; }
mandoc -T lint -W warning docs/*.[17]
