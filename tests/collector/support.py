"""What the scripts here share: running the collector, reading its bundles, making trees."""
import functools
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

COLLECTOR = sys.argv[1] if len(sys.argv) > 1 else "memtally-collect"
IS_STATIC = os.environ.get("COLLECTOR_STATIC") == "1"
IS_RELEASE = os.environ.get("BUILD_KIND") == "Release"
HAS_SANITIZERS = bool(os.environ.get("SANITIZERS"))
PASSES = 4


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def need(*programs):
    for program in programs:
        if shutil.which(program) is None:
            skip(f"{program} is not here")


def collect(*arguments, **options):
    options.setdefault("timeout", 120)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.run([COLLECTOR, *arguments], stdin=subprocess.DEVNULL, check=False, **options)


def unescape(value):
    out, at = bytearray(), 0
    while at < len(value):
        if value[at] != "\\":
            out += value[at].encode("ascii")
            at += 1
        elif value[at + 1] == "x":
            out.append(int(value[at + 2:at + 4], 16))
            at += 4
        else:
            out += {"n": b"\n", "\\": b"\\"}[value[at + 1]]
            at += 2
    return bytes(out)


def family(root):
    """A process and its children."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except OSError:
                continue
    return [root] + [pid for pid, parent in parents.items() if parent == root]


class Bundle:
    """A bundle read whole: names in order, bytes by path (parts joined), journal, manifest."""

    def __init__(self, packed):
        plain = subprocess.run(["zstd", "-dcq"], input=packed, stdout=subprocess.PIPE,
                               check=True).stdout
        self.plain = plain
        self.entries, self.bytes = [], {}
        with tarfile.open(fileobj=io.BytesIO(plain), errors="surrogateescape") as archive:
            for entry in archive:
                self.entries.append(entry)
                path = entry.name.split("/", 1)[1].split(".part-")[0]
                self.bytes[path] = self.bytes.get(path, b"") + archive.extractfile(entry).read()
        self.top = self.entries[0].name.split("/")[0]
        self.names = [entry.name.split("/", 1)[1] for entry in self.entries]
        self.manifest = dict(line.split(" ", 1) for line in self.lines("manifest"))
        self.members, self.processes, self.notes, self.passes, self.end = {}, {}, [], [], None
        for line in self.lines("journal"):
            self.take(line)

    def lines(self, path):
        text = self.bytes[path].decode("ascii")
        assert text.endswith("\n"), f"{path} ends within a line"
        return text[:-1].split("\n")

    def take(self, line):
        words = line.split(" ")
        if words[0] == "note":
            self.notes.append(line.split(" text ", 1)[1])
        elif words[0] == "member":
            head, path = line.split(" path ", 1)
            head = head.split(" ")[1:]
            record = dict(zip(head[::2], head[1::2]))
            path = os.fsdecode(unescape(path))
            assert path not in self.members, f"{path} is recorded twice"
            self.members[path] = {key: value if key == "outcome" else int(value)
                                  for key, value in record.items()}
        else:
            record = dict(zip(words[1::2], words[2::2]))
            if words[0] == "process":
                self.processes[int(record["pid"])] = record
            elif words[0] == "pass":
                self.passes.append(dict(zip(words[2::2], words[3::2])))
            elif words[0] == "end":
                assert self.end is None
                self.end = {key: int(value) for key, value in record.items()}

    def outcome(self, path):
        return self.members[path]["outcome"]


SMAPS_FIELDS = ("Size", "KernelPageSize", "MMUPageSize", "Rss", "Pss", "Pss_Dirty", "Shared_Clean",
                "Shared_Dirty", "Private_Clean", "Private_Dirty", "Referenced", "Anonymous",
                "LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb",
                "Private_Hugetlb", "Swap", "SwapPss", "Locked")


BLOCK_MAPPINGS = 100


@functools.lru_cache(maxsize=None)
def smaps_block(mappings, seed):
    parts, number = [], seed * 7919 + 1
    for index in range(mappings):
        start = 0x7f0000000000 + index * 0x10000
        parts.append(f"{start:012x}-{start + 0x2000:012x} r--p 00000000 fe:01 {index:<26} "
                     f"/usr/lib/lib{index % 50}.so\n")
        for field in SMAPS_FIELDS:
            number = number * 1103515245 + 12345 & 0x7fffffff
            value = number >> 16 if field in ("Rss", "Pss", "Referenced") else 4
            parts.append(f"{field + ':':<16}{value:8} kB\n")
        parts.append("THPeligible:           0\nVmFlags: rd mr mw me sd \n")
    return "".join(parts)


def smaps_text(mappings, seed=0):
    """As many mappings of text as asked for, with numbers that do not compress to nothing.
    The addresses of large ones repeat: the collector does not look at them."""
    return (smaps_block(BLOCK_MAPPINGS, seed) * (mappings // BLOCK_MAPPINGS) +
            smaps_block(mappings % BLOCK_MAPPINGS, seed))


def write(root, path, text):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def make_process(root, pid, smaps="", comm="a) S 1 (b"):
    write(root, f"proc/{pid}/stat", f"{pid} ({comm}) S 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 1 0 "
                                    f"{pid * 10} 3133440 364\n")
    for name in ("statm", "status", "comm", "cgroup", "oom_score", "oom_score_adj", "smaps_rollup"):
        write(root, f"proc/{pid}/{name}", f"{name} of {pid}\n")
    write(root, f"proc/{pid}/smaps", smaps)
    write(root, f"proc/{pid}/cmdline", b"program\0--option\0")


def make_processes_like(root, first, numbers):
    """As process `first`, with start times of their own; files are links to save the disk."""
    names = [name for name in os.listdir(f"{root}/proc/{first}") if name != "stat"]
    for pid in numbers:
        write(root, f"proc/{pid}/stat", f"{pid} (b) S 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 1 0 "
                                        f"{pid * 10} 3133440 364\n")
        for name in names:
            os.link(f"{root}/proc/{first}/{name}", f"{root}/proc/{pid}/{name}")


def make_tree(root, processes=3, mappings=5):
    write(root, "proc/meminfo", "MemTotal:       1024 kB\n")
    write(root, "proc/zoneinfo", "Node 0, zone   Normal\n")
    write(root, "proc/vmstat", "nr_free_pages 1\n")
    for pid in range(1, processes + 1):
        make_process(root, pid, smaps_text(mappings, pid))


class InFolder(unittest.TestCase):
    """A test with a folder of its own, as its working directory."""

    def setUp(self):
        self.before = os.getcwd()
        self.folder = tempfile.mkdtemp(prefix="memtally-")
        os.chdir(self.folder)

    def tearDown(self):
        os.chdir(self.before)
        shutil.rmtree(self.folder, ignore_errors=True)

    def succeed(self, *arguments, status=0, **options):
        finished = collect(*arguments, **options)
        self.assertEqual(finished.returncode, status, finished.stderr)
        return finished

    def bundle(self, path):
        with open(path, "rb") as file:
            return Bundle(file.read())

    def collected(self, *arguments, status=0):
        self.succeed("-o", "x.tar.zst", *arguments, status=status)
        return self.bundle("x.tar.zst")


def main():
    """Runs the tests of the script; all skipped is 77."""
    program = unittest.main(argv=sys.argv[:1] + sys.argv[2:], exit=False, verbosity=2)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun == len(result.skipped):
        skip("; ".join(sorted({reason for _, reason in result.skipped})))
