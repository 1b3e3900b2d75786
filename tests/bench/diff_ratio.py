"""What comparing two bundles costs beside reading them."""
import os


def diff_rows(bench, programs, scratch, runs, median_ratio):
    """Rows for two bundles of the machine as it is. maps of one row reads all mappings of a bundle,
    adds them up once and prints next to nothing: that is the time of reading."""
    program = os.path.join(programs, "memtally")
    bundles = [os.path.join(scratch, f"{side}.tar.zst") for side in ("before", "after")]
    for bundle in bundles:
        bench.measure(os.path.join(programs, "memtally-collect"), "-q", "-o", bundle)
    reads, diffs = [], []
    for _ in range(runs):
        both = [bench.measure(program, "maps", bundle, "-n", "1") for bundle in bundles]
        reads.append(tuple(map(sum, zip(*both))))
        diffs.append(bench.measure(program, "diff", *bundles, statuses=(0, 1)))
    return [("diff CPU / reading both bundles", f"{median_ratio(diffs, reads, 0):.2f}", "1.30"),
            ("diff wall time / reading both bundles", f"{median_ratio(diffs, reads, 1):.2f}", "1.30"),
            ("diff peak memory, MiB", f"{max(row[2] for row in diffs) / 1024:.1f}", "-")]
