"""What the words of a truth file mean for the diff of its pair.

A row of FACTS: a pattern of the text, often from a line "TAG before:" to "TAG after:", and a function
of the verdict and the words found. Every named group is used by the function, so that a wrong word
must break something; pairs_test.py tries that with each of them.
"""
import re
from types import SimpleNamespace

import pair_checks as checks

PID, ADDR = r"pid (?P<pid>\d+)", r"(?P<addr>0x[0-9a-f]+)"
PIDS, SIZE = r"pids (?P<pids>\d[\d ()a-z]*?)", r"(?P<size>\d+) KiB"
FACTS = [(re.compile(pattern, re.MULTILINE | re.DOTALL), check) for pattern, check in (
    (rf"^cowgrp before: {PIDS} share one anon VMA at {ADDR}.*?"
     rf"^cowgrp after: {PID} broke COW on first (?P<broke>\d+) KiB", checks.cow_broken),
    (rf"^pfile before: {PIDS} map MAP_PRIVATE (?P<path>\S+) at {ADDR}.*?"
     rf"^pfile after: {PID} wrote first (?P<wrote>\d+) KiB", checks.file_written),
    (rf"^sfile after: {PID} dirtied first", checks.file_dirtied),
    (rf"^sanon before: {PIDS} share \S+ \S+ shmem at {ADDR}; distinct {SIZE}.*?"
     rf"^sanon after: {PID} unmapped it; Pss (?P<pss>\d+) each", checks.shared_unmapped),
    (rf"^sysv before: [^\n]*; shmid (?P<id>\d+) key (?P<key>\S+) {SIZE} resident, attached by nobody.*?"
     r"^sysv after: orphan segment removed \((?P<removed>-\d+) KiB", checks.orphan_removed),
    (r"^tmpfs after: \S+ \+(?P<size>\d+) KiB Shmem unmapped", checks.file_made),
    (rf"^hugetlb before: hugepage_kib=(?P<page>\d+); {PID} private VMA {ADDR}.*?"
     r"^hugetlb after: \w+ private page touched", checks.huge_page_touched),
    (rf"^thp before: {PIDS} share \d+ KiB at {ADDR}.*?"
     rf"^thp after: {PID} dropped (?P<pages>\d+) pages", checks.huge_page_split),
    (rf"^mlock before: {PID} locked anon VMA {ADDR} {SIZE}.*?"
     r"^mlock after: first (?P<unlocked>\d+) unlocked", checks.unlocked),
    (rf"^vma\d after: {PID} new VMA {ADDR} size_kib=(?P<size>\d+) [^\n]*-> rss_kib=(?P<rss>\d+)",
     checks.mapping_made),
    (r"^inplace before: [^\n]* rss_kib=(?P<empty>\d+).*?"
     rf"^inplace after: {PID} same VMA {ADDR} rss_kib=(?P<rss>\d+)", checks.filled_in_place),
    (rf"^heapleak after: {PID} \[heap\] \+(?P<grown>\d+) KiB", checks.heap_grew),
    (rf"^threads after: {PID} \+(?P<count>\d+) threads [^\n]*stacks (?P<stack>\d+) KiB",
     checks.threads_started),
    (r"^balloon after: [^\n]* from (?P<start>\d+) to (?P<to>\d+) \((?P<unit>\d+) KiB units\)",
     checks.balloon_inflated),
    (r"^hugetlb before: hugepage_kib=(?P<page>\d+).*?"
     r"^huge after: nr_hugepages (?P<start>\d+) -> (?P<to>\d+)", checks.pool_resized),
    (rf"^ksm before: {PID} has \d+ KiB of identical pages at {ADDR}.*?"
     r"^huge after: [^\n]* pages_sharing (?P<sharing>\d+)", checks.pages_merged),
    (rf"^pipes after: {PID} holds \d+ more full pipes, {SIZE}", checks.pipes_filled),
    (rf"^unixsock after: {PID} queued {SIZE}", checks.sockets_filled),
    (rf"^bpf after: {PID} [^\n]* = {SIZE}", checks.bpf_map_made),
    (rf"^sparse after: {PID} VMA {ADDR} size_kib=(?P<size>\d+) rss_kib=(?P<rss>\d+) "
     r"[^\n]*about (?P<tables>\d+) page-table pages", checks.spread_out),
    (r"^procs after: (?P<count>\d+) more idle children of pid (?P<pid>\d+)", checks.children_started),
    (r"^slab after: (?P<count>\d+) more empty tmpfs files \((?P<caches>[\w ,]+)\)", checks.files_made),
    (r"^modules after: loaded additionally: (?P<modules>[^\n]*\S)", checks.modules_loaded),
    (rf"^swap before: pids (?P<parent>\d+) (?P<child>\d+) share \d+ KiB anon at {ADDR}"
     r"[^\n]*; (?P<out>\d+) KiB private at \S+ paged out.*?^swap after: child killed, pageout of "
     r"(?P<anon>\d+) anon \(ok\) and (?P<shmem>\d+) shmem \(ok\) asked, then forked again "
     r"pid (?P<new>\d+)", checks.swapped_out),
)]
LISTS = {"pids": r"\d+", "caches": r"\w+", "modules": r"\S+"}


def told_by(match):
    """The words as what they mean: numbers, addresses, lists, else text."""
    told = SimpleNamespace()
    for name, text in match.groupdict().items():
        if name in LISTS:
            parts = re.findall(LISTS[name], text)
            setattr(told, name, [int(part) for part in parts] if name == "pids" else parts)
        else:
            setattr(told, name, text if name == "path" else int(text, 0))
    return told


def judge(verdict, text):
    """Everything that the text tells, and then the sums of it."""
    for pattern, check in FACTS:
        for match in pattern.finditer(text):
            check(verdict, told_by(match))
    for line, (low, high) in sorted(verdict.sums.items()):
        below, above = verdict.diff.slack(line)
        verdict.line(line, low - below, high + above)


def falsified(text):
    """The text with one word changed, once for each word that a fact was told by."""
    spans = {match.span(name) for pattern, _ in FACTS for match in pattern.finditer(text)
             for name in match.groupdict()}
    for start, end in sorted(spans):
        right = text[start:end]
        found = re.search(r"(0x[0-9a-f]+|\d+)(?!.*\d)", right)
        wrong = right + "x"
        if found:
            number = int(found[0], 0) * 3 + 1000
            word = hex(number) if found[0].startswith("0x") else str(number)
            wrong = right[:found.start()] + word + right[found.end():]
        yield right, wrong, text[:start] + wrong + text[end:]


def untold(text):
    """Tags of changes that no row knows."""
    known = set()
    for pattern, _ in FACTS:
        for match in pattern.finditer(text):
            lines = match[0].split("\n")
            known |= {lines[0].split()[0], lines[-1].split()[0]}
    return sorted(set(re.findall(r"^(\w+) after:", text, re.MULTILINE)) - known)
