#!/usr/bin/env python3
"""The tables and the calibration plot of docs/quality.md, from what train.py --judge wrote.

usage: report.py docs/ article.json [residue.json]
"""
import json
import os
import sys

import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt

LEVELS = ("careful", "normal", "eager")
BEGIN, END = "<!-- {} -->", "<!-- end -->"


def row(cells):
    return "| " + " | ".join(cells) + " |"


def table(judged):
    """Of all folds: F1, noise removed and content lost by level, for each text and page type."""
    out = [row(["", "pages", *(f"{level}: F1, noise, lost" for level in LEVELS)]), row(["---"] * 5)]
    for name in judged["levels"]["normal"]:
        cells = [judged["levels"][level][name] for level in LEVELS]
        out.append(row([name, str(cells[0]["pages"]), *(f"{c['f1']:.4f}, {c['noise']:.1%}, {c['lost']:.2%}" for c in cells)]))
    return "\n".join(out)


def folds(judged):
    """Each fold by itself: hosts that its model has not seen."""
    out = [row(["fold", "phrases", "text", *(f"{level}: F1, noise, lost" for level in LEVELS)]), row(["---"] * 6)]
    for fold in judged["folds"]:
        for name in [name for name in fold["normal"] if name.endswith(", all")]:
            cells = [fold[level][name] for level in LEVELS]
            out.append(row([str(fold["fold"]), str(fold["phrases"]), name.removesuffix(", all"),
                            *(f"{c['f1']:.4f}, {c['noise']:.1%}, {c['lost']:.2%}" for c in cells)]))
    return "\n".join(out)


def plot(judged, path):
    """Points against the share of content among the words of lines with such points."""
    plt.rcParams.update({"svg.hashsalt": "dechaff", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
    figure, axes = plt.subplots(figsize=(6.4, 4))
    for (name, calibration), colour in zip(judged.items(), ("#0b6e4f", "#b5541c")):
        steps = [step["points"] for step in calibration]
        axes.plot(steps, [step["content"] for step in calibration], "o-", ms=4, color=colour, label=name)
    xs = [x / 10 for x in range(-60, 61)]
    axes.plot(xs, [1 / (1 + 2.718281828459045 ** -x) for x in xs], ":", color="#555", label="were points log odds")
    axes.set_xlabel("points of a line (host not seen in training)")
    axes.set_ylabel("share of its words that are content")
    axes.legend(frameon=False)
    axes.grid(color="#e5e5e5", lw=0.6)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def put(text, name, content):
    """A text with what stands between its marks of that name replaced."""
    before, _, rest = text.partition(BEGIN.format(name))
    return before + BEGIN.format(name) + "\n" + content + "\n" + END + rest.partition(END)[2]


def main(docs, *paths):
    judged = {os.path.basename(path).removesuffix(".json"): json.load(open(path)) for path in paths}
    page = os.path.join(docs, "quality.md")
    text = open(page, encoding="utf-8").read()
    for name, result in judged.items():
        text = put(put(text, f"{name} by type", table(result)), f"{name} by fold", folds(result))
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)
    plot({name: result["calibration"] for name, result in judged.items()}, os.path.join(docs, "calibration.svg"))


main(*sys.argv[1:])
