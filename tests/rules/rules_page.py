#!/usr/bin/env python3
"""The manual page of the rules and the table of the program agree.

    rules_page.py PROJECT MEMTALLY
    rules_page.py --self-test

The table is what `memtally check --json` prints for a tree of fixtures/: every rule with its
title, threshold, meaning, remedy and sources. The page must have each of them under the rule's
name, in the same order, and no rule that the program lacks.
"""
import json
import os
import re
import subprocess
import sys

TREE = "fixtures/trees/amd64-6.1-mix-after"
BOLD_OR_UNDERLINE = re.compile(r".\x08")
SAID = ("title", "threshold", "meaning", "remedy", "sources")


def squeezed(text):
    return re.sub(r"\s+", " ", text).strip()


def rules_of(memtally, tree):
    finished = subprocess.run([memtally, "check", "--json", tree], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
    if finished.returncode not in (0, 1):
        sys.exit(f"memtally check: status {finished.returncode}: {finished.stderr}")
    return json.loads(finished.stdout)["rules"]


def sections(source):
    """The text below each '.It Ic NAME' of the page's source, as one line of words."""
    found = {}
    for part in re.split(r"^\.It Ic ", source, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        body = re.split(r"^\.(?:El|Sh)\b", body, flags=re.MULTILINE)[0]
        lines = [line.replace("\\&", "").replace("\\e", "\\") for line in body.split("\n")
                 if not line.startswith(".Pp")]
        found.setdefault(name.strip(), squeezed(" ".join(lines)))
    return found


def problems_of(rules, source):
    page = sections(source)
    names = [rule["id"] for rule in rules]
    problems = [f"{name}: on the page, not in the program" for name in page if name not in names]
    for rule in rules:
        text = page.get(rule["id"])
        if text is None:
            problems.append(f"{rule['id']}: in the program, not on the page")
            continue
        problems += [f"{rule['id']}: the page does not have its {key}: {rule[key]}"
                     for key in SAID if squeezed(rule[key]) not in text]
    if not problems and list(page) != names:
        problems.append("the page has another order")
    return problems


def self_test():
    rules = [{"id": "a", "title": "first", "threshold": "above 2 %", "meaning": "M.",
              "remedy": "R.", "sources": "s"},
             {"id": "b", "title": "second", "threshold": "above 3 %", "meaning": "N.",
              "remedy": "Q.", "sources": "t"}]
    good = (".Bl\n.It Ic a\nfirst\n.Pp\nWarns when\nabove\n2 %.\n.Pp\nM.\nRemedy:\nR.\nSources:\n"
            "s.\n.It Ic b\nsecond\nWarns when\nabove 3 %.\nN.\nQ.\nt.\n.El\n.Sh X\n")
    swapped = good.replace("Ic a", "Ic x").replace("Ic b", "Ic a").replace("Ic x", "Ic b")
    cases = [(0, good), (1, good.replace("2 %", "4 %")), (1, good.replace("second", "other")),
             (1, good.replace(".El", ".It Ic c\n.El")), (1, good[:good.index(".It Ic b")]),
             (8, swapped), (2, "")]
    return [f"{expected} breaches expected: {problems_of(rules, source)}"
            for expected, source in cases if len(problems_of(rules, source)) != expected]


def main():
    if sys.argv[1:] == ["--self-test"]:
        problems = self_test()
    elif len(sys.argv) == 3:
        project, memtally = sys.argv[1:]
        rules = rules_of(memtally, os.path.join(project, TREE))
        with open(os.path.join(project, "docs", "memtally-rules.7"), encoding="utf-8") as file:
            problems = problems_of(rules, file.read())
        if not rules:
            problems.append("the program has no rules")
    else:
        sys.exit(__doc__)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
