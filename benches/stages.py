#!/usr/bin/env python3
"""What each stage costs: instructions for each byte of text, by callgrind.

usage: stages.py [--text FILE.jsonl] [--binary FILE]

--text    records with a `text`; else texts of the repository's own tests
--binary  the dechaff to measure (target/release/dechaff)

A run on the texts twice less one on them once, so that start-up and what is compiled for the first text do not count;
start-up has a row of its own. Instructions do not depend on what else the machine does. A function's cost goes to the
stage of the innermost function on its call path that has one, as far as the compiler left functions apart.
"""
import argparse
import json
import pathlib
import re
import subprocess
import tempfile

from peers import ROOT, own_texts, read, size

# By what a function's name begins with behind `dechaff::`; the first that fits. Its callees are in its cost.
STAGES = [
    ("records: JSON in and out", "record::clean"),
    ("fold", "fold::Folder::fold"),
    ("words", "words::Scan::block"),
    ("match", "matcher::phrases::PhraseIndex::find_at_ends"),
    ("match", "matcher::phrases::PhraseIndex::find_inside"),
    ("match", "matcher::without_numbers"),
    ("match", "rules::line_regex::LineRegex::is_match"),
    ("hits and shapes of lines", "matcher::page::Page::new"),
    ("language", "language::Languages::of_document"),
    ("function words", "language::FunctionWords::tally"),
    ("language", "language::Languages::of_foreign_line"),
    ("measure and weigh", "decide::evidence"),
    ("decide", "decide::Judge::judge"),
    ("decide", "decide::Judge::find_article"),
    ("decide", "decide::Judge::find_marked_endings"),
]
# Stages that are part of others there, whose cost is theirs alone.
INSIDE = {
    "hits and shapes of lines": ["fold", "words", "match", "function words"],
    "decide": ["language", "measure and weigh"],
}
BYTES = 2_400_000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/dechaff")
    args = parser.parse_args()
    texts, total = [], 0
    for text in read(args.text) if args.text else own_texts():
        texts.append(text)
        total += size(text)
        if total >= BYTES:
            break
    ways = {"clean, careful": ["clean", "--level", "careful"], "clean, normal": ["clean"], "extract, normal": ["extract"]}
    costs = {}
    with tempfile.TemporaryDirectory() as folder:
        for way, verb in ways.items():
            costs[way] = stages(pathlib.Path(folder), [args.binary, *verb], texts)
    print(f"Instructions for each of {total:,} bytes of text in {len(texts)} texts\n")
    print("| stage | " + " | ".join(ways) + " |\n|---|" + "---|" * len(ways))
    for stage in next(iter(costs.values())):
        row = [costs[way][stage] / (1 if "start-up" in stage else total) for way in ways]
        print(f"| {stage} | " + " | ".join(f"{cost:,.0f}" if "start-up" in stage else f"{cost:.1f}" for cost in row) + " |")


def stages(folder, command, texts):
    once, twice, none = (inclusive(folder, command, texts * times) for times in (1, 2, 0))
    cost = {name: twice[name] - once.get(name, 0) for name in twice}
    of = {}
    for stage, name in STAGES:
        found = [value for function, value in cost.items() if function.startswith(name)]
        of[stage] = of.get(stage, 0) + max(found, default=0)
    whole = cost["PROGRAM TOTALS"]
    records = whole - cost.get("clean::Cleaner::clean", 0)
    result = {"records: JSON in and out": records}
    for stage in dict.fromkeys(stage for stage, _ in STAGES[1:]):
        result[stage] = max(of[stage] - sum(of[part] for part in INSIDE.get(stage, [])), 0)
    result["the rest: lines, rounds, what is left of the text"] = whole - sum(result.values())
    result["all"] = whole
    result["start-up, in all"] = none["PROGRAM TOTALS"]
    return result


def inclusive(folder, command, texts):
    """Instructions by function, callees and all."""
    data = "".join(json.dumps({"text": text}) + "\n" for text in texts or ["Nothing"])
    out = folder / "callgrind"
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    rest = ["-j", "1", "--quiet", "--format", "jsonl"]
    subprocess.run([*valgrind, *command, *rest], input=data.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    listing = subprocess.run(["callgrind_annotate", "--threshold=100", "--inclusive=yes", out], capture_output=True, text=True, check=True)
    costs = {}
    for line in listing.stdout.splitlines():
        found = re.match(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+(?:[^ :]*:)?<?(?:dechaff::)?(.*?)(?: \[.*)?$", line)
        if found:
            costs[found[2]] = max(costs.get(found[2], 0), int(found[1].replace(",", "")))
    return costs


if __name__ == "__main__":
    main()
