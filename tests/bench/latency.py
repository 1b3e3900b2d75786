"""What a busy process feels when it is read: how long its own operations take."""
import contextlib
import os
import statistics
import subprocess
import threading
import time


class Loop:
    """A command, again and again, from entering to leaving."""

    def __init__(self, command):
        self.command, self.over, self.finished = command, False, 0
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over:
            subprocess.run(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=120, check=False)
            self.finished += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()


class BusyMapper:
    """A process that maps, touches and unmaps, and counts what that takes."""

    def __init__(self, tools, mappings):
        self.process = subprocess.Popen(
            [os.path.join(tools, "busy_mapper"), str(mappings)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1)
        first = self.process.stdout.readline()
        if not first:
            raise SystemExit("busy_mapper did not start")
        self.pid = int(first)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def ask(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return [int(word) for word in self.process.stdout.readline().split()]

    def window(self, seconds, meanwhile):
        """(p99, longest) in ns over some seconds, from when the command is under way."""
        with Loop(meanwhile) if meanwhile else contextlib.nullcontext():
            time.sleep(seconds / 10)
            self.ask()
            time.sleep(seconds)
            _, p99, longest = self.ask()
        return p99, longest


def latency_rows(tools, collector, scratch, mappings, seconds, turns):
    """Rows of the benchmark: medians of several turns, over those of the process alone."""
    bundle = os.path.join(scratch, "latency.tar.zst")
    with contextlib.closing(BusyMapper(tools, mappings)) as busy:
        kinds = {"alone": None, "cat of its smaps in a loop": ["cat", f"/proc/{busy.pid}/smaps"],
                 "memtally-collect in a loop": [collector, "-q", "-o", bundle],
                 "memtally-collect --gentle in a loop": [collector, "--gentle", "-q", "-o", bundle]}
        seen = {kind: [] for kind in kinds}
        for _ in range(turns):
            for kind, command in kinds.items():
                seen[kind].append(busy.window(seconds, command))
    middle = {kind: [statistics.median(one[index] for one in windows) for index in (0, 1)]
              for kind, windows in seen.items()}
    alone = middle.pop("alone")
    return [(f"busy process, p99 and longest: {kind} / alone",
             f"{one[0] / alone[0]:.2f} {one[1] / alone[1]:.2f}", "-")
            for kind, one in middle.items()]
