#!/usr/bin/env python3
"""Includes go downward only, and each outside library is known to the files named here only.

    include_layers.py PROJECT      reads every #include line of PROJECT
    include_layers.py --self-test  plants breaches and sees that each is found
"""
import os
import re
import sys
import tempfile

# A folder, and the folders whose headers its files may include (its own always).
MAY_INCLUDE = {
    "schema": [],
    "collector": ["schema"],
    "analyzer/base": ["schema"],
    "analyzer/parse": ["schema", "analyzer/base"],
    "analyzer/bundle": ["schema", "analyzer/base"],
    "analyzer/verify": ["schema", "analyzer/base", "analyzer/bundle"],
    "analyzer/model": ["schema", "analyzer/base", "analyzer/parse", "analyzer/bundle"],
    "analyzer/account": ["schema", "analyzer/base", "analyzer/parse", "analyzer/model"],
    "analyzer/compare": ["schema", "analyzer/base", "analyzer/parse", "analyzer/model",
                         "analyzer/account"],
    "analyzer/views": ["schema", "analyzer/base", "analyzer/model", "analyzer/account",
                       "analyzer/compare", "analyzer/verify"],
    "analyzer/commands": ["schema", "analyzer/base", "analyzer/model", "analyzer/account",
                          "analyzer/compare", "analyzer/verify", "analyzer/views"],
    "analyzer": ["schema", "analyzer/base", "analyzer/commands"],
}

# An outside header (by its beginning), and its doors: the files that may know it.
DOORS = {
    "archive": ["collector/pack/bundle_writer.c", "analyzer/bundle/source/archive_source.c",
                "analyzer/bundle/source/unpacker.c"],
    "zstd": ["collector/pack/frame_writer.c", "analyzer/bundle/source/zstd_source.c"],
    "cjson/": ["analyzer/views/json.c"],
    "cJSON": ["analyzer/views/json.c"],
    "libsmartcols/": ["analyzer/views/table.c"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The longest folder in MAY_INCLUDE that holds this file, None for others."""
    folder = os.path.dirname(path)
    while folder:
        if folder in MAY_INCLUDE:
            return folder
        folder = os.path.dirname(folder)
    return None


def source_files(project):
    for top in ("schema", "collector", "analyzer"):
        for folder, folders, names in os.walk(os.path.join(project, top)):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), project)


def includes(project, path):
    with open(os.path.join(project, path), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1) == '"', match.group(2)


def resolve(project, path, name):
    """Where an include of the project's own leads: beside the file, or from the top."""
    beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
    if os.path.exists(os.path.join(project, beside)):
        return beside
    return name if os.path.exists(os.path.join(project, name)) else None


def breaches(project):
    found = []
    for path in source_files(project):
        layer = layer_of(path)
        for number, quoted, name in includes(project, path):
            place = f"{path}:{number}"
            if not quoted:
                found += [f"{place}: <{name}> is for {' and '.join(files)} only"
                          for beginning, files in DOORS.items()
                          if name.startswith(beginning) and path not in files]
                continue
            target = resolve(project, path, name)
            if target is None:
                found.append(f'{place}: "{name}" is no file of the project')
                continue
            other = layer_of(target)
            if other != layer and other not in MAY_INCLUDE[layer]:
                found.append(f"{place}: {layer} may not include {target}")
    return found


def self_test():
    clean = {
        "schema/failure.h": "",
        "collector/main.c": '#include "schema/failure.h"\n#include <stdio.h>\n',
        "collector/pack/bundle_writer.c": "#include <archive.h>\n#include <archive_entry.h>\n",
        "analyzer/parse/meminfo.h": "",
        "analyzer/parse/system/deep.h": '#include "analyzer/parse/meminfo.h"\n',
        "analyzer/bundle/source/archive_source.c": "#include <archive.h>\n",
        "analyzer/bundle/source/unpacker.c": "#include <archive.h>\n",
        "analyzer/bundle/bundle.h": "",
        "analyzer/model/snapshot.h": '#include "analyzer/parse/meminfo.h"\n',
        "analyzer/views/json.c": '#include <cjson/cJSON.h>\n#include "analyzer/model/snapshot.h"\n',
        "analyzer/main.c": "",
    }
    planted = {
        "schema/failure.c": '#include "collector/limits.h"\n',
        "collector/peek.c": '#include "analyzer/model/snapshot.h"\n',
        "collector/second.c": "#include <archive.h>\n",
        "analyzer/parse/up.c": '#include "analyzer/model/snapshot.h"\n',
        "analyzer/parse/sideways.c": '#include "analyzer/bundle/bundle.h"\n',
        "analyzer/views/raw.c": '#include "analyzer/parse/meminfo.h"\n',
        "analyzer/views/raw2.c": '#  include  "../parse/meminfo.h"\n',
        "analyzer/bundle/reader.c": "#include <archive_entry.h>\n",
        "analyzer/commands/json.c": "#include <cjson/cJSON.h>\n",
        "analyzer/base/copy.c": '#include "collector/limits.h"\n',
        "analyzer/model/lost.c": '#include "nowhere.h"\n',
    }
    clean["collector/limits.h"] = ""

    def write(project, files):
        for path, text in files.items():
            os.makedirs(os.path.join(project, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(project, path), "w", encoding="utf-8") as file:
                file.write(text)

    failures = []
    with tempfile.TemporaryDirectory() as project:
        write(project, clean)
        if breaches(project):
            failures.append(f"a clean tree is refused: {breaches(project)}")
    for path, text in planted.items():
        with tempfile.TemporaryDirectory() as project:
            write(project, clean)
            write(project, {path: text})
            if len(breaches(project)) != 1:
                failures.append(f"{path} with {text!r}: {breaches(project)}")
    return failures


def main():
    if sys.argv[1:] == ["--self-test"]:
        problems = self_test()
    elif len(sys.argv) == 2:
        problems = breaches(sys.argv[1])
    else:
        sys.exit(__doc__)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
