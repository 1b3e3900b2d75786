"""Series of bundles of a machine that does not exist, whose trends are known because they are made here.

Each is a tar with manifest, meminfo, slabinfo and processes; times, labels and hosts are as given.
"""
import io
import random
import tarfile

MINUTE = 60
START = 1767268800  # 2026-01-01T12:00:00Z
PAGE = 4
TOTAL = 8 * 1024 * 1024  # KiB

MEMINFO = """MemTotal: {total} kB
MemFree: {free} kB
MemAvailable: {free} kB
Buffers: 1000 kB
Cached: {cached} kB
SwapCached: 0 kB
AnonPages: {anon} kB
Mapped: 4000 kB
Shmem: 0 kB
Slab: {slab} kB
SReclaimable: 0 kB
SUnreclaim: {slab} kB
KernelStack: 4000 kB
PageTables: 2000 kB
VmallocUsed: 8000 kB
"""

SMAPS = """{start:08x}-{end:08x} rw-p 00000000 00:00 0 {name}
Size: {size} kB
Rss: {rss} kB
Pss: {rss} kB
Shared_Clean: 0 kB
Shared_Dirty: 0 kB
Private_Clean: 0 kB
Private_Dirty: {rss} kB
Swap: 0 kB
SwapPss: 0 kB
"""

MANIFEST = """format 1.1
collector memtally-collect 0.1.0
host {host}
kernel_release 6.1.0-test
architecture x86_64
page_size_bytes 4096
clock_ticks_per_second 100
boot_id {boot}
started_realtime_ns {time}
started_monotonic_ns 1
collector_pid 900
"""


class Process:
    """`kib` is what its heap holds; PID and start time are its identity. `others`: further mappings, as
    (start, name, KiB).
    """

    def __init__(self, pid, comm, kib, start_time=100, ppid=1, others=()):
        self.pid, self.comm, self.kib, self.start_time = pid, comm, kib, start_time
        self.ppid, self.others = ppid, others


def mapping(start, name, kib):
    kib = kib // PAGE * PAGE
    return SMAPS.format(start=start, end=start + kib * 1024, size=kib, rss=kib, name=name) if kib else ""


def process_files(process):
    start = process.pid << 32  # no two alike: they would pass for one address space
    stat = " ".join(["0"] * 17)
    return {
        "stat": f"{process.pid} ({process.comm}) S {process.ppid} {stat} {process.start_time} 0 0 " +
                " ".join(["0"] * 28) + "\n",
        "comm": process.comm + "\n",
        "smaps": mapping(start, "[heap]", process.kib) +
                 "".join(mapping(start + at, name, kib) for at, name, kib in process.others)}


def slabinfo(caches):
    """`caches`: name -> pages, each page a slab of 8 objects of 512 bytes."""
    rows = [f"{name} {8 * pages} {8 * pages} 512 8 1 : tunables 0 0 0 : slabdata {pages} {pages} 0"
            for name, pages in sorted(caches.items())]
    return ("slabinfo - version: 2.1\n# name <active_objs> <num_objs> <objsize> <objperslab> "
            "<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata "
            "<active_slabs> <num_slabs> <sharedavail>\n" + "\n".join(rows) + "\n")


def write_bundle(target, seconds, processes, caches=None, cached=100000, label=None,
                 host="machine", boot="boot-1", files_besides=()):
    """`files_besides`: (path, text) of further files; text None: the bundle does not have it."""
    caches = caches or {"kmalloc-512": 100}
    slab = sum(caches.values()) * PAGE
    anon = sum(process.kib + sum(other[2] for other in process.others) for process in processes)
    used = anon + cached + 1000 + slab + 4000 + 2000 + 8000
    manifest = MANIFEST.format(host=host, boot=boot, time=(START * 1000 + round(seconds * 1000)) * 10**6)
    files = {"manifest": manifest + (f"label {label}\n" if label else ""),
             "proc/meminfo": MEMINFO.format(total=TOTAL, free=TOTAL - used, anon=anon, cached=cached,
                                            slab=slab),
             "proc/slabinfo": slabinfo(caches)}
    for process in processes:
        for name, text in process_files(process).items():
            files[f"proc/{process.pid}/{name}"] = text
    files["journal"] = "end members 0 processes 0 mappings 0 bytes 0 duration_ns 1\n"
    for path, text in files_besides:
        if text is None:
            del files[path]
        else:
            files[path] = text
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo("top/" + path)
            data = text.encode()
            entry.size, entry.mtime, entry.mode = len(data), START + int(seconds), 0o600
            archive.addfile(entry, io.BytesIO(data))
    return target


def noise(seed, spread):
    """A repeatable function index -> number within -+spread."""
    numbers = random.Random(seed)
    known = []

    def at(index):
        while len(known) <= index:
            known.append(numbers.randint(-spread, spread))
        return known[index]
    return at
