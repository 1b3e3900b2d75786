"""What the words of a truth file mean for the reports: rows of FACTS, each a pattern of a line
and a function of the pair of snapshots and the match."""
import re

KIB = 1024


def numbers(match):
    return [int(text) for text in match.groups()]


def balloon(pair, match):
    """Some drivers shrink MemTotal, some kernels print a line, else it is in the residual."""
    known = int(match[1]) * KIB
    lost = -pair.change("mem_total")
    if lost > known // 2:
        pair.near("MemTotal lost to the balloon", lost, known, known // 50)
        pair.near("the residual did not move", pair.change("residual"), 0, known // 50)
    elif pair.line("after", "balloon"):
        pair.near("the balloon's line", pair.change("balloon"), known, known // 50)
    else:
        pair.near("the residual with the balloon", pair.change("residual"), known, known // 50)


def hugetlb_used(pair, match):
    page_kib, used, reserved = numbers(match)
    line = f"hugetlb.{page_kib}kB"
    pair.near("huge pages in use", pair.line("before", line + ".used"), used * page_kib * KIB, 0)
    pools = [pool for pool in pair.json("kernel", "before").get("pools", [])
             if pool["kind"] == "huge pages" and pool["name"] == f"{page_kib} KiB"]
    pair.near("huge pages reserved", max((pool["reserved_bytes"] for pool in pools), default=None),
              reserved * page_kib * KIB, 0)


def hugetlb_touched(pair, match):
    del match
    used = [name for name in (line["id"] for line in pair.json("ledger", "after")["lines"])
            if re.fullmatch(r"hugetlb\.\d+kB\.used", name)]
    page = max((int(re.search(r"\d+", name)[0]) for name in used if pair.change(name)), default=0)
    pair.expect(f"one more huge page is in use: {[(name, pair.change(name)) for name in used]}",
                page and sum(pair.change(name) for name in used) == page * KIB)


def hugetlb_pool(pair, match):
    before, after = numbers(match)
    sizes = [re.fullmatch(r"hugetlb\.(\d+)kB", line["id"])
             for line in pair.json("ledger", "after")["lines"]]
    size = max((int(found[1]) for found in sizes if found and pair.change(found[0])), default=0)
    pair.near("the pool before", pair.line("before", f"hugetlb.{size}kB"), before * size * KIB, 0)
    pair.near("the pool after", pair.line("after", f"hugetlb.{size}kB"), after * size * KIB, 0)


def swap_of_processes(pair, match):
    """"per process Swap A ..., SwapPss B ...; swap device used C"."""
    swap, swap_pss, device = numbers(match)
    rows = [row for row in pair.json("ps", "after")["processes"]
            if row["swap_bytes"] == swap * KIB and row["swap_pss_bytes"] == swap_pss * KIB]
    pair.expect(f"no two processes have {swap} KiB in swap, {swap_pss} of them their own share",
                len(rows) == 2)
    used = next((item for item in pair.json("check", "after")["identities"]
                 if item["id"] == "swaps_used"), {})
    pair.near("swap in use", used.get("left_bytes"), device * KIB, 0)


def modules_loaded(pair, match):
    wanted = {name.removesuffix(".ko").replace("-", "_") for name in match[1].split()}
    names = {side: {module["name"] for module in pair.json("kernel", side)["modules"]}
             for side in ("before", "after")}
    pair.expect(f"modules of after: {sorted(names['after'])}", wanted <= names["after"])
    pair.expect("modules were loaded before", not wanted & names["before"])
    if pair.change("vmalloc.modules") is not None:
        added = sum(module["size_bytes"] for module in pair.json("kernel", "after")["modules"]
                    if module["name"] in wanted)
        pair.at_least("modules, in vmalloc", pair.change("vmalloc.modules"), added * 9 // 10)


def threads(pair, match):
    side, pid, count = match[1], match[2], int(match[3])
    row = pair.process(side, pid)
    started = count + (0 if side == "before" else threads_before(pair, pid) - 1)
    pair.near(f"threads of {pid} {side}", row and row["threads"], started + 1, 0)
    if side == "after":
        stack = pair.json("kernel", "after")["totals"].get("stack_size_bytes")
        pair.at_least("kernel stacks", pair.change("kernel_stacks"), count * (stack or 4 * KIB))


def threads_before(pair, pid):
    row = pair.process("before", pid)
    return row["threads"] if row and row["threads"] else 0


def orphan_segment(pair, match):
    known = int(match[1]) * KIB
    shared = pair.json("kernel", "before").get("shared", [])
    found = [item for item in shared if item["kind"] == "sysv" and item["unmapped"]]
    pair.expect(f"an unmapped segment of {known} bytes is not told: {found}",
                any(item["resident_bytes"] == known for item in found))
    gone = [item for item in pair.json("kernel", "after").get("shared", [])
            if item["kind"] == "sysv" and item["unmapped"]]
    pair.expect(f"the removed segment is still there: {gone}", not gone)


def sparse(pair, match):
    pair.tables[match[1]] = int(match[2])
    if match[1] == "after":
        page = pair.json("ledger", "after")["snapshot"]["page_size_bytes"]
        known = (pair.tables["after"] - pair.tables.get("before", 0)) * page
        pair.at_least("page tables", pair.change("page_tables"), known)
        pair.near("page tables", pair.change("page_tables"), known, known // 2 + 2048 * KIB)


def full_pipes(pair, match):
    pair.queued[match[1]] += int(match[2]) * KIB
    pair.at_least(f"the residual with pipes {match[1]}", pair.line(match[1], "residual"),
                  pair.queued[match[1]])
    if match[1] == "after":
        pair.at_least("the residual with more pipes", pair.change("residual"),
                      pair.queued["after"])


def packet_rings(pair, match):
    rings = sum(numbers(match)) * KIB
    pair.at_least("the residual with rings and pipes", pair.line("before", "residual"),
                  rings + pair.queued["before"])


def unix_queues(pair, match):
    """Payload is in slab and in page fragments, which are in the residual."""
    pair.payload[match[1]] = int(match[2]) * KIB
    if match[1] == "after":
        known = pair.payload["after"] - pair.payload.get("before", 0)
        pair.at_least("residual and slab with queues", pair.change("residual") +
                      pair.change("slab"), known + pair.queued["after"])


def bpf_map(pair, match):
    side, known = match[1], int(match[2]) * KIB
    if pair.line(side, "vmalloc.bpf") is None:
        return
    figure = pair.line(side, "vmalloc.bpf") if side == "before" else pair.change("vmalloc.bpf")
    pair.at_least(f"BPF maps {side}", figure, known)
    if side == "after":
        pair.near("BPF maps after", figure, known, known // 20)


def more_files(pair, match):
    if match[1] == "after":
        pair.at_least("slab with files", pair.change("slab"), int(match[2]) * 512)


def locked(pair, match):
    pid, known = numbers(match)
    row = pair.process("before", pid)
    if row and row["outcome"] == "read":
        pair.near(f"locked by {pid}", row["locked_bytes"], known * KIB, 0)
    pair.at_least("locked in all", pair.line("before", "mlocked"), known * KIB)


def unlocked(pair, match):
    known = -int(match[1]) * KIB
    pair.near("locked in all", pair.change("mlocked"), known, -known // 4)


def heap_grew(pair, match):
    pid, known = numbers(match)
    row = next((item for item in pair.json("diff", "before", "after")["processes"]
                if item["status"] == "same" and item["before"]["pid"] == pid), None)
    if row and row["after"]["outcome"] == "read":
        page = pair.json("ledger", "after")["snapshot"]["page_size_bytes"]
        pair.near(f"the heap of {pid}", row["change_bytes"], known * KIB, 2 * page + 56 * KIB)


def swapping(pair, match):
    del match
    pair.swaps = True


def shmem_moved(pair, match):
    """Each is a part of the change; the last of them is compared. Swapped pages are not in it."""
    pair.shmem += int(match[2]) * KIB
    if match[1] == "tmpfs" and not pair.swaps:
        pair.near("shared memory and tmpfs", pair.change("user.shmem"), pair.shmem, 128 * KIB)


def huge_pages_of_thp(pair, match):
    """Huge pages that could be had are the group's, and are there once."""
    known = int(match[2]) * KIB
    row = pair.process("before", match[1])
    if row and row["outcome"] == "read" and row["anon_huge_pages_bytes"] == known:
        pair.at_least("anonymous huge pages", pair.line("before", "anon_huge_pages"), known)


def zombie(pair, match):
    row = pair.process("before", match[1])
    pair.expect(f"{match[1]} is a zombie: {row}", row and row["outcome"] == "zombie")


def ram(pair, match):
    """[kpageflags SIDE]: every page of RAM by type, counted just after the snapshot."""
    side, kind, known = pair.section, match[1], int(match[2]) * KIB
    rows = {"hugetlb": ("hugetlb", 0),
            "pagetable": ("page_tables.process", known // 4 + 512 * KIB),
            "slab": ("slab", known // 5 + 4096 * KIB)}
    if kind in rows and side in pair.sides:
        line, tolerance = rows[kind]
        pair.near(f"{line} {side} by page flags", pair.line(side, line), known, tolerance)


def section(pair, match):
    pair.section = match[1]


SIDE = "(before|after)"
FACTS = [(re.compile(pattern), check) for pattern, check in (
    (rf"\[kpageflags {SIDE}\]", section),
    (r"ram (\S+) (\d+) KiB$", ram),
    (r"QMP query-balloon .*balloon_kib=(\d+)", balloon),
    (r"hugetlb before: hugepage_kib=(\d+).* in use (\d+) hugepages, (\d+) more reserved",
     hugetlb_used),
    (r"hugetlb after: third private page touched", hugetlb_touched),
    (r"huge after: nr_hugepages (\d+) -> (\d+)", hugetlb_pool),
    (r"NOTE swap after: .*per process Swap (\d+).* SwapPss (\d+).*swap device used (\d+) KiB",
     swap_of_processes),
    (r"modules after: loaded additionally: (.*)", modules_loaded),
    (rf"threads {SIDE}: pid (\d+) \+(\d+) threads", threads),
    (r"sysv before: .*; shmid \d+ key \S+ (\d+) KiB resident, attached by nobody", orphan_segment),
    (rf"sparse {SIDE}: .*about (\d+) page-table pages", sparse),
    (rf"pipes {SIDE}: .* full pipes, (\d+) KiB", full_pipes),
    (r"packet: pid \d+ has a (\d+) KiB RX ring mapped .* second (\d+) KiB ring", packet_rings),
    (rf"unixsock {SIDE}: pid \d+ queued (\d+) KiB", unix_queues),
    (rf"bpf {SIDE}: .* = (\d+) KiB", bpf_map),
    (rf"slab {SIDE}: (\d+) more empty tmpfs files", more_files),
    (r"mlock before: pid (\d+) .* Locked: (\d+)", locked),
    (r"mlock after: first (\d+) unlocked", unlocked),
    (r"swap before:", swapping),
    (r"(sysv) after: orphan segment removed \((-\d+) KiB Shmem\)", shmem_moved),
    (r"(tmpfs) after: .* \+(\d+) KiB Shmem unmapped", shmem_moved),
    (r"thp before: pids (\d+) \d+ share (\d+) KiB", huge_pages_of_thp),
    (r"zombie: pid (\d+) is a zombie", zombie),
    (r"heapleak after: pid (\d+) \[heap\] \+(\d+) KiB", heap_grew),
)]


def check(pair, truth):
    """Returns the first words of the facts that no row knows; what processes share is in
    facts_test.py."""
    untold = []
    for line in truth:
        found = False
        for pattern, test in FACTS:
            match = pattern.match(line)
            if match:
                test(pair, match)
                found = True
        silent = re.match(r"#|scenario|group|mapped_distinct|ram|flags|\[|$", line)
        if not found and not silent:
            untold.append(line.split(":")[0])
    return untold
