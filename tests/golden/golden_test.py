#!/usr/bin/env python3
"""What memtally prints for the trees of fixtures/, byte for byte.

    golden_test.py PROGRAM PROJECT CASE     compares with tests/golden/CASE/
    UPDATE_GOLDEN=1 golden_test.py ...      writes tests/golden/CASE/ anew

A case is a folder of fixtures/trees, a pair `NAME-before`..`NAME-after` called `NAME-diff`,
a folder of fixtures/{good,bad,unsupported} called KIND-NAME, or `verify-NAME`: the words of
fixtures/words/NAME.txt in fixtures/trees/NAME. Its folder here holds one
file a run, COMMAND.txt or COMMAND.json, and status.txt: what each run ended with and said
on stderr. Trees are packed first (see packed_tree.py), and the program runs beside the tar,
so that neither times nor paths of this machine are in its output.
"""
import difflib
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import packed_tree

SUMMARY = "summary"  # no command at all
ONE_SNAPSHOT = [SUMMARY, "ledger", "ps", "maps", "share", "kernel", "cgroups", "check", "info"]
# What is large and tells little twice is kept in one form only for most trees; a list of
# a thousand members tells nothing at all.
JSON_EVERYWHERE = ["ledger", "check"]
EVERYTHING_IN_JSON = ["awkward-names", "x86_64-el6", "s390x-6.1-mix-before", "no-smaps",
                      "s390x-6.1-mix-diff"]
EXPLAINED = {"amd64-6.1-swap-after": ["user.swap_cache", "residual", "Mapped"],
             "ppc64el-6.12-64k-mix": ["hugetlb.2048kB.used"]}
# The other rows and columns of ps.
PS_VIEWS = {"awkward-names": ["users", "mappings"], "s390x-6.1-mix-before": ["users"],
            "no-smaps": ["users", "mappings"], "x86_64-el6": ["mappings"]}
PS_COLUMNS = ("pid,user,virt,res,shr,%mem,epss,stacks,locked,pssanon,pssfile,pssshmem,pssdirty,"
              "threads,minflt,majflt,oom,oomadj,freed,name")
# All columns of cgroups that are not shown without -c.
FLAT_COLUMNS = "own,limit,peak,shmem,mapped,outmax,inmax,ownprocs,unread,dying,hits,oomkills,name"
OTHER_COLUMNS = ("own,stack,pagetables,percpu,slab,vmalloc,sock,zswap,container,runtime,pod,unit,"
                 "name")
# Groups of ps and maps.
GROUPED = {"amd64-6.1-mix-before": ["program"], "x86_64-el6": ["program"]}
SHARED = {"amd64-6.1-mix-before": {"pid": ["--pid", "137,138"], "group": ["--group", "program"]},
          "pages": {"pid": ["--pid", "10,11"], "pid.human": ["--pid", "10,11", "-h"],
                    "group": ["--group", "program"]}}
PAGES = {"pages": {"": [], ".pid": ["--pid", "10,12"]}}
# The levels of diff, and its other rows.
DIFF_LEVELS = ["ledger", "program", "process", "class", "object", "mapping", "kernel"]
DIFF_VIEWS = {"s390x-6.1-mix-diff": {**{level: ["--by", level] for level in DIFF_LEVELS},
                                     "process.all": ["--by", "process", "-a"],
                                     "all": ["-a", "-n", "12"],
                                     "pid": ["--pid", "1,2", "--by", "process"],
                                     "group": ["--group", "cgroup"],
                                     "group_and_level": ["--group", "user", "--by", "process"],
                                     "columns": ["-c", "change"],
                                     "no_pid": ["--pid", "4000000"]}}
# Some processes of a tree, in pmap's modes and in ours.
PMAP = {"amd64-6.1-mix-before": ["140"], "i386-6.1-mix-before": ["154"], "x86_64-el6": ["1"],
        "awkward-names": ["10", "11", "4000000"], "ppc64el-6.12-64k-mix": ["183"], "no-smaps": ["1"]}
PMAP_MODES = {"": [], ".x": ["-x"], ".d": ["-d", "-p"], ".X": ["-X"], ".XX": ["-XX", "-q"],
              ".long": ["-l", "-t"]}
# Sanitizers slow the programs down, a hundred runs a tree do not.
TIMEOUT_SECONDS = 120


class Case:
    def __init__(self, project, name):
        self.fixtures = os.path.join(project, "fixtures")
        self.name = name
        self.runs = []  # (file name, arguments)
        self.words = None
        kind, _, rest = name.partition("-")
        if kind in ("good", "bad", "unsupported"):
            self.inputs = [os.path.join(self.fixtures, kind, rest)]
            self.runs = [("summary.txt", [self.argument(0)]),
                         ("ledger.json", ["ledger", self.argument(0), "--json"])]
        elif kind == "verify":
            self.inputs = [os.path.join(self.fixtures, "trees", rest)]
            self.words = os.path.join(self.fixtures, "words", f"{rest}.txt")
            words = ["--words", "words.txt"]
            self.runs = [("verify.txt", ["verify", self.argument(0), *words]),
                         ("verify.json", ["verify", self.argument(0), *words, "--json"]),
                         ("verify.case.txt", ["verify", self.argument(0), *words, "-i"]),
                         ("verify.none.txt", ["verify", self.argument(0), "--words", "none.txt"]),
                         ("verify.folder.txt", ["verify", rest, *words])]
        elif name.startswith("cgroups-"):
            self.inputs = [os.path.join(self.fixtures, "trees", name)]
            command = ["cgroups", self.argument(0)]
            self.runs = [("cgroups.txt", command), ("cgroups.json", [*command, "--json"]),
                         ("cgroups.flat.txt", [*command, "-n", "4", "-c", FLAT_COLUMNS]),
                         ("cgroups.all.txt", [*command, "-a", "-b", "-c", OTHER_COLUMNS]),
                         ("check.txt", ["check", self.argument(0)])]
        elif name.endswith("-diff"):
            base = os.path.join(self.fixtures, "trees", name[:-len("-diff")])
            self.inputs = [base + "-before", base + "-after"]
            both = [self.argument(0), self.argument(1)]
            self.runs = [("diff.txt", ["diff", *both])]
            for word, options in DIFF_VIEWS.get(name, {}).items():
                self.runs.append((f"diff.{word}.txt", ["diff", *options, *both]))
            if name in EVERYTHING_IN_JSON:
                self.runs.append(("diff.json", ["diff", *both, "--json"]))
        else:
            self.inputs = [os.path.join(self.fixtures, "trees", name)]
            for part in ("identities", "rules") if name == "awkward-names" else ():
                self.runs.append((f"check.{part}.txt", ["check", f"--{part}", self.argument(0)]))
            for line in EXPLAINED.get(name, []):
                explain = ["ledger", "--explain", line, self.argument(0)]
                self.runs.append((f"explain.{line}.txt", explain))
                self.runs.append((f"explain.{line}.json", [*explain, "--json"]))
            self.add_views_of_ps()
            for word, options in SHARED.get(name, {}).items():
                share = ["share", self.argument(0), *options]
                self.runs.append((f"share.{word}.txt", share))
                self.runs.append((f"share.{word}.json", [*share, "--json"]))
            for word, options in PAGES.get(name, {}).items():
                pages = ["pages", self.argument(0), *options]
                self.runs += [(f"pages{word}.txt", pages),
                              (f"pages{word}.json", [*pages, "--json"])]
            if name in PMAP:
                pids = [self.argument(0), *PMAP[name]]
                self.runs += [(f"pmap{mode}.txt", ["pmap", *options, *pids])
                              for mode, options in PMAP_MODES.items()]
                self.runs.append(("pmap.json", ["pmap", "--json", *pids]))
                self.runs.append(("pmap.all.txt", ["pmap", "--totals", self.argument(0)]))
            for command in ONE_SNAPSHOT:
                words = [] if command == SUMMARY else [command]
                self.runs.append((command + ".txt", [*words, self.argument(0)]))
                if command in JSON_EVERYWHERE or (
                        name in EVERYTHING_IN_JSON and command != SUMMARY
                        and not (command == "info" and "-mix-" in name)):
                    self.runs.append((command + ".json", [*words, self.argument(0), "--json"]))

    def add_views_of_ps(self):
        bundle = self.argument(0)
        for key in GROUPED.get(self.name, []):
            view = ["ps", "-t", "--group", key]
            self.runs.append((f"ps.{key}.txt", [*view, bundle]))
            maps = ["maps", "--group", key]
            self.runs.append((f"maps.{key}.txt", [*maps, bundle]))
            self.runs.append((f"maps.{key}.json", [*maps, "-M", "(SYSV|zero|pfile|httpd)", "--json",
                                                   bundle]))
            self.runs.append((f"ps.{key}.some.txt", [*view, "-U", "^0$", "-P", "w$", "-p", bundle]))
            self.runs.append((f"ps.{key}.json", [*view, "-P", "(memfd|httpd)", "--json", bundle]))
        for rows in PS_VIEWS.get(self.name, []):
            view = ["ps", f"--{rows}"]
            self.runs.append((f"ps.{rows}.txt", [*view, "-t", bundle]))
            if "-mix-" not in self.name:
                self.runs.append((f"ps.{rows}.json", [*view, bundle, "--json"]))
        if self.name in PS_VIEWS:
            self.runs.append(("ps.columns.txt", ["ps", "-t", "-c", PS_COLUMNS, bundle]))
            self.runs.append(("ps.percent.txt", ["ps", "-t", "-p", bundle]))

    def argument(self, number):
        path = self.inputs[number]
        return os.path.basename(path) + ("" if os.path.isfile(path) else ".tar")

    def prepare(self, scratch):
        if self.words:
            shutil.copy(self.words, os.path.join(scratch, "words.txt"))
            shutil.copytree(self.inputs[0], os.path.join(scratch, os.path.basename(self.inputs[0])))
            with open(os.path.join(scratch, "none.txt"), "w", encoding="utf-8") as file:
                file.write("nowhere to be seen\n")
        for number, path in enumerate(self.inputs):
            target = os.path.join(scratch, self.argument(number))
            if os.path.isfile(path):
                with open(path, "rb") as source, open(target, "wb") as copy:
                    copy.write(source.read())
            else:
                packed_tree.pack(path, target)


def outputs_of(case, program):
    """{file name: bytes} of all runs, status.txt among them."""
    outputs, statuses = {}, []
    with tempfile.TemporaryDirectory() as scratch:
        case.prepare(scratch)
        for name, arguments in case.runs:
            finished = subprocess.run(
                [program, *arguments], cwd=scratch, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=TIMEOUT_SECONDS, check=False,
                env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "COLUMNS": "100"})
            outputs[name] = finished.stdout
            statuses.append(f"memtally {' '.join(arguments)}: status {finished.returncode}\n"
                            + finished.stderr.decode(errors="backslashreplace"))
    outputs["status.txt"] = "".join(statuses).encode()
    return {name: data for name, data in outputs.items() if data}


def update(folder, outputs):
    os.makedirs(folder, exist_ok=True)
    for path in glob.glob(os.path.join(folder, "*")):
        os.remove(path)
    for name, data in outputs.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)


def differences(folder, outputs):
    wanted = {}
    for path in glob.glob(os.path.join(folder, "*")):
        with open(path, "rb") as file:
            wanted[os.path.basename(path)] = file.read()
    for name in sorted(set(wanted) | set(outputs)):
        old, new = wanted.get(name, b""), outputs.get(name, b"")
        if old != new:
            lines = [text.decode(errors="backslashreplace").splitlines() for text in (old, new)]
            yield from list(difflib.unified_diff(*lines, f"golden/{name}", "printed now",
                                                 lineterm="", n=1))[:40]


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, project, name = sys.argv[1:]
    folder = os.path.join(project, "tests", "golden", name)
    outputs = outputs_of(Case(project, name), program)
    crashed = [line for line in outputs["status.txt"].decode().split("\n")
               if ": status -" in line or "ERROR: " in line or "runtime error" in line]
    if crashed:
        sys.exit("\n".join(crashed))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        update(folder, outputs)
        print(f"{folder}: {len(outputs)} files written")
        return
    found = list(differences(folder, outputs))
    print("\n".join(found))
    if found:
        sys.exit("\nIf this is what memtally should print now: UPDATE_GOLDEN=1, read the diff, commit.")


if __name__ == "__main__":
    main()
