#!/bin/sh
# Gets the source trees of libarchive and zstd from the distribution's source packages.
#
#   get_sources.sh FOLDER      leaves FOLDER/libarchive and FOLDER/zstd
#
# apt fetches and authenticates them; the archives must also have a checksum that stands in
# sources.sha256 beside this script. The lists of source packages are kept in FOLDER: nothing
# outside is changed, and root is not needed. With both trees there already, nothing is done.
# These are the upstream archives: patches of the distribution are not applied.
set -eu
pins=$(cd "$(dirname "$0")" && pwd)/sources.sha256

stop() { printf 'get_sources: %s\n' "$*" >&2; exit 1; }

[ $# -eq 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
folder=$PWD

private_apt() {
    apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root \
        -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$folder/apt/sources" \
        -o "Dir::State::Lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt/cache" "$@" </dev/null
}

# The machine's own entries, each made one for source packages.
write_source_entries() {
    rm -rf apt
    mkdir -p apt/sources apt/lists/partial apt/cache/archives/partial
    for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -r "$list" ] || continue
        sed 's/^[[:space:]]*deb[[:space:]]/deb-src /' "$list" >"apt/sources/$(basename "$list" .list).list"
    done
    for list in /etc/apt/sources.list.d/*.sources; do
        [ -r "$list" ] || continue
        sed 's/^Types:.*/Types: deb-src/' "$list" >"apt/sources/$(basename "$list")"
    done
}

# The one archive of a source package that is here and has the right checksum.
verified_archive() {
    for archive in "$1"_*.orig.tar.*; do
        case $archive in *.asc | *'*'*) continue ;; esac
        sum=$(sha256sum "$archive")
        if grep -qxF "${sum%% *}  $archive" "$pins"; then
            printf '%s\n' "$archive"
            return 0
        fi
    done
    return 1
}

# unpack PACKAGE TREE
unpack() {
    archive=$(verified_archive "$1") ||
        stop "$1: what this release of the distribution has ($(echo "$1"_*.orig.tar.*)) has no checksum in $pins"
    rm -rf "$2.new" "$2"
    mkdir "$2.new"
    tar -xf "$archive" -C "$2.new" --strip-components=1
    mv "$2.new" "$2"
    printf '%s: %s, checksum right\n' "$2" "$archive"
}

if [ -d libarchive ] && [ -d zstd ] && verified_archive libarchive && verified_archive libzstd; then
    exit 0
fi
command -v apt-get >/dev/null 2>&1 ||
    stop "no apt here: give your own trees, -DMEMTALLY_LIBARCHIVE_SOURCE=DIR -DMEMTALLY_ZSTD_SOURCE=DIR"
write_source_entries
private_apt update || stop "apt-get update failed"
rm -f libarchive_* libzstd_*
private_apt source --download-only libarchive libzstd || stop "apt-get source failed"
rm -rf apt
unpack libarchive libarchive
unpack libzstd zstd
