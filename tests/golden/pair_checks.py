"""What each kind of change must look like in the diff: functions of the verdict and what was told."""
import re

from pair_diff import KIB

ROUNDED = KIB  # smaps cuts each figure off to KiB, on both sides
GUARD = 64 * KIB  # below a stack, at most


def cow_broken(verdict, told):
    """Of n that shared it one has now its own copy, and n - 1 share what n did."""
    broke, count = told.broke * KIB, len(told.pids)
    for pid in told.pids:
        change = (broke - broke / count if pid == told.pid
                  else broke / (count - 1) - broke / count)
        verdict.mapping(pid, told.addr, status="same", change_bytes=(change, 2 * ROUNDED),
                        rss_change_bytes=(0, 0), size_change_bytes=(0, 0))
    verdict.add("user.anon", broke)
    verdict.name("objects", "anon")


def file_written(verdict, told):
    """A private mapping of a file: what is written becomes anonymous, the cache keeps its page."""
    wrote, count = told.wrote * KIB, len(told.pids)
    for pid in told.pids:
        mine = pid == told.pid
        change = wrote - wrote / count if mine else wrote / (count - 1) - wrote / count
        verdict.mapping(pid, told.addr, must_be_called=mine, status="same", name=told.path,
                        change_bytes=(change, 2 * ROUNDED), size_change_bytes=(0, 0))
    verdict.equal(f"process {told.pid}", verdict.diff.process(told.pid) is not None, True)
    if all(verdict.diff.was_read(pid) for pid in told.pids):
        grown = verdict.diff.grown(told.pid, "pss_anon_bytes")
        verdict.near(f"anonymous memory of {told.pid}", grown, wrote, 16 * verdict.diff.page_bytes)
        rows = verdict.diff.objects(told.path)
        verdict.near(f"object {told.path}", sum(row["change_bytes"] for row in rows), wrote,
                     2 * ROUNDED * count)
    verdict.add("user.anon", wrote)
    verdict.name("objects", told.path)


def file_dirtied(verdict, told):
    """Clean pages became dirty ones: nobody has more or less of them."""
    row = verdict.diff.process(told.pid)
    verdict.near(f"RSS of {told.pid}", row and row["rss_change_bytes"], 0,
                 16 * verdict.diff.page_bytes)
    verdict.name("processes", told.pid)


def shared_unmapped(verdict, told):
    size, count = told.size * KIB, len(told.pids)
    for pid in told.pids:
        if pid == told.pid:
            verdict.mapping(pid, told.addr, status="gone", change_bytes=(-size / count, ROUNDED),
                            rss_change_bytes=(-size, 0), size_change_bytes=(-size, 0))
        else:
            verdict.mapping(pid, told.addr, status="same", rss_change_bytes=(0, 0),
                            change_bytes=(told.pss * KIB - size / count, 2 * ROUNDED))
    row = verdict.diff.process(told.pid)
    verdict.near(f"RSS of {told.pid}", row and row["rss_change_bytes"], -size,
                 16 * verdict.diff.page_bytes)
    verdict.name("objects", "shmem")


def orphan_removed(verdict, told):
    verdict.equal("the removed segment was that size", -told.size, told.removed)
    known = told.removed * KIB
    verdict.line("user.shmem.sysv", known, known)
    rows = [row for row in verdict.diff.kernel("shared") if row["detail"] == "sysv"]
    verdict.equal("segments that went", [(row["status"], row["change_bytes"]) for row in rows],
                  [("gone", known)])
    for row in rows:
        verdict.equal("id and key", [int(word, 0) for word in re.findall(r"0x\w+|\d+", row["name"])],
                      [told.id, told.key])
    verdict.called("the segment", rows)
    verdict.add("user.shmem", known)


def file_made(verdict, told):
    verdict.add("user.shmem", told.size * KIB)


def huge_page_touched(verdict, told):
    verdict.mapping(told.pid, told.addr, status="same", rss_change_bytes=(0, 0),
                    hugetlb_change_bytes=(told.page * KIB, 0))
    verdict.line(f"hugetlb.{told.page}kB.used", told.page * KIB, told.page * KIB)
    if verdict.diff.was_read(told.pid):
        rows = verdict.diff.objects("/anon_hugepage (deleted)")
        verdict.near("objects of huge pages", sum(row["hugetlb_change_bytes"] for row in rows),
                     told.page * KIB)
    verdict.name("objects", "hugetlb")


def huge_page_split(verdict, told):
    """Pages that one of the group dropped belong to the others."""
    dropped, count = told.pages * verdict.diff.page_bytes, len(told.pids)
    for pid in told.pids:
        mine = pid == told.pid
        change = -dropped / count if mine else dropped / (count - 1) - dropped / count
        verdict.mapping(pid, told.addr, status="same", change_bytes=(change, 2 * ROUNDED),
                        rss_change_bytes=(-dropped if mine else 0, 0), size_change_bytes=(0, 0))
    verdict.name("objects", "anon")


def unlocked(verdict, told):
    """The mapping is in parts now; together they are what it was. On a machine of large pages the
    counter of locked pages may stand still so long; then the process tells it."""
    counter = verdict.diff.ledger("mlocked")
    verdict.near("locked memory", sum(row["change_bytes"] for row in counter),
                 -told.unlocked * KIB)
    verdict.equal(f"process {told.pid}", verdict.diff.process(told.pid) is not None, True)
    verdict.name("processes", told.pid)
    if not verdict.diff.was_read(told.pid):
        verdict.not_seen(f"mappings of {told.pid}", told)
        return
    verdict.equal(f"locked by {told.pid} before", verdict.diff.before[told.pid]["locked_bytes"],
                  told.size * KIB)
    verdict.equal(f"locked by {told.pid}", verdict.diff.grown(told.pid, "locked_bytes"),
                  -told.unlocked * KIB)
    rows = verdict.diff.mappings(told.pid, told.addr, told.addr + told.size * KIB)
    verdict.between(f"rows of {told.pid} where it was", len(rows), 1, 3)
    verdict.called("what was unlocked", counter + rows)
    for key in ("rss_change_bytes", "size_change_bytes"):
        verdict.near(f"{key} of {told.pid}, in all", sum(row[key] for row in rows), 0)
    verdict.name("objects", "anon")


def mapping_made(verdict, told):
    verdict.mapping(told.pid, told.addr, status="new", size_change_bytes=(told.size * KIB, 0),
                    rss_change_bytes=(told.rss * KIB, 0), change_bytes=(told.rss * KIB, ROUNDED))
    verdict.add("user.anon", told.rss * KIB)
    verdict.name("objects", "anon")


def filled_in_place(verdict, told):
    grown = (told.rss - told.empty) * KIB
    verdict.mapping(told.pid, told.addr, status="same", size_change_bytes=(0, 0),
                    rss_change_bytes=(grown, 0), change_bytes=(grown, ROUNDED))
    verdict.add("user.anon", grown)
    verdict.name("objects", "anon")


def heap_grew(verdict, told):
    """By one page of slack more or less; the break may be set in steps."""
    grown, page = told.grown * KIB, verdict.diff.page_bytes
    verdict.name("processes", told.pid)
    verdict.name("objects", "heap")
    verdict.add("user.anon", grown - page, grown + page)
    row = verdict.diff.process(told.pid)
    verdict.near(f"RSS of {told.pid}", row and row["rss_change_bytes"], grown, 16 * page)
    if row and verdict.diff.was_read(told.pid):
        heaps = [mapping for mapping in row["mappings"] if mapping["name"] == "[heap]"]
        verdict.equal(f"heaps of {told.pid}", len(heaps), 1)
        for heap in heaps:
            verdict.between("the heap's RSS", heap["rss_change_bytes"], grown - page, grown + page)
            verdict.between("the heap's size", heap["size_change_bytes"], grown - page,
                            grown + 33 * page)


def threads_started(verdict, told):
    verdict.name("processes", told.pid)
    verdict.name("objects", "anon", "stack")
    row = verdict.diff.process(told.pid)
    verdict.equal(f"threads of {told.pid}", verdict.diff.grown(told.pid, "threads"), told.count)
    kernel_stacks(verdict, told.count)
    page = verdict.diff.page_bytes
    if row and verdict.diff.was_read(told.pid):
        made = [mapping for mapping in row["mappings"] if mapping["status"] == "new"]
        verdict.between(f"stacks of {told.pid}", sum(item["size_change_bytes"] for item in made),
                        told.count * told.stack * KIB, told.count * (told.stack * KIB + GUARD + page))
    elif row:
        verdict.not_seen(f"stacks of {told.pid}", told)
    verdict.add("user.anon", told.count * page, 3 * told.count * page)


def kernel_stacks(verdict, count):
    known = verdict.diff.stack_bytes
    low, high = (known, known) if known else (4 * KIB, 64 * KIB)
    verdict.add("kernel_stacks", count * low, count * high)


def balloon_inflated(verdict, told):
    """Some drivers shrink MemTotal, some kernels print a line, else it is in the residual."""
    known = (told.to - told.start) * told.unit * KIB
    if any(row["change_bytes"] for row in verdict.diff.ledger("mem_total")):
        verdict.line("mem_total", -known, -known)
    elif verdict.diff.ledger("balloon"):
        verdict.line("balloon", known, known)
    else:
        verdict.add("residual", known)


def pool_resized(verdict, told):
    grown = (told.to - told.start) * told.page * KIB
    verdict.line(f"hugetlb.{told.page}kB", grown, grown)


def pages_merged(verdict, told):
    """All of them are still mapped; what they share is split among all that map it."""
    merged = told.sharing * verdict.diff.page_bytes
    verdict.mapping(told.pid, told.addr, status="same", rss_change_bytes=(0, 0),
                    change_bytes=(-merged, 2 * ROUNDED))
    verdict.add("user.anon", -merged)
    verdict.name("objects", "anon")


def pipes_filled(verdict, told):
    verdict.name("processes", told.pid)
    row = verdict.diff.process(told.pid)
    verdict.near(f"RSS of {told.pid}", row and row["rss_change_bytes"], 0,
                 16 * verdict.diff.page_bytes)
    verdict.add("residual+slab", told.size * KIB)


def sockets_filled(verdict, told):
    """Payload lies in page fragments or in slab, with a head to each message."""
    verdict.name("processes", told.pid)
    row = verdict.diff.process(told.pid)
    verdict.near(f"RSS of {told.pid}", row and row["rss_change_bytes"], 0,
                 16 * verdict.diff.page_bytes)
    verdict.add("residual+slab", told.size * KIB, told.size * KIB * 3 // 2)


def bpf_map_made(verdict, told):
    verdict.name("processes", told.pid)
    known = told.size * KIB
    verdict.equal(f"process {told.pid}", verdict.diff.process(told.pid) is not None, True)
    verdict.line("vmalloc.bpf", known, known + known // 20)
    if verdict.diff.ledger("vmalloc.bpf"):
        rows = sorted(verdict.diff.kernel("vmalloc"), key=lambda row: -row["change_bytes"])[:1]
        verdict.between("one caller made them", sum(row["change_bytes"] for row in rows), known,
                        known + known // 20)
        verdict.called("the caller", rows)


def spread_out(verdict, told):
    """A page here and there: few pages, and a page table to each of them."""
    page = verdict.diff.page_bytes
    verdict.mapping(told.pid, told.addr, size_change_bytes=(told.size * KIB, 0),
                    rss_change_bytes=(told.rss * KIB, 0), change_bytes=(told.rss * KIB, ROUNDED))
    verdict.add("user.anon", told.rss * KIB)
    verdict.add("page_tables", told.tables * page)
    verdict.name("objects", "anon")


def children_started(verdict, told):
    made = [pid for pid, row in verdict.diff.after.items()
            if row["ppid"] == told.pid and pid not in verdict.diff.before]
    verdict.equal(f"new children of {told.pid}", len(made), told.count)
    for pid in made:
        row = verdict.diff.process(pid)
        verdict.equal(f"process {pid}", row and row["status"], "new")
    verdict.name("processes", told.pid, *made)
    verdict.name("objects", "anon", "stack", "heap")
    kernel_stacks(verdict, told.count)
    page = verdict.diff.page_bytes
    verdict.add("page_tables", told.count * 3 * page, told.count * 16 * page)
    verdict.add("user.anon", told.count * 4 * page, told.count * 16 * page)


def files_made(verdict, told):
    """Objects of each cache; what a slab holds beyond them is loss, and files have few names."""
    for cache in told.caches:
        before, after = (side.get(cache) for side in verdict.diff.caches)
        if not after:
            verdict.not_seen(f"cache {cache}", told)
            continue
        objects = after["objects"] - (before["objects"] if before else 0)
        verdict.between(f"objects of {cache}", objects, told.count, told.count * 3)
        rows = verdict.diff.kernel("slab", cache)
        verdict.called(f"cache {cache}", rows)
        verdict.between(f"cache {cache}", sum(row["change_bytes"] for row in rows),
                        told.count * after["object_bytes"], told.count * 3 * after["object_bytes"]
                        + 1024 * KIB)


def modules_loaded(verdict, told):
    rows = verdict.diff.kernel("modules")
    wanted = sorted(name.removesuffix(".ko").replace("-", "_") for name in told.modules)
    verdict.equal("modules that came", sorted(row["name"] for row in rows
                                              if row["status"] == "new"), wanted)
    verdict.equal("modules that went", [row["name"] for row in rows if row["status"] == "gone"], [])
    size = sum(row["change_bytes"] for row in rows)
    verdict.line("vmalloc.modules", size * 9 // 10, size * 3 // 2 + 2048 * KIB)
    verdict.name("modules", *wanted)


def swapped_out(verdict, told):
    """Out go pages of the parent and its segment; the child was killed and another one forked."""
    anon, shmem = told.anon * KIB, told.shmem * KIB
    child, new = verdict.diff.process(told.child, "before"), verdict.diff.process(told.new)
    statuses = child and child["status"], new and new["status"]
    known = [("gone", "new"), ("restarted", "restarted")]
    verdict.equal(f"{told.child} went, {told.new} came: {statuses}", statuses in known, True)
    verdict.near(f"swap of {told.new}", new and new["after"]["swap_bytes"],
                 anon + shmem + told.out * KIB)
    row = verdict.diff.process(told.parent)
    verdict.near(f"swap of {told.parent}", row and row["swap_change_bytes"], anon + shmem)
    verdict.mapping(told.parent, told.addr, status="same", swap_change_bytes=(anon, 0),
                    rss_change_bytes=(-anon, 0))
    rows = verdict.diff.kernel("swap")
    verdict.near("swap devices", sum(row["change_bytes"] for row in rows), anon + shmem)
    verdict.called("swap devices", rows)
    verdict.add("user.anon", -anon)
    verdict.add("user.shmem", -shmem)
    verdict.name("processes", told.child, told.new, told.parent)
    verdict.name("objects", "anon", "shmem", "heap", "stack")
