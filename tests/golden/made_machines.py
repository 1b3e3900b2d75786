"""Machines made up from a seed, before and after a while, as folders that memtally opens.

Processes come, go, start again elsewhere, and change their mappings in every way; caches, areas and
modules of the kernel too. Figures are whole pages, and who shares a page has an equal part of it,
so sums can be checked to the byte.
"""
import copy
import os
import random

PAGE_KIB = 4
PROGRAMS = ("web", "database", "cron job", "shell", "agent")
LIBRARIES = (("/usr/lib/libc.so.6", 800), ("/usr/lib/libm.so.6", 801), ("/usr/lib/libssl.so.3", 802))
CACHES = ("dentry", "inode_cache", "kmalloc-64", "task_struct", "filp")
MODULES = ("btrfs", "xfs", "overlay", "nf_tables")
CALLERS = ("load_module", "kernel_clone", "bpf_prog_alloc_no_stats", "n_tty_open")


class Mapping:
    def __init__(self, start, pages, permissions, name, inode):
        self.start, self.pages, self.permissions = start, pages, permissions
        self.name, self.inode = name, inode
        self.resident = self.swapped = self.offset = 0

    @property
    def end(self):
        return self.start + self.pages * PAGE_KIB * 1024

    def text(self, sharers):
        rss, swap = self.resident * PAGE_KIB, self.swapped * PAGE_KIB
        shared = rss if self.inode and sharers > 1 else 0
        dirty = "w" in self.permissions
        values = {
            "Size": self.pages * PAGE_KIB, "KernelPageSize": PAGE_KIB, "MMUPageSize": PAGE_KIB,
            "Rss": rss, "Pss": rss // sharers if shared else rss,
            "Shared_Clean": 0 if dirty else shared, "Shared_Dirty": shared if dirty else 0,
            "Private_Clean": 0 if dirty else rss - shared,
            "Private_Dirty": rss - shared if dirty else 0, "Referenced": rss,
            "Anonymous": 0 if self.inode else rss, "Swap": swap, "SwapPss": swap, "Locked": 0}
        head = (f"{self.start:x}-{self.end:x} {self.permissions} {self.offset:08x} "
                f"{'fd:00' if self.inode else '00:00'} {self.inode} ").ljust(73)
        return "\n".join([head + self.name if self.name else head.rstrip() + " ",
                          *(f"{key + ':':<16}{value:>8} kB" for key, value in values.items()),
                          "VmFlags: rd mr mw me"]) + "\n"


class Process:
    def __init__(self, rng, pid, program, born):
        self.pid, self.program, self.born = pid, program, born
        self.minor_faults = rng.randrange(1000)
        base = rng.randrange(0x7F00, 0x7FFF) << 32
        self.mappings = [Mapping(0x400000, 20, "r-xp", f"/usr/bin/{program}", 500 + len(program)),
                         Mapping(0x1000000, rng.randrange(8, 200), "rw-p", "[heap]", 0),
                         Mapping(base + 0x70000000, 33, "rw-p", "[stack]", 0)]
        for number, (name, inode) in enumerate(rng.sample(LIBRARIES, rng.randrange(1, 4))):
            self.mappings.append(Mapping(base + (number << 24), 100, "r-xp", name, inode))
        for number in range(rng.randrange(6)):
            self.mappings.append(Mapping(base + 0x10000000 + (number << 24),
                                         rng.randrange(2, 300), "rw-p", "", 0))
        for mapping in self.mappings:
            mapping.resident = rng.randrange(mapping.pages + 1)

    def change(self, rng):
        """One thing that happens to an address space."""
        mapping = rng.choice(self.mappings)
        what = rng.randrange(6)
        if what == 0:
            mapping.resident = rng.randrange(mapping.pages + 1)
            self.minor_faults += mapping.resident
        elif what == 1:
            mapping.pages += rng.randrange(1, 64)
        elif what == 2 and mapping.pages > 4:
            mapping.pages -= mapping.pages // 3
            mapping.resident = min(mapping.resident, mapping.pages)
        elif what == 3 and len(self.mappings) > 1:
            self.mappings.remove(mapping)
        elif what == 4 and not mapping.inode:
            mapping.swapped, mapping.resident = mapping.resident, 0
        elif what == 5 and mapping.pages > 2:
            behind = copy.copy(mapping)
            behind.start += (mapping.pages // 2) * PAGE_KIB * 1024
            behind.pages, behind.permissions = mapping.pages - mapping.pages // 2, "r--p"
            behind.resident = min(mapping.resident, behind.pages)
            mapping.pages //= 2
            mapping.resident = min(mapping.resident - behind.resident, mapping.pages)
            self.mappings.append(behind)

    def files(self, sharers):
        size = sum(mapping.pages for mapping in self.mappings)
        rss = sum(mapping.resident for mapping in self.mappings)
        stat = ([self.pid, f"({self.program})", "S", 1, self.pid, self.pid, 0, -1, 0,
                 self.minor_faults] + [0] * 7 + [20, 0, 1, 0, self.born, size * PAGE_KIB * 1024, rss]
                + [0] * 28)
        yield "stat", " ".join(map(str, stat)) + "\n"
        yield "statm", f"{size} {rss} 0 0 0 0 0\n"
        yield "comm", self.program + "\n"
        yield "cmdline", f"/usr/bin/{self.program}\0-d\0"
        yield "exe.link", f"/usr/bin/{self.program}\n"
        yield "smaps", "".join(mapping.text(sharers.get(mapping.inode, 1)) for mapping
                               in sorted(self.mappings, key=lambda mapping: mapping.start))


class Machine:
    def __init__(self, rng):
        self.rng, self.now, self.boot = rng, 1000, f"{rng.randrange(1 << 32):08x}"
        self.processes = [Process(rng, 100 + 7 * number, rng.choice(PROGRAMS), 900 + number)
                          for number in range(rng.randrange(1, 12))]
        self.total = 1 << 20
        self.lines = {"MemFree": 500000, "Buffers": 20000, "Cached": 200000, "SReclaimable": 30000,
                      "SUnreclaim": 20000, "KernelStack": 1600, "PageTables": 4000, "Shmem": 9000}
        self.caches = {name: rng.randrange(10, 500) for name in CACHES}
        self.areas = {name: rng.randrange(1, 90) for name in CALLERS}
        self.modules = {name: rng.randrange(1, 90) * 4096 for name in MODULES if rng.random() < .6}

    def live(self):
        rng, self.now = self.rng, self.now + 500
        for process in list(self.processes):
            fate = rng.randrange(8)
            if fate == 0 and len(self.processes) > 1:
                self.processes.remove(process)
            elif fate == 1:
                self.processes.remove(process)
                self.processes.append(Process(rng, process.pid + 5000, process.program, self.now))
            elif fate < 6:
                for _ in range(rng.randrange(1, 4)):
                    process.change(rng)
        for _ in range(rng.randrange(3)):
            self.processes.append(Process(rng, 9000 + rng.randrange(900), rng.choice(PROGRAMS),
                                          self.now))
        self.processes = list({process.pid: process for process in self.processes}.values())
        for figures in (self.lines, self.caches, self.areas):
            for name in rng.sample(sorted(figures), len(figures) // 2):
                figures[name] += rng.randrange(1, 2 + figures[name] // 2)
        for name in rng.sample(MODULES, 2):
            if self.modules.pop(name, None) is None:
                self.modules[name] = 8192
        self.total -= rng.choice((0, 0, 98304))

    def meminfo(self):
        anon = PAGE_KIB * sum(mapping.resident for process in self.processes
                              for mapping in process.mappings if not mapping.inode)
        rows = {"MemTotal": self.total, **self.lines, "AnonPages": anon, "Mapped": 30000,
                "Slab": self.lines["SReclaimable"] + self.lines["SUnreclaim"], "SwapTotal": 1 << 20,
                "SwapFree": 1 << 19, "VmallocUsed": PAGE_KIB * sum(self.areas.values())}
        return "".join(f"{name + ':':<16}{value:>8} kB\n" for name, value in rows.items())

    def files(self):
        yield "proc/meminfo", self.meminfo()
        yield "proc/version", "Linux version 6.6.0 (made) #1\n"
        yield "proc/sys/kernel/osrelease", "6.6.0\n"
        yield "proc/sys/kernel/random/boot_id", f"{self.boot}-0000-4000-8000-000000000000\n"
        yield "proc/slabinfo", "slabinfo - version: 2.1\n# name\n" + "".join(
            f"{name} {slabs * 16} {slabs * 16} 256 16 1 : tunables 0 0 0 : slabdata {slabs} {slabs} 0\n"
            for name, slabs in self.caches.items())
        yield "proc/vmallocinfo", "".join(
            f"0x{number:016x}-0x{number + (pages + 1) * 4096:016x} {(pages + 1) * 4096} "
            f"{name}+0x10/0x20 pages={pages} vmalloc\n"
            for number, (name, pages) in enumerate(self.areas.items(), 1))
        yield "proc/modules", "".join(f"{name} {size} 0 - Live 0x0\n"
                                      for name, size in self.modules.items())
        mappers = {}
        for process in self.processes:
            for inode in {mapping.inode for mapping in process.mappings} - {0}:
                mappers[inode] = mappers.get(inode, 0) + 1
        for process in self.processes:
            for name, text in process.files(mappers):
                yield f"proc/{process.pid}/{name}", text

    def write(self, folder):
        for path, text in self.files():
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        return folder


def write_pair(seed, folder):
    """Paths of two folders: a machine, and the same a while later."""
    machine = Machine(random.Random(seed))
    before = machine.write(folder + "-before")
    machine.live()
    return before, machine.write(folder + "-after")
