"""What the tests on the live machine share: snapshots, quiet, and what is left behind."""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
MIB = 1 << 20


class Skip(Exception):
    pass


class Failed(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failed(message)


def need_root():
    if os.geteuid() != 0:
        raise Skip("vmallocinfo, slabinfo and what the tests take need root")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(str(text))


def meminfo_bytes(field):
    for line in read("/proc/meminfo").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    return None


def settle():
    """Waits for what is freed a moment later, and adds up the counters that CPUs keep apart."""
    time.sleep(1)
    try:
        write("/proc/sys/vm/stat_refresh", 1)
    except OSError:
        time.sleep(2)  # the kernel does it every second


class Memtally:
    def __init__(self, folder, scratch):
        self.folder, self.scratch, self.taken = folder, scratch, 0

    def snapshot(self):
        self.taken += 1
        path = os.path.join(self.scratch, f"{self.taken}.tar.zst")
        subprocess.run([os.path.join(self.folder, "memtally-collect"), "-q", "-o", path],
                       stdin=subprocess.DEVNULL, timeout=120, check=True)
        return path

    def json(self, command, *bundles):
        finished = subprocess.run(
            [os.path.join(self.folder, "memtally"), command, *bundles, "--json"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
        expect(finished.returncode in (0, 1),
               f"memtally {command}: status {finished.returncode}: {finished.stderr}")
        return json.loads(finished.stdout)


def file_system_of(folder):
    """The type of the file system that `folder` lies in."""
    best, kind = "", None
    for line in read("/proc/self/mounts").splitlines():
        _, point, name = line.split()[:3]
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, name
    return kind


def disk_folder(bytes_wanted):
    for folder in (os.getcwd(), "/var/tmp", "/tmp"):
        if not os.access(folder, os.W_OK):
            continue
        room = os.statvfs(folder)
        if (file_system_of(os.path.realpath(folder)) not in ("tmpfs", "ramfs", "devtmpfs", None)
                and room.f_bavail * room.f_frsize > 2 * bytes_wanted):
            return folder
    raise Skip("no folder on a disk with enough room")


@contextlib.contextmanager
def taken(program, name, size, folder):
    """The process that holds the amount, and how much it is."""
    with subprocess.Popen([program, name, str(size), folder], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as holder:
        try:
            words = holder.stdout.readline().split()
            if not words:
                reason = holder.stderr.read().strip()
                if holder.wait(timeout=60) == SKIPPED:
                    raise Skip(reason)
                raise Failed(reason)
            yield holder.pid, int(words[1])
        finally:
            holder.stdin.close()
            holder.wait(timeout=60)


def main(test, program_help, names):
    """Runs test(memtally, takes, name) for the arguments NAME BIN_FOLDER TAKES."""
    if len(sys.argv) != 4 or sys.argv[1] not in names:
        sys.exit(f"{program_help}\nnames: {' '.join(names)}")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            test(Memtally(sys.argv[2], scratch), sys.argv[3], sys.argv[1])
        except Skip as reason:
            print(f"skipped: {sys.argv[1]}: {reason}")
            sys.exit(SKIPPED)
        except Failed as reason:
            print(f"FAILED: {sys.argv[1]}: {reason}")
            sys.exit(1)
