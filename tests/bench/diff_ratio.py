"""What comparing two bundles costs beside reading them."""
import os


def diff_rows(bench, programs, tools, scratch, runs, median_ratio):
    """Rows for two bundles of the machine as it is."""
    bundles = [os.path.join(scratch, f"{side}.tar.zst") for side in ("before", "after")]
    for bundle in bundles:
        bench.measure(os.path.join(programs, "memtally-collect"), "-q", "-o", bundle)
    reads, diffs = [], []
    for _ in range(runs):
        reads.append(bench.measure(os.path.join(tools, "read_bundle"), *bundles))
        diffs.append(bench.measure(os.path.join(programs, "memtally"), "diff", *bundles,
                                   statuses=(0, 1)))
    return [("diff CPU / reading both bundles", f"{median_ratio(diffs, reads, 0):.2f}", "1.30"),
            ("diff wall time / reading both bundles", f"{median_ratio(diffs, reads, 1):.2f}", "1.30"),
            ("diff peak memory, MiB", f"{max(row[2] for row in diffs) / 1024:.1f}", "-")]
