#!/usr/bin/env python3
"""Real snapshots before and after a known change: the diff says exactly this change.

    pairs_test.py PROGRAM PROJECT

Pairs are those of fixtures/ (with the words of fixtures/facts) and, with MEMTALLY_CAPTURES=FOLDER,
NAME.before, NAME.after and NAME.truth.txt of that folder. Every change that the text tells is in
its place in the diff, with its amount; nothing else is beyond noise. Then each word of the text is
made wrong, one at a time, and something must be seen to be wrong.
"""
import os
import sys
import tempfile

import packed_tree
import pair_facts
from captures_test import Pair
from pair_diff import Diff, Verdict


def of_fixtures(program, project, scratch):
    """(pair, text) of each machine that fixtures/ has both states and facts of."""
    trees = os.path.join(project, "fixtures", "trees")
    for name in sorted(os.listdir(trees)):
        stem = name.removesuffix("-before")
        facts = os.path.join(project, "fixtures", "facts", stem + ".txt")
        if name == stem or not os.path.exists(facts):
            continue
        for side in ("before", "after"):
            packed_tree.pack(os.path.join(trees, f"{stem}-{side}"),
                             os.path.join(scratch, f"{stem}.{side}.tar"))
        yield Pair(program, scratch, stem), facts


def of_captures(program):
    folder, ending = os.environ.get("MEMTALLY_CAPTURES"), ".truth.txt"
    for name in sorted(os.listdir(folder)) if folder else ():
        if name.endswith(ending):
            yield Pair(program, folder, name.removesuffix(ending)), os.path.join(folder, name)


def check(pair, text):
    """(what is wrong with the diff, wrong words that nothing noticed)"""
    diff = Diff(pair)
    verdict = Verdict(diff)
    pair_facts.judge(verdict, text)
    verdict.nothing_else()
    print(f"{pair.name}: {verdict.looked_at} looked at; not to be seen: "
          f"{', '.join(sorted({what for what, _ in verdict.unseen})) or 'nothing'}; not told: "
          f"{', '.join(pair_facts.untold(text)) or 'nothing'}")
    missed = []
    for word, wrong, other_text in pair_facts.falsified(text):
        other = Verdict(diff)
        pair_facts.judge(other, other_text)
        other.nothing_else()
        if set(other.problems) <= set(verdict.problems) and other.unseen == verdict.unseen:
            missed.append(f"{word} could be {wrong}: nobody notices")
    return verdict.problems, missed


def main(program, project):
    problems, pairs = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        for found in (of_fixtures(program, project, scratch), of_captures(program)):
            for pair, path in found:
                pairs += 1
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read()
                for part in check(pair, text):
                    problems += [f"{pair.name}: {problem}" for problem in part]
    print("\n".join(problems))
    print(f"{pairs} pairs, {len(problems)} problems")
    return 1 if problems or not pairs else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
