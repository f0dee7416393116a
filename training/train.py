#!/usr/bin/env python3
"""Learns an evidence file from labelled pages, and judges it on hosts that it has not seen.

usage: train.py article|residue --corpus DIR --dechaff BINARY [--out FILE.yaml] [--judge FILE.json [--keep DIR]]

DIR has pages.gold, pages.TEXT and labels.TEXT (.jsonl.gz) as training/README.md says. With --judge, five more models
are learnt, each without a fifth of the hosts, and dechaff with each of them is judged on that fifth.
Deterministic: the same files give the same bytes.
"""
import argparse
import functools
import json
import os
import time

import numpy as np

import pages as P
import points
import written
from engine import Engine
from phrases import Index

NOTHING = "schema: 1\nmodel: none\nabout: none\n"

LEVELS = ("careful", "normal", "eager")

TASKS = {
    # The article out of a whole page. Some clean texts are among the pages: where there are no menus, all is content.
    "article": {
        "about": "What is the article on a whole page, menus and all",
        "texts": ["html_text"], "gold": 0.1, "cleaned": False, "verb": "extract", "content": 1.0,
        "fit": {"measures": 110, "pairs": 260},
        "context": {"measures": 14, "pairs": 20, "rounds": 200, "rate": 0.1, "lines": 150_000},
        # So much of a line's points it has by itself, the rest by the points of the lines around.
        "own": 0.5,
        # Points lie so far below log odds: a bar that is too low costs a page more F1 than one too high.
        "doubt": 0.6,
        "lost": {"careful": 0.0045, "normal": 0.0225}, "lost_unknown": {"careful": 0.0045, "normal": 0.035}, "eager": 0.5,
    },
    # Noise that rules leave in an article's text. Losing a word of the article is 30 times as bad as leaving one of noise.
    "residue": {
        "about": "What is noise in an article's text and no rule names",
        "texts": ["trafilatura", "readability", "chromerag"], "gold": 1.0, "cleaned": True, "verb": "clean",
        "context": None, "content": 30.0,
        "fit": {"measures": 80, "pairs": 60, "rounds": 400, "rate": 0.06, "leaf": 100},
        "harm": {"normal": 0.00006, "eager": 0.0003}, "eager": None,
    },
}


def topical():
    """Phrases thrown out by those who read the largest points."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "topical.txt"), encoding="utf-8") as file:
        return set(file.read().split("\n")) - {""}


def once(method):
    """What a method made is kept for the next time that it is asked the same."""
    @functools.wraps(method)
    def kept(self, *asked):
        key = (method.__name__, *asked)
        if key not in self.made:
            self.made[key] = method(self, *asked)
        return self.made[key]
    return kept


class Trainer:
    def __init__(self, task, corpus, engine):
        self.task, self.engine, self.made = TASKS[task], engine, {}
        self.name = task
        file = lambda kind, text: os.path.join(corpus, f"{kind}.{text}.jsonl.gz")
        self.pages, self.source = [], []
        for text in self.task["texts"]:
            self._add(text, P.read(file("pages", "gold"), file("pages", text), file("labels", text)))
        if self.task["gold"]:
            self._add("gold", P.read(file("pages", "gold"), file("pages", "gold")))
        self.context_names = engine.measures[engine.measures.index("points"):]
        own = [name for name in engine.measures if name not in self.context_names]
        self.phrase_names = [name for name in own if "phrases" in name or name == "page_known"]
        self.names = [name for name in own if name not in self.phrase_names] + self.phrase_names
        values = []
        plain = self.names[:len(self.names) - len(self.phrase_names)]
        for page, (lines, words, _, rows) in zip(self.pages, engine.measure(self.pages, NOTHING, plain, self.task["cleaned"])):
            page.lines, page.words = lines, words
            P.label(page)
            values.append(rows)
        self.plain = np.concatenate(values)
        self.starts = np.cumsum([0] + [len(page.lines) for page in self.pages])
        self.labels = np.concatenate([page.labels for page in self.pages])
        self.page_of = np.concatenate([np.full(len(page.lines), i) for i, page in enumerate(self.pages)])
        self.folds = P.folds(self.pages)
        self.sizes = np.concatenate([page.sizes() for page in self.pages])
        self.index = Index(self.pages, 4)
        self._importance()
        # A third of the pages is shown a second time as if no phrase were known, as on pages in other languages.
        self.unknown_pages = np.array([int.from_bytes(page.id.encode()[-2:], "big") % 3 == 0 for page in self.pages])
        self.unknown = self.unknown_pages[self.page_of]

    def _add(self, source, pages):
        self.pages += pages
        self.source += [source] * len(pages)

    def _importance(self):
        """Half by share of the page's words, half by share of its lines: each page counts as much as another."""
        by_words, by_lines, for_phrases = [], [], []
        for page, start, end in zip(self.pages, self.starts, self.starts[1:]):
            sizes, known = self.sizes[start:end], float(page.labelled)
            by_words.append(sizes / max(1, sizes.sum()) * known)
            by_lines.append(np.full(end - start, known / max(1, end - start)))
            root = np.sqrt(sizes + 1)
            for_phrases.append(root / root.sum() * 100 * known if end > start else root)
        by_words, by_lines = np.concatenate(by_words), np.concatenate(by_lines)
        mixed = 0.5 * by_words / by_words.mean() + 0.5 * by_lines / by_lines.mean()
        clean = np.array([source == "gold" for source in self.source])[self.page_of]
        self.importance = mixed * np.where(self.labels > 0, self.task["content"], 1.0) * np.where(clean, self.task["gold"], 1.0)
        self.phrase_importance = np.concatenate(for_phrases) * np.where(clean, self.task["gold"], 1.0)

    def outside(self, held):
        """The pages of all folds but those."""
        return ~np.isin(self.folds, list(held))

    def lines_of(self, page_mask):
        return np.flatnonzero(page_mask[self.page_of])

    def measured(self, page_mask, model, only):
        """Points and measures of the lines of some pages, in their order."""
        chosen = [page for page, wanted in zip(self.pages, page_mask) if wanted]
        got = list(self.engine.measure(chosen, model, only, self.task["cleaned"]))
        rows = [values for *_, values in got]
        return np.concatenate([np.zeros(0), *(points for _, _, points, _ in got)]), np.concatenate([np.zeros((0, len(only))), *rows])

    # What follows is learnt without the folds that are held out, whichever model it becomes a part of: so it is learnt once.

    @once
    def phrases(self, held):
        """Phrases as text, and how many there are."""
        rest = self.lines_of(self.outside(held))
        return written.phrases(self.index.names, self.index.weights(rest, self.labels, self.phrase_importance))

    @once
    def phrase_values(self, held):
        """What those phrases come to on lines of the folds held out."""
        return self.measured(~self.outside(held), NOTHING + self.phrases(held)[0], self.phrase_names)[1].astype(np.float32)

    def spread(self, held, of_fold, into):
        """Sets the lines of each other fold to what comes of models without that fold either."""
        for fold in sorted(set(self.folds[self.outside(held)])):
            without = held | {fold}
            lines = self.lines_of(~self.outside(without))
            mine = self.folds[self.page_of[lines]] == fold
            into[lines[mine]] = of_fold(without)[mine]
        return into

    @once
    def line(self, held):
        """The points that lines have by themselves. Each line's phrases have the weights that were learnt without its host."""
        values = self.spread(held, self.phrase_values, np.zeros((len(self.labels), len(self.phrase_names)), np.float32))
        values = np.concatenate([self.plain, values], 1)
        rows = self.lines_of(self.outside(held))
        again = rows[self.unknown[rows]]
        unknown = values[again]
        unknown[:, len(self.names) - len(self.phrase_names):] = 0
        both = np.concatenate([rows, again])
        return points.fit(self.names, np.concatenate([values[rows], unknown]), self.labels[both], self.importance[both],
                          **self.task["fit"])

    @once
    def scored(self, held, known=True):
        """Lines of the folds held out: their own points in the first column, then what the points around them come to.
        If need be as if no phrase were known."""
        # Without a context of its own a model says nothing of context: this one is empty.
        empty = "context: {}\n" if self.task["context"] else ""
        model = written.model("m", "none", {}, {}, self.line(held), None, self.phrases(held)[0] if known else "") + empty
        own, around = self.measured(~self.outside(held), model, self.context_names)
        return np.concatenate([own[:, None], around], 1)

    def learn(self, held=frozenset()):
        """An evidence file's parts, and the points that models without their own host gave the lines; a second time as if
        no phrase were known."""
        shape = (len(self.labels), 1 + len(self.context_names))
        known = self.spread(held, self.scored, np.zeros(shape))
        unknown = self.spread(held, lambda without: self.scored(without, False), np.zeros(shape))
        final, final_unknown, context = known[:, 0], unknown[:, 0], None
        if self.task["context"]:
            known, unknown = (values[:, 1:].astype(np.float32) for values in (known, unknown))
            final, final_unknown = np.zeros(len(self.labels)), np.zeros(len(self.labels))

            def fit(without):
                rows = self.lines_of(self.outside(without))
                sums = points.fit(self.context_names, known[rows], self.labels[rows], self.importance[rows], **self.task["context"])
                sums = points.with_own(sums, self.task["own"])
                return {**sums, "bias": round(sums["bias"] - self.task["doubt"], 2)}

            for fold in sorted(set(self.folds[self.outside(held)])):
                rest, at = fit(held | {fold}), self.lines_of(self.folds == fold)
                final[at] = points.score(rest, self.context_names, known[at])
                final_unknown[at] = points.score(rest, self.context_names, unknown[at])
            context = fit(held)
        text, count = self.phrases(held)
        return {"held": held, "line": self.line(held), "context": context, "phrases": text, "count": count,
                "final": final, "unknown": final_unknown}

    def bars(self, learnt):
        """The bar of each level: so much of the content's words is lost, or of the gold texts', on lines that were held out."""
        clean, page_mask = np.array([source == "gold" for source in self.source]), self.outside(learnt["held"])
        if "harm" in self.task:
            at = self.lines_of(page_mask & clean)
            final, sizes = learnt["final"][at], self.sizes[at]
            order = np.argsort(final, kind="stable")
            lost = np.cumsum(sizes[order]) / sizes.sum()
            return {level: float(final[order][np.searchsorted(lost, share)]) for level, share in self.task["harm"].items()}
        bars = self.bars_below_best(learnt["final"], page_mask & ~clean, self.task["lost"])
        unknown = self.bars_below_best(learnt["unknown"], page_mask & ~clean, self.task["lost_unknown"])
        said = {level: f"{{below_best: {bar:.2f}, unknown: {unknown[level]:.2f}}}" for level, bar in bars.items()}
        return {**said, "eager": f"{{below_best: {self.task['eager']:.2f}}}"}

    def bars_below_best(self, final, page_mask, lost):
        """So far below a page's best bar is the level's: so much of the content's words is below it."""
        best = np.zeros(len(self.labels))
        for page in np.flatnonzero(page_mask):
            lines = slice(self.starts[page], self.starts[page + 1])
            best[lines] = P.best_bar(final[lines], self.sizes[lines])
        at = self.lines_of(page_mask)
        below, sizes = (best - final)[at], self.sizes[at] * (self.labels[at] > 0)
        order = np.argsort(-below, kind="stable")
        share = np.cumsum(sizes[order]) / sizes.sum()
        return {level: float(below[order][np.searchsorted(share, most)]) for level, most in lost.items()}

    def model(self, learnt):
        """The file. Phrases that were found to say what a page is about, not what a line is, are left out of it."""
        phrases, count = written.without(learnt["phrases"], topical())
        chosen = [page for page, wanted in zip(self.pages, self.outside(learnt["held"])) if wanted]
        said = {
            "from": "WCXB v1.0, development split, by Murrough Foley (page texts and human-reviewed main text)",
            "licence": "CC-BY-4.0",
            "texts": ", ".join(sorted(set(self.source))),
            "pages": str(len({page.id for page in chosen})),
            "hosts": str(len({page.host for page in chosen})),
            "phrases": str(count),
            "by": "training/train.py",
        }
        return written.model(self.name, self.task["about"], said, self.bars(learnt), learnt["line"], learnt["context"], phrases)

    def judge(self, keep=None):
        """What dechaff makes of pages of hosts that its evidence has not seen."""
        judged = []
        for fold in range(P.FOLDS):
            judged.append(self.judge_fold(fold, keep))
            print(f"fold {fold}: {json.dumps(judged[-1]['table'])}", flush=True)
        cleaned = {key: text for one in judged for key, text in one["cleaned"].items()}
        everything = sorted({i for level, i in cleaned if level == "normal"})
        out = {"folds": [one["table"] for one in judged],
               "levels": {level: self.table(cleaned, level, everything) for level in LEVELS}}
        if self.task["verb"] == "extract":
            before = sum(len(P.tokens(cleaned["gold", i][0])) for i in everything)
            after = sum(len(P.tokens(cleaned["gold", i][1])) for i in everything)
            out["gold_words_lost_at_normal"] = 1 - after / before
        out["calibration"] = calibration([one["predictions"] for one in judged])
        return out

    def judge_fold(self, fold, keep=None):
        """A model without that fold, on that fold: its table, and what the table is made of."""
        start, cleaned = time.time(), {}
        learnt = self.learn(frozenset([fold]))
        model = self.model(learnt)
        if keep:
            with open(os.path.join(keep, f"{self.name}.{fold}.yaml"), "w", encoding="utf-8") as file:
                file.write(model)
        judged = np.array([source != "gold" or "harm" in self.task for source in self.source])
        unseen = (self.folds == fold) & judged
        held = list(np.flatnonzero(unseen))
        held_pages = [self.pages[i] for i in held]
        scored, _ = self.measured(unseen, model, ["words"])
        for level in LEVELS:
            for i, text in zip(held, self.engine.texts(held_pages, model, self.task["verb"], level)):
                cleaned[level, i] = text
        if self.task["verb"] == "extract":
            gold = [P.Page(p.id, p.url, p.kind, p.gold, p.gold) for p in held_pages]
            for i, page, text in zip(held, gold, self.engine.texts(gold, model, "extract", "normal")):
                cleaned["gold", i] = (page.text, text)
        table = {"fold": fold, "phrases": learnt["count"], "seconds": round(time.time() - start),
                 **{level: self.table(cleaned, level, held) for level in LEVELS}}
        lines = self.lines_of(unseen)
        return {"table": table, "cleaned": cleaned, "predictions": (scored, self.labels[lines], self.sizes[lines])}

    def table(self, cleaned, level, held):
        """By text and page type."""
        out = {}
        for source in sorted(set(self.source)):
            of_source = [i for i in held if self.source[i] == source]
            if not of_source:
                continue
            for kind in ["all"] + sorted({self.pages[i].kind for i in of_source}):
                some = [i for i in of_source if kind in ("all", self.pages[i].kind)]
                golden = [self.pages[i].gold for i in some]
                worth = P.worth([self.pages[i].text for i in some], [cleaned[level, i] for i in some], golden)
                out[f"{source}, {kind}"] = {key: round(value, 5) for key, value in worth.items()}
        return out


def calibration(predictions):
    """Of lines with such points: how many words there are, and which share of them is content."""
    scored, labels, sizes = (np.concatenate(part) for part in zip(*predictions))
    steps = np.clip(np.round(scored * 2) / 2, -6, 6)
    return [{"points": float(step), "words": float(sizes[steps == step].sum()),
             "content": float(np.average(labels[steps == step], weights=sizes[steps == step] + 1e-9))}
            for step in np.unique(steps)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--dechaff", required=True)
    parser.add_argument("--out")
    parser.add_argument("--judge")
    parser.add_argument("--keep", help="a folder for the models of the folds")
    arguments = parser.parse_args()
    start = time.time()
    trainer = Trainer(arguments.task, arguments.corpus, Engine(arguments.dechaff))
    print(f"{len(trainer.pages)} texts, {len(trainer.labels)} lines, {len(trainer.index.names)} phrases, {time.time() - start:.0f} s", flush=True)
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as file:
            file.write(trainer.model(trainer.learn()))
        print(f"{arguments.out}: {os.path.getsize(arguments.out)} bytes, {time.time() - start:.0f} s", flush=True)
    if arguments.judge:
        with open(arguments.judge, "w", encoding="utf-8") as file:
            json.dump(trainer.judge(arguments.keep), file, indent=1)
        print(f"{arguments.judge}, {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
