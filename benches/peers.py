#!/usr/bin/env python3
"""dechaff beside the text cleaners that people use, and beside what nothing can be faster than: one core, one text, one run.

usage: peers.py [--text FILE] [--pages FILE] [--rounds N] [--plot FILE] [--binary FILE]

--text    `.jsonl` with a `text` a record (or `.jsonl.gz`), or a text file; else texts of the repository's own tests
--pages   texts of whole pages, in such a file, for `dechaff extract`; else it gets --text
--rounds  how often each is run, by turns; the median counts (5)
--plot    where the plot goes (target/peers.svg)
--binary  the dechaff to measure (target/release/dechaff)

Prints Markdown tables. Rates are megabytes of text a second of processor time: of a run on the text twice what one on it
once takes more, so that start-up, imports and what is built for the first text do not count. datatrove's C4 filter and
jusText are slow, so they get the first part of the text alone, and dechaff beside them gets that part too.
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
FLOOR = "the floor: UTF-8, lines, a hash of each"
CAREFUL = "dechaff clean, careful"
# So much of it for what is slow, in bytes.
SLICES = {"datatrove's C4 filter": 300_000, "the same, lines alone": 2 * MEGABYTE, "jusText": 300_000}

C4 = """
from datatrove.data import Document
from datatrove.pipeline.filters import C4QualityFilter
clean = C4QualityFilter(SETTINGS)
def work(text): return clean.filter(Document(text=text, id="0"))
"""
# Each is run as `python -c CODE FILE`: reads records, and prints the seconds that cleaning them takes the second time.
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
for text in texts: work(text)
start = time.process_time()
for text in texts: work(text)
print(time.process_time() - start)
"""

# Prints the median of the seconds that a command takes, and the most memory that it had, in KB.
START_UP = """
import os, sys, time
took, user, most = [], [], 0
nothing = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
for _ in range(21):
    start = time.perf_counter()
    _, _, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=nothing), 0)
    took.append(time.perf_counter() - start)
    user.append(usage.ru_utime)
    most = max(most, usage.ru_maxrss)
print(sorted(took)[10], sorted(user)[10], most)
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--pages", type=pathlib.Path)
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
        bench = Bench(pathlib.Path(folder), args.binary.resolve(), python, texts, read(args.pages) if args.pages else texts)
        rates = bench.rates(args.rounds)
        print(f"{total(texts) / MEGABYTE:.1f} MB in {len(texts)} texts, one core, median of {args.rounds}, {commit()}\n")
        bench.table(rates)
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


def commit():
    """What was measured, if the binary is of this tree."""
    described = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return f"commit {described.stdout.strip() or 'unknown'}"


def size(text):
    return len(text.encode())


def total(texts):
    return sum(map(size, texts))


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
    texts, so_far = [], 0
    while so_far < OWN_BYTES:
        at = len(texts)
        articles = [clean[(at * step + at // len(clean)) % len(clean)] for step in (1, 2, 3)]
        texts.append("\n\n".join([f"Part {at}", *articles, noisy[at % len(noisy)]]))
        so_far += size(texts[-1])
    return texts


def phrases():
    """What a person without rules has: the phrases of the rule files, for grep."""
    quoted = r'"(?:[^"\\]|\\.)*"'
    lists = re.compile(rf"phrases:\s*(?:\[\s*((?:{quoted}\s*,?\s*)*)\]|((?:\s*\n\s*- {quoted})+))")
    found = set()
    for file in (ROOT / "rules/en").glob("*.yaml"):
        for one in lists.finditer(file.read_text(encoding="utf-8")):
            found.update(phrase[1:-1] for phrase in re.findall(quoted, one[1] or one[2]))
    return sorted(phrase.rstrip("*") for phrase in found if len(phrase) > 3 and "{" not in phrase and "\\" not in phrase)


def beside(name):
    """The row of dechaff on the part of the text that a slow one gets."""
    return f"{CAREFUL}, beside {name}"


def seconds(command, right=(0,)):
    """Processor seconds of a command that ends with one of the exit statuses that are right."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Not to /dev/null: grep knows it, and stops at the first line.
    with tempfile.TemporaryFile() as out:
        status = subprocess.run(command, stdout=out).returncode
    if status not in right:
        raise SystemExit(f"{command[0]} ended with exit status {status}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Bench:
    def __init__(self, folder, binary, python, texts, pages):
        self.folder, self.binary, self.python, self.texts, self.pages = folder, binary, python, texts, pages
        (folder / "phrases").write_text("\n".join(phrases()) + "\n", encoding="utf-8")
        self.slices = {name: self.part(most) for name, most in SLICES.items()}

    def records(self, name, texts):
        path = self.folder / name
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        return path

    def plain(self, name, texts):
        path = self.folder / name
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return path

    def part(self, most):
        """The first texts, of so many bytes together."""
        part, so_far = [], 0
        for text in self.texts:
            part.append(text)
            so_far += size(text)
            if so_far >= most:
                break
        return part

    def twice_less_once(self, command, texts, write, right=(0,)):
        """A way to measure: bytes a second of the command on a file of these texts, which `write` makes."""
        # So many that they take a while.
        times = -(-OWN_BYTES // total(texts))
        name = f"{len(list(self.folder.iterdir()))}"
        once, twice = write(f"{name}-once", texts * times), write(f"{name}-twice", texts * times * 2)
        took = lambda file: seconds([*command, file], right)
        return lambda: total(texts) * times / max(took(twice) - took(once), 1e-4)

    def clean(self, texts, *verb):
        command = [self.binary, *verb, "-j", "1", "--quiet", "--format", "jsonl"]
        return self.twice_less_once(command, texts, self.records)

    def peer(self, name):
        texts = self.slices[name]
        command = [self.python, "-c", PYTHON[name] + TIMED, self.records(name, texts)]
        out = lambda: subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        return lambda: total(texts) / float(out().split()[-1])

    def rates(self, rounds):
        """Megabytes a second of each, a number a round."""
        grep = ["env", "LC_ALL=C.UTF-8", "grep", "-a", "-v", "-i", "-F", "-f", self.folder / "phrases"]
        careful = ["clean", "--level", "careful"]
        ways = {
            FLOOR: self.twice_less_once([ROOT / "target/release/examples/floor"], self.texts, self.plain),
            CAREFUL: self.clean(self.texts, *careful),
            "dechaff clean, normal": self.clean(self.texts, "clean"),
            "dechaff extract, normal": self.clean(self.pages, "extract"),
            # Its exit status is 1 where it prints nothing.
            f"grep -v -i -F, {len(phrases())} phrases": self.twice_less_once(grep, self.texts, self.plain, right=(0, 1)),
            **{name: self.peer(name) for name in PYTHON},
            **{beside(name): self.clean(texts, *careful) for name, texts in self.slices.items()},
        }
        rates = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                rates[name].append(way() / MEGABYTE)
        return rates

    def table(self, rates):
        middle = {name: statistics.median(values) for name, values in rates.items()}
        print("| | MB a second | least and most | of the floor | `clean` at careful, on the same text, does |\n|---|---|---|---|---|")
        for name, rate in middle.items():
            if name.startswith(CAREFUL) and name != CAREFUL:
                continue
            spread = f"{min(rates[name]):.3g} - {max(rates[name]):.3g}"
            against = middle[beside(name)] if name in self.slices else middle[CAREFUL]
            print(f"| {name} | {rate:.3g} | {spread} | {rate / middle[FLOOR]:.2%} | {against / rate:.3g} times as much |")

    def growth(self):
        """Time by length of one text: what grows faster than it."""
        print("| one text of | time, where 1 is that of the first |\n|---|---|")
        whole = "\n\n".join(self.part(4 * MEGABYTE)).encode()
        none = self.records("none.jsonl", self.texts[:40])
        base = first = None
        for parts in (8, 4, 2, 1):
            text = whole[: len(whole) // parts].decode(errors="ignore")
            # A text of its own behind others that have what it needs built.
            file = self.records("growing.jsonl", [*self.texts[:40], text])
            command = [self.binary, "clean", "-j", "1", "--quiet", "--format", "jsonl"]
            pairs = [seconds([*command, file]) - seconds([*command, none]) for _ in range(5)]
            took = statistics.median(pairs)
            base, first = base or size(text), first or took
            print(f"| {size(text) / MEGABYTE:.2f} MB, {size(text) / base:.0f} times | {took / first:.2f} |")
        print()

    def start_up(self):
        """From nothing to a small text cleaned."""
        small = self.folder / "small.txt"
        small.write_text("\n\n".join(self.texts)[:5000], encoding="utf-8")
        # From a process that is small itself: a child's memory begins with its parent's.
        command = [sys.executable, "-S", "-c", START_UP, self.binary, "clean", small]
        took, user, most = map(float, subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split())
        said = f"{took * 1000:.1f} ms, {user * 1000:.1f} of them at work in the process, {most / 1024:.0f} MB of memory"
        print(f"From start to a cleaned text of 5 KB: {said}.\n")

    def cores(self):
        """Two cores against one, on records and on files."""
        os.sched_setaffinity(0, range(os.cpu_count()))
        texts = self.part(OWN_BYTES)
        files = self.folder / "files"
        files.mkdir()
        for at, text in enumerate(texts):
            (files / f"{at:05}.txt").write_text(text, encoding="utf-8")

        def wall(jobs, source):
            with tempfile.TemporaryDirectory(dir=self.folder) as cleaned:
                start = time.perf_counter()
                command = [self.binary, "clean", "-j", str(jobs), "--quiet", "-o", cleaned, source]
                subprocess.run(command, check=True)
                return time.perf_counter() - start

        for name, source in (("records", self.records("cores.jsonl", texts)), ("files", files)):
            # Each pair at one time: other guests of the machine come and go.
            faster = statistics.median(wall(1, source) / wall(2, source) for _ in range(9))
            print(f"Two cores do {faster:.2f} times what one does, on {len(texts)} {name}.")


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
    shown = {name: values for name, values in rates.items() if name == CAREFUL or not name.startswith(CAREFUL)}
    middle = json.dumps({name: statistics.median(values) for name, values in shown.items()})
    subprocess.run([python, "-c", PLOT, path], input=middle.encode(), check=True)


if __name__ == "__main__":
    main()
