"""Packs trees of fixtures/ into tars that are the same on every machine and every day."""
import io
import os
import tarfile

import pages_member

# A checkout has the times of the checkout. Snapshots named "-after" are a minute younger.
TAKEN_AT = 1767268800  # 2026-01-01T12:00:00Z
MINUTE = 60


def pack(tree, target):
    """Writes the files below the folder `tree` to the tar `target`."""
    time = TAKEN_AT + (MINUTE if tree.rstrip("/").endswith("-after") else 0)
    paths = []
    for folder, _, names in os.walk(tree):
        paths += [os.path.relpath(os.path.join(folder, name), tree) for name in names]
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(paths):
            with open(os.path.join(tree, path), "rb") as file:
                data = file.read()
            if os.path.basename(path) == "pages.txt":  # the binary member, told in words
                path, data = path[:-len(".txt")], pages_member.encode(data.decode())
            entry = tarfile.TarInfo(path)
            entry.size, entry.mtime, entry.mode = len(data), time, 0o444
            archive.addfile(entry, io.BytesIO(data))
