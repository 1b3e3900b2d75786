"""smem's three views beside memtally's, over processes that stand still: every column of each.

What smem does differently, and is not copied:
  * the name of a mapping ends at its first blank, so "a b" becomes "a", and "x (deleted)" is added
    to the "x" that took its place;
  * a name of a process ends at its first ')';
  * a process that maps a file with a name like a field is lost, and ends smem -m and smem -u;
  * VSS of users is printed from PSS;
  * avguss cannot be asked for (it fails);
  * columns of text are cut.
"""
import collections
import json
import re

SIZES = ("swap", "uss", "pss", "rss", "vss")
AVERAGES = ("avgpss", "avguss", "avgrss")
NAME_CUT, COMMAND_CUT, MAP_CUT = 24, 27, 40


def numbers_of(text, columns):
    """[(first `columns` words as numbers, the rest of the line)]"""
    rows = []
    for line in text.splitlines():
        words = line.split(None, columns)
        rows.append((tuple(int(word) for word in words[:columns]),
                     words[columns].rstrip() if len(words) > columns else ""))
    return rows


class Views:
    """Both programs, asked for the same processes."""

    def __init__(self, smem, memtally, bundle, pattern):
        self.run_smem, self.memtally, self.bundle, self.pattern = smem, memtally, bundle, pattern

    def smem(self, *arguments):
        return self.run_smem("smem", "-n", "-H", "-P", self.pattern, *arguments)

    def ours(self, *arguments):
        text = self.memtally.text("ps", "-H", "-P", self.pattern, *arguments, self.bundle)
        return text.decode(errors="surrogateescape")

    def json(self, *arguments):
        return json.loads(self.memtally.text("ps", "--json", "-P", self.pattern, *arguments,
                                             self.bundle))


def processes_problems(views):
    columns = "pid user maps " + " ".join(SIZES)
    theirs, ours = (sorted(numbers_of(program("-c", columns), 8))
                    for program in (views.smem, views.ours))
    problems = [] if theirs == ours else [f"processes: smem {theirs}, memtally {ours}"]
    rows = {row["pid"]: row for row in views.json()["processes"]}
    for (pid,), name in numbers_of(views.smem("-c", "pid name"), 1):
        if pid in rows and name != rows[pid]["comm"].split(")")[0][:NAME_CUT].strip():
            problems.append(f"name of {pid}: smem {name!r}, memtally {rows[pid]['comm']!r}")
    for (pid,), command in numbers_of(views.smem("-c", "pid command"), 1):
        if pid in rows and command != rows[pid]["cmdline"][:COMMAND_CUT].strip():
            problems.append(f"command of {pid}: smem {command!r}, "
                            f"memtally {rows[pid]['cmdline']!r}")
    return problems, len(ours)


def users_problems(views):
    theirs = sorted(numbers_of(views.smem("-u", "-c", "user count swap uss pss rss"), 6))
    ours = sorted(numbers_of(views.ours("--users", "-c", "user count swap uss pss rss"), 6))
    problems = [] if theirs == ours else [f"users: smem {theirs}, memtally {ours}"]
    sizes = collections.Counter()
    for (user, vss), _ in numbers_of(views.smem("-c", "user vss"), 2):
        sizes[user] += vss  # smem -u would print PSS
    vss = dict(numbers for numbers, _ in numbers_of(views.ours("-u", "-c", "user vss"), 2))
    if vss != dict(sizes):
        problems.append(f"VSS of users: sums of smem's processes {dict(sizes)}, memtally {vss}")
    return problems


def named_like_smem(rows):
    """Our rows under the names that smem gives them: {name: (figures, how many rows were joined)}"""
    joined = {}
    for figures, name in rows:
        short = "<anonymous>" if name == "[anon]" else name.split()[0]
        before, count = joined.get(short, ((0,) * len(figures), 0))
        joined[short] = (tuple(a + b for a, b in zip(before, figures)), count + 1)
    return joined


def mappings_problems(views):
    columns = ("count", *SIZES, "pids", *AVERAGES)
    ours = named_like_smem(numbers_of(
        views.ours("--mappings", "-c", " ".join((*columns, "map"))), len(columns)))
    askable = [column for column in columns if column != "avguss"]
    theirs = numbers_of(views.smem("-m", "-c", " ".join((*askable, "map"))), len(askable))
    by_name, problems = collections.defaultdict(list), []
    for figures, name in theirs:
        figures = dict(zip(askable, figures))
        figures["avguss"] = figures["uss"] // figures["pids"]
        by_name[name[:MAP_CUT]].append(tuple(figures[column] for column in columns))
    for name, (figures, joined) in ours.items():
        compared = len(columns) if joined == 1 else 1 + len(SIZES)  # processes may be the same ones
        candidates = by_name[name[:MAP_CUT]]
        match = next((row for row in candidates if row[:compared] == figures[:compared]), None)
        if match is None:
            problems.append(f"mappings {name!r}: {columns} smem {candidates}, memtally {figures}")
        else:
            candidates.remove(match)
    left = {name: rows for name, rows in by_name.items() if rows}
    if left:
        problems.append(f"mappings that only smem has: {left}")
    return problems, len(ours)


def percent_problems(views):
    theirs, ours = (sorted(program("-p", "-c", "pid uss pss rss vss").split("\n"), key=str.split)
                    for program in (views.smem, views.ours))
    same = [line.split() for line in theirs] == [line.split() for line in ours]
    return [] if same else [f"shares: smem {theirs}, memtally {ours}"]


def totals_problems(views):
    last = views.smem("-t", "-c", " ".join(SIZES)).splitlines()[-1].split()
    ours = views.ours("-t", "-c", " ".join(SIZES)).splitlines()[-1].split()
    return [] if last == ours else [f"totals: smem {last}, memtally {ours}"]


def pattern_of(scratch):
    """Of the command lines of the sharer in this folder, and of nothing else."""
    return f"/sharer [^ ]*{re.sub('[^A-Za-z0-9_/]', '.', scratch)} without-field-name$"


def compare(smem, memtally, bundle, scratch):
    """([problem], "what was compared")"""
    views = Views(smem, memtally, bundle, pattern_of(scratch))
    problems, processes = processes_problems(views)
    more, mappings = mappings_problems(views)
    problems += more + users_problems(views) + percent_problems(views) + totals_problems(views)
    return problems, f"{processes} processes and {mappings} names of mappings equal in every column"



def figures_now(smem, scratch):
    """What smem prints now: equal before and behind the snapshot if nothing moved."""
    arguments = ("smem", "-n", "-H", "-P", pattern_of(scratch))
    return smem(*arguments, "-m") + smem(*arguments)
