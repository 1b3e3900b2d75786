#!/usr/bin/env python3
"""Both programs together, on trees of fixtures/.

    bundle_test.py TEST BIN_FOLDER PROJECT

TEST is a name from TESTS below. Their figures are compared in JSON: what a bundle of
memtally-collect says, what the tree says that it was made of, and what each packing says.
"""
import gzip
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile

import packed_tree

TREES = ["amd64-6.1-mix-before", "s390x-6.1-mix-before", "i386-6.1-mix-before",
         "ppc64el-6.12-64k-mix", "amd64-6.12-unprivileged", "x86_64-el6", "awkward-names"]
CUT_TREE = "amd64-6.1-mix-before"
CUT_BYTES = 4096
COMMANDS = ["summary", "ledger", "ps", "maps", "share", "kernel", "check", "info"]
PARTIAL_WORDS = (b"cut", b"incomplete", b"end record", b"truncated")


class Programs:
    def __init__(self, folder, project, scratch):
        self.folder, self.scratch = folder, scratch
        self.trees = os.path.join(project, "fixtures", "trees")
        self.problems = []

    def collect(self, tree):
        bundle = os.path.join(self.scratch, tree + ".tar.zst")
        subprocess.run([os.path.join(self.folder, "memtally-collect"), "-q", "--proc-root",
                        os.path.join(self.trees, tree), "-o", bundle],
                       stdin=subprocess.DEVNULL, timeout=120, check=True)
        return bundle

    def memtally(self, command, bundle, *options):
        words = [] if command == "summary" else [command]
        return subprocess.run([os.path.join(self.folder, "memtally"), *words, bundle, *options],
                              stdin=subprocess.DEVNULL, timeout=120, check=False,
                              capture_output=True)

    def figures(self, command, bundle):
        finished = self.memtally(command, bundle, "--json")
        if finished.returncode not in (0, 1):
            raise SystemExit(f"{command} {bundle}: status {finished.returncode}: {finished.stderr}")
        return json.loads(finished.stdout)

    def expect_equal(self, what, one, other):
        if one != other:
            self.problems.append(f"{what}:\n  {str(one)[:1500]}\n  {str(other)[:1500]}")


def processes_of(figures):
    """Rows without what only one form can know (why a file is absent)."""
    return {row["pid"]: {key: row[key] for key in ("comm", "vss_bytes", "rss_bytes", "pss_bytes",
                                                   "uss_bytes", "swap_bytes", "hugetlb_bytes")}
            for row in figures["processes"]}


def collector_and_tree_agree(programs):
    for tree in TREES:
        bundle, folder = programs.collect(tree), os.path.join(programs.trees, tree)
        programs.expect_equal(f"{tree}: ps", processes_of(programs.figures("ps", bundle)),
                              processes_of(programs.figures("ps", folder)))
        ours, theirs = (programs.figures("ledger", path) for path in (bundle, folder))
        programs.expect_equal(f"{tree}: MemTotal", ours["mem_total_bytes"],
                              theirs["mem_total_bytes"])
        programs.expect_equal(f"{tree}: ledger", *(
            {line["id"]: line["bytes"] for line in side["lines"]} for side in (ours, theirs)))


def every_packing_says_the_same(programs):
    tree = "s390x-6.1-mix-before"
    tar = os.path.join(programs.scratch, tree + ".tar")
    packed_tree.pack(os.path.join(programs.trees, tree), tar)
    forms = {"folder": os.path.join(programs.trees, tree), "tar": tar}
    for name, module in (("gz", gzip), ("xz", lzma)):
        forms[name] = f"{tar}.{name}"
        with open(tar, "rb") as source, module.open(forms[name], "wb") as target:
            shutil.copyfileobj(source, target)
    if shutil.which("zstd"):
        forms["zst"] = tar + ".zst"
        subprocess.run(["zstd", "-q", tar, "-o", forms["zst"]], check=True)
    deep = os.path.join(programs.scratch, "deep", "in", "folders")
    shutil.copytree(forms["folder"], deep)
    forms["deep folder"] = os.path.join(programs.scratch, "deep")
    for command in ("ledger", "ps", "maps", "kernel", "check"):
        wanted = programs.figures(command, tar)
        del wanted["snapshot"]
        for name, path in forms.items():
            figures = programs.figures(command, path)
            del figures["snapshot"]  # a folder's times are those of the checkout
            programs.expect_equal(f"{command} of {name}", figures, wanted)


def every_cut_is_survived(programs):
    bundle = programs.collect(CUT_TREE)
    with open(bundle, "rb") as file:
        whole = file.read()
    cut = os.path.join(programs.scratch, "cut.tar.zst")
    opened = 0
    for size in range(0, len(whole), CUT_BYTES):
        with open(cut, "wb") as file:
            file.write(whole[:size])
        for command in COMMANDS:
            finished = programs.memtally(command, cut)
            said = finished.stdout + finished.stderr
            opened += finished.returncode in (0, 1)
            if finished.returncode not in (0, 1, 3):
                programs.problems.append(f"{command}, cut at {size}: {finished}")
            elif size and finished.returncode in (0, 1) and not any(
                    word in said for word in PARTIAL_WORDS):
                programs.problems.append(f"{command}, cut at {size}: no word about it")
            elif finished.returncode == 3 and not finished.stderr:
                programs.problems.append(f"{command}, cut at {size}: no word why")
    if not opened:
        programs.problems.append("no cut bundle could be opened at all")
    print(f"{len(whole)} bytes, {opened} reports from cut bundles")


TESTS = {test.__name__: test for test in (
    collector_and_tree_agree, every_packing_says_the_same, every_cut_is_survived)}


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in TESTS:
        sys.exit(f"{__doc__}\nTESTS: {' '.join(TESTS)}")
    with tempfile.TemporaryDirectory() as scratch:
        programs = Programs(*sys.argv[2:], scratch)
        TESTS[sys.argv[1]](programs)
    for problem in programs.problems[:20]:
        print(problem)
    print(f"{len(programs.problems)} problems")
    sys.exit(1 if programs.problems else 0)


if __name__ == "__main__":
    main()
