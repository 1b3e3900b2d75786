"""One diff as its JSON has it, and what a story of the truth files expects of it."""
KIB = 1024


class Diff:
    """Rows of `diff --json`, found by what they are about."""

    def __init__(self, pair):
        self.report = pair.json("diff", "before", "after")
        self.page_bytes = self.report["snapshot"]["page_size_bytes"]
        # What ps --json and kernel --json say of each side, by PID and by cache.
        self.before, self.after = ({row["pid"]: row for row in pair.json("ps", side)["processes"]}
                                   for side in ("before", "after"))
        self.caches = [{row["cache"]: row for row in pair.json("kernel", side)["slab"]}
                       for side in ("before", "after")]
        self.stack_bytes = pair.json("kernel", "after")["totals"]["stack_size_bytes"]

    def slack(self, line):
        """What a machine that does nothing else may take and give back between two snapshots:
        less than is told, and more."""
        page, stack = self.page_bytes, self.stack_bytes or 16 * KIB
        return {"user.anon": (64 * page, 64 * page), "user.shmem": (64 * page, 64 * page),
                "kernel_stacks": (16 * stack, 16 * stack), "page_tables": (16 * page, 256 * page),
                "residual": (2048 * KIB, 2048 * KIB),
                "residual+slab": (2048 * KIB, 24576 * KIB)}[line]

    def process(self, pid, side="after"):
        return next((row for row in self.report["processes"]
                     if row[side] and row[side]["pid"] == pid), None)

    def pid_of(self, row):
        return (row["after"] or row["before"])["pid"]

    def grown(self, pid, key):
        """By how much a figure of ps grew; None where one side has none."""
        sides = [known.get(pid, {}).get(key) for known in (self.before, self.after)]
        return None if None in sides else sides[1] - sides[0]

    def was_read(self, pid):
        """Figures of its mappings are known wherever the process was."""
        sides = [known[pid] for known in (self.before, self.after) if pid in known]
        return bool(sides) and all(side["outcome"] == "read" for side in sides)

    def mappings(self, pid, start, end=None):
        """Rows of a process that hold the address, or any of the range."""
        row = self.process(pid) or self.process(pid, "before")
        end = start + 1 if end is None else end
        return [mapping for mapping in row["mappings"] if int(mapping["start"], 16) < end
                and int(mapping["end"], 16) > start] if row else []

    def ledger(self, name):
        """Rows of a line, of a figure beside them, or of each part of a sum: "slab+residual"."""
        rows = {row["id"]: row for row in self.report["beside"] + self.report["ledger"]}
        return [rows[part] for part in name.split("+") if part in rows]

    def objects(self, name):
        return [row for row in self.report["objects"] if row["name"] == name]

    def kernel(self, kind, name=None):
        return [row for row in self.report["kernel"].get(kind, [])
                if name is None or row["name"] == name]


class Verdict:
    """What was expected, what did not hold, and who may have changed at all."""

    def __init__(self, diff):
        self.diff = diff
        self.looked_at, self.problems = 0, []
        self.unseen = []  # (what this bundle cannot show, the words about it)
        self.sums = {}  # ledger name: [low, high] of all that the story puts into it
        self.named = {kind: set() for kind in ("processes", "objects", "modules")}

    def between(self, what, ours, low, high):
        self.looked_at += 1
        if ours is None or not low <= ours <= high:
            self.problems.append(f"{what}: diff says {ours}, known is {round(low)} to {round(high)}")

    def line(self, name, low, high):
        """Of the ledger: what it changed by, and that this is called a change."""
        rows = self.diff.ledger(name)
        if len(rows) < name.count("+") + 1:
            self.not_seen(name, (low, high))
            return
        self.between(name, sum(row["change_bytes"] for row in rows), low, high)
        self.called(name, rows, low > 0 or high < 0)

    def called(self, what, rows, is_change=True):
        """What the story tells of is beyond noise; what it does not tell of may be."""
        if is_change:
            self.looked_at += 1
            if not any(row["beyond_noise"] for row in rows):
                self.problems.append(f"{what}: changed, and diff calls it noise")

    def near(self, what, ours, known, tolerance=0):
        self.between(what, ours, known - tolerance, known + tolerance)

    def equal(self, what, ours, known):
        self.looked_at += 1
        if ours != known:
            self.problems.append(f"{what}: diff says {ours}, known is {known}")

    def not_seen(self, what, words):
        self.unseen.append((what, str(words)))

    def add(self, line, low, high=None):
        """A part of the change of a ledger's line; compared when the whole story is told."""
        total = self.sums.setdefault(line, [0, 0])
        total[0] += low
        total[1] += low if high is None else high

    def name(self, kind, *names):
        self.named[kind].update(names)

    def mapping(self, pid, start, must_be_called=True, **known):
        """The row of a process's mapping: status, and changes as (bytes, tolerance). Not to be
        called a change: where only others came to have less of a page that it has, too."""
        self.name("processes", pid)
        if self.diff.process(pid) is None:
            self.equal(f"process {pid}", None, "in the diff")
            return
        if not self.diff.was_read(pid):
            self.not_seen(f"mappings of {pid}", (start, known))
            return
        rows = self.diff.mappings(pid, start)
        self.equal(f"rows of {pid} at {start:#x}", len(rows), 1)
        for row in rows[:1]:
            changed = known.get("status") != "same" or any(
                value[0] for value in known.values() if isinstance(value, tuple))
            self.called(f"mapping of {pid} at {start:#x}", rows, must_be_called and changed)
            for key, value in known.items():
                what = f"{key} of {pid} at {start:#x}"
                if isinstance(value, tuple):
                    self.near(what, row[key], *value)
                else:
                    self.equal(what, row[key], value)
    def nothing_else(self):
        """Who is not named did not change beyond noise; the collector is named by the bundle."""
        for row in self.diff.report["processes"]:
            pid = self.diff.pid_of(row)
            if row["beyond_noise"] and pid not in self.named["processes"]:
                self.problems.append(f"process {pid} is {row['status']}, "
                                     f"{row['change_bytes']} bytes, and nobody named it")
        for row in self.diff.report["objects"]:
            if row["beyond_noise"] and not {row["name"], row["kind"]} & self.named["objects"]:
                self.problems.append(f"object {row['name'] or row['kind']} is {row['status']}, "
                                     f"{row['change_bytes']} bytes, and nobody named it")
        for row in self.diff.kernel("modules"):
            if row["name"] not in self.named["modules"]:
                self.problems.append(f"module {row['name']} is {row['status']}, and nobody named it")
