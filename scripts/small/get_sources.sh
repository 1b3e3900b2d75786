#!/bin/sh
# Gets the source trees of libarchive and zstd from the distribution's source packages.
#
#   get_sources.sh FOLDER      leaves FOLDER/libarchive and FOLDER/zstd
#
# apt fetches and authenticates them; the upstream archives must also have a checksum that
# stands in sources.sha256 beside this script. The distribution's patches are applied. They change
# with each security update: patches that are newer than sources.sha256 are named and taken on
# apt's word. The lists of source packages are kept in FOLDER: nothing outside is changed, and
# root is not needed. With both trees there already, nothing is done.
set -eu
pins=$(cd "$(dirname "$0")" && pwd)/sources.sha256

own_trees='give your own trees: cmake --preset small -DMEMTALLY_LIBARCHIVE_SOURCE=DIR -DMEMTALLY_ZSTD_SOURCE=DIR'

stop() { printf 'get_sources: %s\n' "$*" >&2; exit 1; }

[ $# -eq 1 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
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

is_pinned() {
    sum=$(sha256sum "$1")
    grep -qxF "${sum%% *}  $1" "$pins"
}

# The upstream archive of a source package that is here and has the right checksum.
verified_archive() {
    for archive in "$1"_*.orig.tar.*; do
        case $archive in *.asc | *'*'*) continue ;; esac
        if is_pinned "$archive"; then
            printf '%s\n' "$archive"
            return 0
        fi
    done
    return 1
}

# apply_patches PACKAGE TREE: those of debian/patches/series, if the package has them.
apply_patches() {
    for archive in "$1"_*.debian.tar.*; do
        [ -f "$archive" ] || return 0
        rm -rf "$1.debian"
        mkdir "$1.debian"
        tar -xf "$archive" -C "$1.debian"
        patches=$1.debian/debian/patches
        count=0
        if [ -f "$patches/series" ]; then
            while read -r name rest; do
                case $name in '' | '#'*) continue ;; esac
                [ -z "$rest" ] || stop "$archive: patch $name wants '$rest', which is not known here"
                patch -d "$2" -p1 -f -s <"$patches/$name" >"$1.log" ||
                    stop "$archive: patch $name does not apply: $(tail -n 3 "$1.log")"
                count=$((count + 1))
            done <"$patches/series"
        fi
        rm -rf "$1.debian" "$1.log"
        if is_pinned "$archive"; then
            printf '%s: %s patches of %s, checksum right\n' "$1" "$count" "$archive"
        else
            printf '%s: %s patches of %s, NOT in sources.sha256: on the word of apt alone\n' "$1" "$count" "$archive"
        fi
    done
}

# unpack PACKAGE TREE
unpack() {
    archive=$(verified_archive "$1") ||
        stop "$1: what this release of the distribution has ($(echo "$1"_*.orig.tar.*)) has no checksum in $pins; $own_trees"
    printf '%s: %s, checksum right\n' "$1" "$archive"
    rm -rf "$2.new" "$2"
    mkdir "$2.new"
    tar -xf "$archive" -C "$2.new" --strip-components=1
    apply_patches "$1" "$2.new"
    : >"$2.new/.patched"
    mv "$2.new" "$2"
}

if [ -e libarchive/.patched ] && [ -e zstd/.patched ] && verified_archive libarchive && verified_archive libzstd; then
    exit 0
fi
command -v apt-get >/dev/null 2>&1 || stop "no apt here; $own_trees"
command -v patch >/dev/null 2>&1 || stop "no patch here (the package patch)"
write_source_entries
private_apt update || stop "apt-get update failed; $own_trees"
rm -f libarchive_* libzstd_*
private_apt source --download-only libarchive libzstd || stop "apt-get source failed; $own_trees"
rm -rf apt
unpack libarchive libarchive
unpack libzstd zstd
