#!/usr/bin/env python3
"""The collector built from the sources of its libraries: for musl, and for other processors.

    portable.py NAME PROJECT SOURCES BUILD_FOLDER NATIVE        PEAK=... as for tests/collector

Builds memtally-collect for NAME (musl, or a file of cmake/toolchains) with the trees SOURCES/libarchive
and SOURCES/zstd, runs it over trees of fixtures/ (through qemu-user where the processor is another
one) and compares each bundle with the one of NATIVE, the ordinary build. The one for musl also passes
the collector's own tests. Status 77: the compiler, qemu or the sources are not here.

What must be equal: the names of the members, in order; type, mode, owner and size of each; every byte of
each. What is left out: the name of the top folder (it holds the moment), the times of the tar
entries, in the manifest the values of started_realtime_ns and started_monotonic_ns, in the journal the
values of start_ns and duration_ns.
"""
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

MOST_BYTES_WITH_MUSL = 512 * 1024
COLLECTOR_TESTS = ["binary", "given_tree", "live_machine", "usage", "failures", "signals", "memory",
                   "privileges"]
TREES = ["amd64-6.1-mix-before", "ppc64el-6.12-64k-mix", "awkward-names"]
MOMENTS = {"manifest": re.compile(rb"^(started_realtime_ns|started_monotonic_ns) \d+$", re.MULTILINE),
           "journal": re.compile(rb"( start_ns| duration_ns) \d+")}

failures = []


def expect(is_right, words):
    print("ok:  " if is_right else "FAIL:", words)
    if not is_right:
        failures.append(words)


def skip(reason):
    print("skipped:", reason)
    sys.exit(77)


def run(command, **options):
    finished = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, **options)
    if finished.returncode != 0:
        print(" ".join(command), "ended with status", finished.returncode)
        print(finished.stdout.decode(errors="replace"))
        sys.exit(1)
    return finished.stdout


def setting(path, name):
    """set(NAME VALUE) of a toolchain file."""
    with open(path, encoding="ascii") as file:
        return re.search(rf"set\({name} (\S+)\)", file.read()).group(1)


def need_sources(sources):
    for library in ("libarchive", "zstd"):
        if not os.path.isdir(os.path.join(sources, library)):
            skip(f"no {sources}/{library} (./bootstrap small gets it)")


def compiler_and_emulator(project, name):
    """What cmake must be told, and what stands before the program when it is run."""
    if name == "musl":
        if not shutil.which("musl-gcc"):
            skip("no musl-gcc here")
        return ["--preset", "small"], []
    toolchain = os.path.join(project, "cmake", "toolchains", name + ".cmake")
    compiler = setting(toolchain, "CROSS_TRIPLET") + "-gcc"
    qemu = "qemu-" + setting(toolchain, "CROSS_QEMU")
    emulator = shutil.which(qemu + "-static") or shutil.which(qemu)
    if not shutil.which(compiler):
        skip(f"no {compiler} here")
    if not emulator:
        skip(f"no {qemu} here")
    return [f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", "-DCMAKE_BUILD_TYPE=MinSizeRel",
            "-DBUILD_ANALYZER=OFF", "-DBUILD_TESTING=OFF"], [emulator]


def build(project, sources, folder, options):
    run(["cmake", "-S", project, "-B", folder, *options, "-DWARNINGS_ARE_ERRORS=ON",
         f"-DMEMTALLY_LIBARCHIVE_SOURCE={sources}/libarchive",
         f"-DMEMTALLY_ZSTD_SOURCE={sources}/zstd"], cwd=project)
    run(["cmake", "--build", folder, "--parallel", "2"])
    return os.path.join(folder, "bin", "memtally-collect")


def check_program(name, program):
    size = os.path.getsize(program)
    print(f"{name}: {size} bytes ({size / 1024:.0f} KiB)")
    words = run(["file", "-b", program]).decode()
    expect("statically linked" in words, "linked statically")
    expect(", stripped" in words, "stripped")
    if name == "musl":
        expect(size <= MOST_BYTES_WITH_MUSL, f"at most {MOST_BYTES_WITH_MUSL} bytes")


def members(command, tree):
    """[(name, what the header tells, bytes)] of the bundle, without what tells moments."""
    with tempfile.TemporaryDirectory() as folder:
        run([*command, "--proc-root", tree, "--label", "größe", "-o", "x.tar.zst"], cwd=folder)
        plain = run(["zstd", "-dcq", "x.tar.zst"], cwd=folder)
    found = []
    with tarfile.open(fileobj=io.BytesIO(plain), errors="surrogateescape") as archive:
        for entry in archive:
            name = entry.name.split("/", 1)[1]
            data = archive.extractfile(entry).read()
            if name.split(".part-")[0] in MOMENTS:
                data = MOMENTS[name.split(".part-")[0]].sub(rb"\1 MOMENT", data)
            header = (entry.type, entry.mode, entry.uid, entry.gid, entry.uname, entry.gname)
            found.append((name, header, data))
    return found


def compare(native, command, tree):
    ours, theirs = members([native], tree), members(command, tree)
    name = os.path.basename(tree)
    expect(len(ours) > 20, f"{name}: {len(ours)} members")
    expect([entry[0] for entry in ours] == [entry[0] for entry in theirs],
           f"{name}: the same members in the same order")
    different = [a[0] for a, b in zip(ours, theirs) if a != b]
    expect(not different, f"{name}: the same bytes {different[:5] or ''}")


def with_large_members(folder):
    """A tree with members that come in parts."""
    for path, text in (("meminfo", "MemTotal: 1024 kB\n"),
                       ("slabinfo", "".join(f"cache-{n} 1 2 3\n" for n in range(40000))),
                       ("vmstat", "nr_free_pages 1\n")):
        os.makedirs(os.path.join(folder, "proc"), exist_ok=True)
        with open(os.path.join(folder, "proc", path), "w", encoding="ascii") as file:
            file.write(text)
    for pid in range(2, 12):
        os.makedirs(os.path.join(folder, "proc", str(pid)))
        with open(os.path.join(folder, "proc", str(pid), "stat"), "w", encoding="ascii") as file:
            file.write(f"{pid} (b) S 1 7 7 0 -1 4194560 5 0 0 0 1 2 0 0 20 0 1 0 {pid << 33} 3 4\n")


def run_collector_tests(project, program):
    environment = {**os.environ, "COLLECTOR_STATIC": "1", "BUILD_KIND": "Release", "SANITIZERS": ""}
    for name in COLLECTOR_TESTS:
        finished = subprocess.run(
            [sys.executable, "-B", os.path.join(project, "tests/collector", name + ".py"), program],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environment, check=False)
        if finished.returncode not in (0, 77):
            print(finished.stdout.decode(errors="replace"))
        expect(finished.returncode in (0, 77), f"tests/collector/{name}.py, "
               f"{'skipped' if finished.returncode == 77 else 'run'}")


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    name, *paths = sys.argv[1:]
    project, sources, folder, native = map(os.path.abspath, paths)
    for tool in ("zstd", "file", "cmake"):
        if not shutil.which(tool):
            skip(f"no {tool} here")
    need_sources(sources)
    options, emulator = compiler_and_emulator(project, name)
    program = build(project, sources, folder, options)
    check_program(name, program)
    command = [*emulator, program]
    version = run([*command, "--version"])
    expect(version == run([native, "--version"]), f"it runs: {version.decode().strip()}")
    with tempfile.TemporaryDirectory() as large:
        with_large_members(large)
        for tree in [*(os.path.join(project, "fixtures/trees", tree) for tree in TREES), large]:
            compare(native, command, tree)
    if name == "musl":
        run_collector_tests(project, program)
    sys.exit(1 if failures else 0)


main()
