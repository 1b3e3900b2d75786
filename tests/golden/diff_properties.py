"""What holds for every diff, whatever the snapshots say: functions that return what is broken."""
import json

# Where the two sides have different values, the diff shows that of the later one.
OF_ONE_SIDE = {"snapshot", "start", "end", "offset", "inode", "label", "name", "command",
               "also_in"}
TURNED = {"new": "gone", "gone": "new", "grown": "shrunk", "shrunk": "grown", "split": "merged",
          "merged": "split"}
SWAPPED = {"before": "after", "after": "before"}


def swapped_key(key):
    for word, other in SWAPPED.items():
        if key == word or key.startswith(word + "_"):
            return other + key.removeprefix(word)
    return key


def canonical(value, turned):
    """A report without order and without what only one side has; turned: as it should be with
    both bundles exchanged."""
    if isinstance(value, list):
        return sorted((canonical(item, turned) for item in value),
                      key=lambda item: json.dumps(item, sort_keys=True))
    if not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        if key in OF_ONE_SIDE:
            continue
        if turned and key == "status":
            item = TURNED.get(item, item)
        if turned and "change" in key and isinstance(item, int) and not isinstance(item, bool):
            item = -item
        result[swapped_key(key) if turned else key] = canonical(item, turned)
    return result


def first_difference(one, other, place=""):
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            found = first_difference(one.get(key), other.get(key), f"{place}.{key}")
            if found:
                return found
        return None
    if isinstance(one, list) and isinstance(other, list):
        for item in one:
            if item not in other:
                nearest = [row for row in other if row not in one][:1]
                return f"{place}: {json.dumps(item)[:600]} has no counterpart, but {nearest!s:.600}"
        return None if len(one) == len(other) else f"{place}: {len(one)} and {len(other)} rows"
    return None if one == other else f"{place}: {one} and {other}"


def turned_around(there, back):
    """diff(A, B) is the negative of diff(B, A)."""
    found = first_difference(canonical(there, True), canonical(back, False))
    return [f"forth and back differ at {found}"] if found else []


def all_changes(value, place=""):
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from all_changes(item, f"{place}[{number}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (list, dict)):
                yield from all_changes(item, f"{place}.{key}")
            elif "change" in key or key in ("status", "beyond_noise"):
                yield f"{place}.{key}", item


def empty(report):
    """diff(A, A) says that nothing changed."""
    return [f"{place} is {item} between a bundle and itself" for place, item in all_changes(report)
            if item not in (0, False, None, "same")][:5]


def ledger_adds_up(report):
    """Children to their parent, and all lines with free memory to what MemTotal lost or gained."""
    rows = {row["id"]: row["change_bytes"] for row in report["ledger"]}
    broken = []
    for parent in {row["parent"] for row in report["ledger"]} - {None}:
        parts = sum(row["change_bytes"] for row in report["ledger"] if row["parent"] == parent)
        if parts != rows[parent]:
            broken.append(f"the parts of {parent} changed by {parts}, and it by {rows[parent]}")
    top = sum(row["change_bytes"] for row in report["ledger"]
              if row["parent"] is None and row["id"] != "mem_total")
    if rows and top != rows["mem_total"]:
        broken.append(f"the lines changed by {top}, MemTotal by {rows['mem_total']}")
    return broken


def free_memory_adds_up(report):
    """The steps from free memory before to after, and what it went to, unexplained part included."""
    fall, broken = report["waterfall"], []
    if fall is None:
        return []
    change = fall["after_bytes"] - fall["before_bytes"]
    sums = {"change_bytes": fall["change_bytes"],
            "steps": sum(step["free_change_bytes"] for step in fall["steps"]),
            "causes": -sum(cause["used_change_bytes"] for cause in fall["causes"])}
    for name, total in sums.items():
        if total != change:
            broken.append(f"{name} of free memory: {total}, it changed by {change}")
    return broken


def noise_decides(report):
    """Of figures of the whole machine: beyond noise is what exceeds it."""
    return [f"{row['id']}: {row['change_bytes']} with noise {row['noise_bytes']} is "
            f"{'' if row['beyond_noise'] else 'not '}a change"
            for row in report["ledger"] + report["beside"]
            if row["beyond_noise"] != (abs(row["change_bytes"]) > row["noise_bytes"])]


MAPPING_KEYS = ("change_bytes", "rss_change_bytes", "swap_change_bytes", "hugetlb_change_bytes")


def mappings_add_up(report, from_smaps):
    """To their process, where both sides have its figures from its mappings: from_smaps(PIDs)."""
    broken = []
    for row in report["processes"]:
        pids = [row[side] and row[side]["pid"] for side in ("before", "after")]
        if not from_smaps(*pids):
            continue
        for key in MAPPING_KEYS:
            parts = sum(mapping[key] for mapping in row["mappings"])
            if row[key] is not None and parts != row[key]:
                broken.append(f"process {pids}: {key} {row[key]}, of its mappings {parts}")
    return broken


HAVE_NO_MEMORY = ("kernel_thread", "zombie")


def unknown_is_null(report):
    """A process has a change where each side that there is has the figure, and only there. A bundle that
    lists no process at all does not tell that one was not there."""
    broken = []
    lists_none = any(not any(row[side] for row in report["processes"]) for side in ("before", "after"))
    for row in report["processes"]:
        sides = [row[side] for side in ("before", "after") if row[side]]
        for name in ("rss", "swap", "hugetlb"):
            is_known = not lists_none and all(
                side[f"{name}_bytes"] is not None or side["outcome"] in HAVE_NO_MEMORY
                for side in sides)
            if is_known != (row[f"{name}_change_bytes"] is not None):
                broken.append(f"process {[side['pid'] for side in sides]}: {name} is "
                              f"{'' if is_known else 'not '}known, its change is "
                              f"{row[f'{name}_change_bytes']}")
    return broken


def held_as_share_says(report, shared_before, shared_after):
    """What a group holds once is on each side what `share` bounds; diff counts no pages."""
    broken = []
    for side, shared in (("held_before", shared_before), ("held_after", shared_after)):
        sets = {group["group"]: group for group in shared["groups"]}
        ours = {group["name"]: group[side] for group in report["groups"] if group[side]}
        if set(ours) != set(sets):
            broken.append(f"{side}: groups {sorted(ours)}, share has {sorted(sets)}")
            continue
        for name, group in sets.items():
            figures = {key: value for key, value in group.items() if key != "group"}
            if not group["by_pages"] and ours[name] != figures:
                broken.append(f"{side} of {name}: {ours[name]}, share says {figures}")
    return broken


def groups_add_up(report):
    """Every process is in one group."""
    broken = []
    for key in ("change_bytes", "rss_change_bytes", "swap_change_bytes"):
        groups = sum(row[key] for row in report["groups"])
        processes = sum(row[key] or 0 for row in report["processes"])
        if groups != processes:
            broken.append(f"{key} by {report['grouped_by']}: groups {groups}, processes {processes}")
    return broken
