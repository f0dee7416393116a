#!/usr/bin/env python3
"""How much of a site's furniture dechaff knows, language by language, from a list of translated interface strings.

usage: strings.py STRINGS [DECHAFF] [--rules PATH]... [--level LEVEL] [--kinds cookie,comments,...] [--left] [--at-least SHARE]

STRINGS    JSON Lines, plain or gzip: one string each with `lang`, `kind` and `text`; where `core` is false, the string
           is left out (it is not seen by a passer-by, or is too short to stand alone).
DECHAFF    the program; target/release/dechaff by default.
--rules    these rules, from disk, and not the ones in the program; may be given several times.
--left     print the strings that were not removed.
--at-least exit with 1 where less than this share of all strings is removed.

Each string stands as a line of its own under a short English article. It counts as removed when nothing of it is left;
an article that lost a byte of its own is a fault, and exit status 1.
"""
import argparse
import collections
import gzip
import json
import subprocess
import sys

ARTICLE = """The ferry of Aldermoor has a new captain

The council of Aldermoor has chosen Maren Holt as captain of the ferry, after the old one left for the lighthouse. She
has crossed the river twice a day for eleven years, and she knows where the sandbanks move in autumn.

Holt said that the timetable would not change before the spring, because the school on the far bank depends on it.
"""


def strings(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if row.get("core", True)]


def main():
    arguments = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    arguments.add_argument("strings")
    arguments.add_argument("dechaff", nargs="?", default="target/release/dechaff")
    arguments.add_argument("--level", default="normal")
    arguments.add_argument("--kinds", default="cookie,comments,share,newsletter")
    arguments.add_argument("--rules", action="append", default=[])
    arguments.add_argument("--left", action="store_true")
    arguments.add_argument("--at-least", type=float, default=0)
    chosen = arguments.parse_args()

    rows = [row for row in strings(chosen.strings) if row["kind"] in chosen.kinds.split(",")]
    pages = "".join(json.dumps({"text": f"{ARTICLE}\n{row['text']}\n"}) + "\n" for row in rows)
    command = [chosen.dechaff, "clean", "--no-config", "--format", "jsonl", "--level", chosen.level]
    command += ["--no-builtin"] * bool(chosen.rules) + [part for path in chosen.rules for part in ("--rules", path)]
    cleaned = subprocess.run(command, input=pages.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
    texts = [json.loads(line)["text"] for line in cleaned.split("\n") if line]
    assert len(texts) == len(rows), f"{len(rows)} records in, {len(texts)} out"

    found, faults = collections.Counter(), 0
    of = collections.Counter()
    for row, text in zip(rows, texts):
        gone = text.strip() == ARTICLE.strip()
        for key in (row["lang"], row["kind"]), (row["lang"], "all"), ("all", row["kind"]), ("all", "all"):
            of[key] += 1
            found[key] += gone
        if not text.startswith(ARTICLE.strip()):
            faults += 1
            print(f"the article lost something beside {row['text']!r}")
        if chosen.left and not gone:
            print(f"{row['lang']:8} {row['kind']:11} {row['text']}")

    kinds = [kind for kind in chosen.kinds.split(",") if of["all", kind]] + ["all"]
    print(f"{'':8} " + " ".join(f"{kind:>17}" for kind in kinds))
    for language in sorted({language for language, _ in of} - {"all"}) + ["all"]:
        cells = []
        for kind in kinds:
            n, all_ = found[language, kind], of[language, kind]
            cells.append(f"{n:5} of {all_:4} {n / all_:5.0%}" if all_ else "")
        print(f"{language:8} " + " ".join(f"{cell:>17}" for cell in cells).rstrip())
    share = found["all", "all"] / max(1, of["all", "all"])
    good = sum(found[l, "all"] >= 0.7 * n for (l, kind), n in of.items() if kind == "all" and l != "all")
    print(f"{share:.1%} of {of['all', 'all']} strings removed; at least 70% in {good} languages")
    return 1 if faults or share < chosen.at_least else 0


sys.exit(main())
