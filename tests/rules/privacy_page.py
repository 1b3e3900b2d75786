#!/usr/bin/env python3
"""Every source of the collector has its line in docs/privacy.md, and the rules in
collector/redact/rules.c take out what that line says, no more and no less.

    privacy_page.py PROJECT
    privacy_page.py --self-test
"""
import re
import sys

SOURCES, RULES, PAGE = "collector/sources.c", "collector/redact/rules.c", "docs/privacy.md"
OPTIONS = {"cmdline", "paths", "names"}
NOTHING = ("nothing to take out", "not taken out")
# Redacted without a row in rules.c: folders of cgroups by their path, statfs where it is made.
BY_CODE = {"sys/fs/cgroup/": {"paths", "names"}, "derived/statfs": {"paths"}}
PROCESS = "proc/*/"


def sources(text):
    """The path of each source."""
    defines = {name: "".join(re.findall(r'"([^"]*)"', body)) for name, body in
               re.findall(r"#define (\w+_NAMES)\s+((?:.*\\\n)*.*\n)", text)}
    table = text[text.index("const struct source sources[]"):]
    for row in re.findall(r"ROW(?:_UNLESS)?\((.*?)\),\n", table, re.S):
        row = re.sub(r"\b(?:%s)\b" % "|".join(["$", *defines]),
                     lambda word: f'"{defines[word[0]]}"', row)
        row = re.sub(r'"\s+"', "", row)
        strings = re.findall(r'"([^"]*)"', row)
        for name in strings[1].split(" "):
            yield f"{strings[0]}/{name}"


def rules(text):
    """{path: options that ask for it} of both tables, process files as proc/*/NAME."""
    found = {}
    for name, before in (("system_rules", ""), ("process_rules", PROCESS)):
        table = re.search(rf"{name}\[\] = {{(.*?)\n}};", text, re.S)[1]
        for path, flags in re.findall(r'{"([^"]+)",\s*([A-Z_0| ]+),', table):
            words = {word[4:].lower() for word in re.findall(r"FOR_\w+", flags)}
            found[before + path] = set(OPTIONS) if "any" in words else words
    return found


def page(text):
    """(line number, pattern, options or None if that is not told) of each file in the tables."""
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.strip("|").split("|")
        if len(cells) != 3 or "`" not in cells[0]:
            continue
        last = cells[2].strip()
        options = set(OPTIONS) if last.startswith("any of them") else set(
            re.findall(r"\b(?:%s)\b" % "|".join(sorted(OPTIONS)), last))
        for pattern in re.findall(r"`([^`]*)`", cells[0]):
            yield number, pattern, options if options or last in NOTHING else None


def matches(pattern, path):
    """A star is one name or a part of it, two are folders, a slash at the end is all below."""
    expression = re.escape(pattern).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.fullmatch(expression + (".*" if pattern.endswith("/") else ""), path) is not None


def options_by_rule(path, ruled):
    for start, options in BY_CODE.items():
        if path == start or (start.endswith("/") and path.startswith(start)):
            return options
    return ruled.get(path, ruled.get(path + ".link"))


def problems(source_text, rule_text, page_text):
    paths, ruled, told = list(sources(source_text)), rules(rule_text), list(page(page_text))
    for path in paths:
        rows = [row for row in told if matches(row[1], path)]
        by_rule = options_by_rule(path, ruled)
        if not rows:
            yield f"{PAGE}: nothing about {path}"
        if by_rule is None and path.startswith(PROCESS):
            yield f"{RULES}: no rule for {path}: it is not read while anything is redacted"
        for number, pattern, options in rows:
            if options is None:
                yield f"{PAGE}:{number}: does not say what takes {pattern} out"
            elif options != (by_rule or set()):
                yield (f"{PAGE}:{number}: {path} is taken out by {sorted(options) or 'nothing'}, "
                       f"by {RULES} by {sorted(by_rule or ()) or 'nothing'}")
    for number, pattern, _ in told:
        if not any(matches(pattern, path) for path in paths):
            yield f"{PAGE}:{number}: {pattern} is not a source"
    for path in ruled:
        if not {path, path.removesuffix(".link")} & set(paths):
            yield f"{RULES}: {path} is not a source"


SELF_SOURCES = """
const struct source sources[] = {
    ROW(ROW_SYSTEM,  "proc", "meminfo swaps", "memory"),
    ROW(ROW_SYSTEM,  "sys/kernel/mm/ksm", "*", "pages"),
    ROW(ROW_PROCESS, "proc/*", "comm", "who"),
    ROW(ROW_PROCESS, "proc/*", "exe", "what"),
};
"""
SELF_RULES = """
static const struct rule system_rules[] = {
    {"proc/swaps", FOR_PATHS, REDACT_SWAPS},
};
static const struct rule process_rules[] = {
    {"comm",     FOR_NAMES, REDACT_NAME},
    {"exe.link", FOR_PATHS, REDACT_LINK},
};
"""
SELF_PAGE = """
| `proc/meminfo`, `sys/kernel/mm/` | amounts | nothing to take out |
| `proc/swaps`, `proc/*/exe` | paths | paths |
| `proc/*/comm` | names | names |
"""
# (which text, what stands there, what is planted, what must be said)
PLANTED = (
    (0, '"meminfo swaps"', '"meminfo swaps mounts"', "nothing about proc/mounts"),
    (0, '"comm"', '"comm environ"', "no rule for proc/*/environ"),
    (0, '"comm"', '"comm environ"', "nothing about proc/*/environ"),
    (0, '"sys/kernel/mm/ksm"', '"sys/kernel/swaps"', "nothing about sys/kernel/swaps/*"),
    (0, '"meminfo swaps"', '"meminfo"', "proc/swaps is not a source"),
    (1, "FOR_PATHS, REDACT_SWAPS", "FOR_NAMES, REDACT_SWAPS", "proc/swaps is taken out by"),
    (1, '    {"proc/swaps", FOR_PATHS, REDACT_SWAPS},\n', "", "proc/swaps is taken out by"),
    (1, '"comm",     FOR_NAMES', '"comm",     0', "proc/*/comm is taken out by"),
    (2, "| names | names |", "| names | nothing to take out |", "proc/*/comm is taken out by"),
    (2, "nothing to take out", "perhaps", "does not say what takes proc/meminfo out"),
    (2, "`proc/*/comm`", "`proc/*/comm`, `proc/environ`", "proc/environ is not a source"),
)


def self_test():
    texts = (SELF_SOURCES, SELF_RULES, SELF_PAGE)
    missed = [f"found where nothing is: {problem}" for problem in problems(*texts)]
    for which, old, new, wanted in PLANTED:
        assert old in texts[which], old
        planted = [text.replace(old, new) if number == which else text
                   for number, text in enumerate(texts)]
        if not any(wanted in problem for problem in problems(*planted)):
            missed.append(f"not found: {wanted}")
    return missed


def main():
    if sys.argv[1:] == ["--self-test"]:
        found = self_test()
    elif len(sys.argv) == 2:
        texts = []
        for path in (SOURCES, RULES, PAGE):
            with open(f"{sys.argv[1]}/{path}", encoding="utf-8") as file:
                texts.append(file.read())
        assert len(list(sources(texts[0]))) > 150, "the table of sources could not be read"
        assert len(rules(texts[1])) > 15, "the rules could not be read"
        found = list(problems(*texts))
    else:
        sys.exit(__doc__)
    print("\n".join(found))
    sys.exit(1 if found else 0)


main()
