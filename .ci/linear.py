#!/usr/bin/env python3
"""Time grows linearly with the text, for every hostile shape.

usage: linear.py DECHAFF            instructions (callgrind) for 16 times the text: at most 20 times as many
       linear.py --clock DECHAFF    the same by the clock, 1 MB against 16 MB; for people, this is noisy

What an empty text costs (reading the rules) is taken off both.
"""
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

SHAPES = {
    "one line without an end": "and so on ",
    "all newlines": "\n",
    "one repeated line": "The same line stands here again and again, and it is long enough to be a sentence of prose.\n",
    "lines that all hit": "Post a Comment\n",
    "lines that all nearly hit": "Share\n",
    "all headings": "# Related articles\n",
    "all list items": "- Storm closes coast road\n",
    "starts of blocks": "Legal Disclaimer:\n\n",
    "one line of hits": "we use cookies on our website to accept your settings, ",
    "brackets": "[](",
    "combining marks": "e\u0301\u0327",
    "random letters": None,
}
BOUND = 20
# Shapes that `extract` is tried on too: measures of lines, blocks and neighbours.
EXTRACTED = ["one line without an end", "one repeated line", "lines that all hit", "all list items", "random letters"]


def text(piece, size):
    if piece is None:
        state, out = 1, []
        for _ in range(size // 3):
            state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
            out.append(chr(0x20 + state // (1 << 40) % 0x2000) if state >> 60 else "\n")
        return "".join(out)
    return piece * (size // len(piece.encode()))


def instructions(binary, data, verb="clean"):
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(data)
        file.flush()
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", binary, verb, "--format", "text", file.name]
        run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return int(re.search(rb"Collected : (\d+)", run.stderr)[1])


def seconds(binary, data, verb="clean"):
    def once():
        start = time.time()
        subprocess.run([binary, verb, "--format", "text"], input=data.encode(), stdout=subprocess.DEVNULL, check=True)
        return time.time() - start
    return min(once() for _ in range(2))


def main(arguments):
    clock = "--clock" in arguments
    binary = [argument for argument in arguments if argument != "--clock"][0]
    measure, small, unit = (seconds, 1 << 20, "s") if clock else (instructions, 1 << 16, "M instructions")
    scale = 1 if clock else 1e6
    runs = [("clean", name) for name in SHAPES] + [("extract", name) for name in EXTRACTED]
    sizes = [(verb, SHAPES[name], size) for verb, name in runs for size in (small, small * 16)]
    # Counts do not mind company; the clock does.
    with ThreadPoolExecutor(1 if clock else os.cpu_count()) as pool:
        base = pool.submit(measure, binary, "")
        measured = pool.map(lambda run: measure(binary, text(*run[1:]), run[0]), sizes)
        bad = 0
        for verb, name in runs:
            one, sixteen = (next(measured) - base.result() for _ in range(2))
            ratio = sixteen / max(one, 1e-9)
            bad += ratio > BOUND
            too_much = "  TOO MUCH" if ratio > BOUND else ""
            print(f"{verb:8s}{name:28s} {one / scale:10.2f} {sixteen / scale:10.2f} {unit}: {ratio:5.1f} times{too_much}", flush=True)
    return 1 if bad and not clock else 0


sys.exit(main(sys.argv[1:]))
