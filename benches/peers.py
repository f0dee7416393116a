#!/usr/bin/env python3
"""dechaff beside the text cleaners that people use, and beside what nothing can be faster than: one core, one text, one run.

usage: peers.py [--text FILE] [--rounds N] [--plot FILE] [--binary FILE]

--text    `.jsonl` with a `text` a record (or `.jsonl.gz`), or a text file; else texts of the repository's own tests
--rounds  how often each is run, by turns; the median counts (5)
--plot    where the plot goes (target/peers.svg)
--binary  the dechaff to measure (target/release/dechaff)

Prints Markdown tables. Rates are megabytes of text a second of processor time; what a run on nothing costs (start-up,
imports) is taken off. datatrove's C4 filter and jusText are slow, so they get the first part of the text alone.
The first run makes a virtual environment in target/ (PyPI). It runs on Linux.
"""
import argparse
import gzip
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEGABYTE = 1_000_000
# So much text, at least, where the repository's own is used.
OWN_BYTES = 8 * MEGABYTE
# So much of it for what is slow, in bytes.
SLICES = {"datatrove's C4 filter": 300_000, "the same, lines alone": 2 * MEGABYTE, "jusText": 300_000}

C4 = """
from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter
clean = C4QualityFilter(SETTINGS)
def work(text): return clean.filter(Document(text=text, id="0"))
"""
# Each is run as `python -c CODE FILE`: reads records, and prints the seconds that cleaning them took.
PYTHON = {
    "datatrove's C4 filter": C4.replace("SETTINGS", ""),
    # Sentences, which spaCy tells, are only counted.
    "the same, lines alone": C4.replace("SETTINGS", "min_num_sentences=-1"),
    "jusText": """
import html, justext
words = justext.get_stoplist("English")
def work(text):
    page = "".join("<p>" + html.escape(line) + "</p>" for line in text.splitlines())
    return [p.text for p in justext.justext(page, words) if not p.is_boilerplate]
""",
}
TIMED = """
import json, sys, time
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
for text in texts[:2]: work(text)
start = time.process_time()
for text in texts: work(text)
print(time.process_time() - start)
"""

# Prints the median of the seconds that a command takes, and the most memory that it had, in KB.
START_UP = """
import os, sys, time
took, most = [], 0
nothing = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
for _ in range(21):
    start = time.perf_counter()
    _, _, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=nothing), 0)
    took.append(time.perf_counter() - start)
    most = max(most, usage.ru_maxrss)
print(sorted(took)[10], most)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--plot", type=pathlib.Path, default=ROOT / "target/peers.svg")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/dechaff")
    args = parser.parse_args()
    build = ["cargo", "build", "--release", "--quiet", "--example", "floor"]
    subprocess.run(build, cwd=ROOT, check=True)
    python = environment()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    texts = read(args.text) if args.text else own_texts()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(pathlib.Path(folder), args.binary.resolve(), python, texts)
        rates = bench.rates(args.rounds)
        print(f"{sum(map(size, texts)) / MEGABYTE:.1f} MB in {len(texts)} texts, one core, median of {args.rounds}\n")
        table(rates)
        draw(rates, args.plot, python)
        print(f"\n{args.plot}\n")
        bench.growth()
        bench.start_up()
        bench.cores()


def environment():
    """The Python of a virtual environment with the peers in it."""
    folder = ROOT / "target/peers-venv"
    wanted = (ROOT / "benches/requirements.txt").read_text()
    stamp = folder / "requirements"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin/pip", "install", "--quiet", "-r", ROOT / "benches/requirements.txt"]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted)
    return folder / "bin/python"


def size(text):
    return len(text.encode())


def read(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as file:
        if ".jsonl" in path.suffixes:
            return [json.loads(line)["text"] for line in file]
        return [file.read()]


def own_texts():
    """What an extractor makes of English pages: a fixture of the tests, noise and all, behind three articles without any.

    Each is of some 6 KB, as real ones are, a third of it from the fixture; no two are equal. Noise in other languages is
    rare in real ones, and so left out.
    """
    kinds = re.compile("fixtures/(?!.*(chinese|dutch|french|german|japanese|polish|russian|spanish|turkish))(news|blog|wire|review|recipe|press|gallery)-")
    noisy = [file.read_text(encoding="utf-8") for file in sorted(ROOT.glob("tests/fixtures/*/input.txt")) if kinds.search(str(file))]
    clean = [file.read_text(encoding="utf-8") for file in sorted(ROOT.glob("tests/clean/en/*.txt"))]
    texts, total = [], 0
    while total < OWN_BYTES:
        at = len(texts)
        articles = [clean[(at * step + at // len(clean)) % len(clean)] for step in (1, 2, 3)]
        texts.append("\n\n".join([f"Part {at}", *articles, noisy[at % len(noisy)]]))
        total += size(texts[-1])
    return texts


def phrases():
    """What a person without rules has: the phrases of the rule files, for grep."""
    found = set()
    for file in (ROOT / "rules/en").glob("*.yaml"):
        for line in re.findall(r"phrases: \[(.*)\]", file.read_text(encoding="utf-8")):
            found.update(phrase for phrase in re.findall(r'"((?:[^"\\]|\\.)*)"', line) if "{" not in phrase and "\\" not in phrase)
    return sorted(phrase.rstrip("*") for phrase in found if len(phrase) > 3)


def seconds(command, **how):
    """Processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Not to /dev/null: grep knows it, and stops at the first line.
    with tempfile.TemporaryFile() as out:
        subprocess.run(command, stdout=out, **how)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Bench:
    def __init__(self, folder, binary, python, texts):
        self.folder, self.binary, self.python, self.texts = folder, binary, python, texts
        self.records = self.write("all.jsonl", texts)
        self.text = folder / "all.txt"
        self.text.write_text("\n".join(texts), encoding="utf-8")
        self.nothing = folder / "nothing.jsonl"
        self.nothing.write_text('{"text": "Nothing"}\n')
        (folder / "nothing.txt").write_text("Nothing\n")
        (folder / "phrases").write_text("\n".join(phrases()) + "\n", encoding="utf-8")

    def write(self, name, texts):
        path = self.folder / name
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        return path

    def part(self, most):
        """The first texts, of so many bytes together."""
        texts, total = [], 0
        for text in self.texts:
            texts.append(text)
            total += size(text)
            if total >= most:
                break
        return texts

    def rates(self, rounds):
        """Megabytes a second of each, a number a round."""
        all_bytes = sum(map(size, self.texts))

        def dechaff(*verb):
            command = [self.binary, *verb, "-j", "1", "--quiet", "--format", "jsonl"]
            return lambda: all_bytes / (seconds([*command, self.records]) - seconds([*command, self.nothing]))

        def plain(*command):
            once = lambda file: seconds([*command, file])
            return lambda: all_bytes / max(once(self.text) - once(self.folder / "nothing.txt"), 1e-4)

        def python(name):
            texts = self.part(SLICES[name])
            file = self.write("part.jsonl", texts)
            part = self.folder / f"{name}.jsonl"
            file.rename(part)
            command = [self.python, "-c", PYTHON[name] + TIMED, part]
            out = lambda: subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
            return lambda: sum(map(size, texts)) / float(out().split()[-1])

        grep = ["env", "LC_ALL=C.UTF-8", "grep", "-a", "-v", "-i", "-F", "-f", self.folder / "phrases"]
        ways = {
            "the floor: UTF-8, lines, a hash of each": plain(ROOT / "target/release/examples/floor"),
            "dechaff clean, careful": dechaff("clean", "--level", "careful"),
            "dechaff clean, normal": dechaff("clean", "--level", "normal"),
            "dechaff extract, normal": dechaff("extract", "--level", "normal"),
            f"grep -v -i -F, {len(phrases())} phrases": plain(*grep),
            **{name: python(name) for name in PYTHON},
        }
        rates = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                rates[name].append(way() / MEGABYTE)
        return rates

    def growth(self):
        """Time by length of the text: what grows faster than it."""
        print("| length | time, where 1 is that of the first |\n|---|---|")
        part = self.part(MEGABYTE)
        first = None
        for times in (1, 2, 4, 8):
            file = self.write("longer.jsonl", part * times)
            command = [self.binary, "clean", "-j", "1", "--quiet", file]
            took = statistics.median(seconds(command) for _ in range(3)) - seconds([*command[:-1], self.nothing])
            first = first or took
            print(f"| {times} | {took / first:.2f} |")
        print()

    def start_up(self):
        """From nothing to a small text cleaned."""
        small = self.folder / "small.txt"
        small.write_text("\n\n".join(self.texts)[:5000], encoding="utf-8")
        # From a process that is small itself: a child's memory begins with its parent's.
        command = [sys.executable, "-S", "-c", START_UP, self.binary, "clean", small]
        took, most = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        print(f"From start to a cleaned text of 5 KB: {float(took) * 1000:.1f} ms, {int(most) / 1024:.0f} MB of memory.\n")

    def cores(self):
        """Two cores against one."""
        os.sched_setaffinity(0, range(os.cpu_count()))

        def wall(jobs):
            start = time.perf_counter()
            command = [self.binary, "clean", "-j", str(jobs), "--quiet", self.records]
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            return time.perf_counter() - start

        one, two = (statistics.median(wall(jobs) for _ in range(5)) for jobs in (1, 2))
        print(f"Two cores do {one / two:.2f} times what one does.")


def table(rates):
    middle = {name: statistics.median(values) for name, values in rates.items()}
    floor = next(iter(middle.values()))
    careful = middle["dechaff clean, careful"]
    print("| | MB a second | least and most | of the floor | `clean` at careful does |\n|---|---|---|---|---|")
    for name, rate in middle.items():
        spread = f"{min(rates[name]):.3g} - {max(rates[name]):.3g}"
        print(f"| {name} | {rate:.3g} | {spread} | {rate / floor:.2%} | {careful / rate:.3g} times as much |")


PLOT = """
import json, sys
import matplotlib
matplotlib.use("svg" if sys.argv[1].endswith("svg") else "agg")
from matplotlib import pyplot
rates = json.load(sys.stdin)
names = list(rates)[::-1]
figure, axes = pyplot.subplots(figsize=(8, 0.45 * len(names) + 1))
values = [rates[name] for name in names]
bars = axes.barh(names, values, color=["#2f6f4f" if "dechaff" in name else "#b9b4a7" for name in names])
axes.set_xscale("log")
axes.bar_label(bars, [f"{value:.3g}" for value in values], padding=4)
axes.set_xlim(min(values) / 2, max(values) * 4)
axes.set_xlabel("megabytes of text a second on one core, logarithmic")
axes.spines[["top", "right"]].set_visible(False)
axes.grid(axis="x", alpha=0.3)
axes.set_axisbelow(True)
figure.tight_layout()
figure.savefig(sys.argv[1], dpi=120)
"""


def draw(rates, path, python):
    path.parent.mkdir(parents=True, exist_ok=True)
    middle = json.dumps({name: statistics.median(values) for name, values in rates.items()})
    subprocess.run([python, "-c", PLOT, path], input=middle.encode(), check=True)


if __name__ == "__main__":
    main()
