"""Pages with their gold text: reading, labels, folds by host, and what a selection of lines is worth."""
import collections
import gzip
import json
import re
import urllib.parse
from dataclasses import dataclass, field

import numpy as np
from numba import njit

TOKEN = re.compile(r"\w+")
FOLDS = 5


def tokens(text):
    return TOKEN.findall(text.lower())


def rows(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if str(path).endswith(".gz") else open(path, encoding="utf-8")
    with opened as file:
        return [json.loads(line) for line in file if line.strip()]


def host(url):
    name = urllib.parse.urlparse(url).netloc.lower()
    return name.removeprefix("www.")


@dataclass
class Page:
    """A text of a page, and the page's gold text."""
    id: str
    url: str
    kind: str
    text: str
    gold: str
    lines: list = field(default_factory=list)  # numbers of the lines, from 1
    words: list = field(default_factory=list)  # each line's words, as evidence files write them
    labels: np.ndarray = None  # 1 content, 0 noise; None where the page has no labels

    @property
    def host(self):
        return host(self.url) or self.id

    def sizes(self):
        text = self.text.split("\n")
        return np.array([len(tokens(text[number - 1])) for number in self.lines], float)


def read(gold_path, text_path, labels_path=None):
    """Pages in the order of the text file. Without labels every line of the text counts as content."""
    gold = {row["id"]: row for row in rows(gold_path)}
    known = {row["id"]: row["lines"] for row in rows(labels_path)} if labels_path else None
    pages = []
    for row in rows(text_path):
        golden = gold[row["id"]]
        text = row.get("text", row.get("main_content")) or ""
        page = Page(row["id"], golden["url"], golden.get("page_type", ""), text, golden["main_content"])
        page.aligned = {} if known is None else {n + 1: hit * 2 >= all_ > 0 for n, all_, hit in known.get(row["id"], [])}
        page.labelled = known is None or row["id"] in known
        page.all_content = known is None
        pages.append(page)
    return pages


def label(page):
    """Labels of the lines that were measured."""
    page.labels = np.array([1.0 if page.all_content else float(page.aligned.get(n, False)) for n in page.lines])


def folds(pages, count=FOLDS, seed=7):
    """A fold for each page; all pages of a host share one."""
    hosts = sorted({page.host for page in pages})
    order = np.random.RandomState(seed).permutation(len(hosts))
    of_host = {hosts[place]: index % count for index, place in enumerate(order)}
    return np.array([of_host[page.host] for page in pages])


def best_bar(points, sizes):
    """The bar with the best F1 that is to be expected, points being log odds; as src/evidence/model.rs has it."""
    chance = 1 / (1 + np.exp(-np.clip(points, -8, 8)))
    order = np.argsort(-points, kind="stable")
    gained, kept = np.cumsum((chance * sizes)[order]), np.cumsum(sizes[order])
    expected = 2 * gained / np.maximum(kept + gained[-1:], 1e-9)
    return points[order][np.argmax(expected)] if len(points) else 0.0


def overlap(text, gold_text):
    """Tokens of a text, and how many of them the gold text has too, each as often as it has it."""
    mine = collections.Counter(tokens(text))
    return sum(mine.values()), sum((mine & collections.Counter(tokens(gold_text))).values())


def worth(before, after, gold):
    """F1 (mean over pages), noise removed and content lost (shares of all words) of cleaned texts."""
    scores, noise, noise_left, content, content_left = [], 0, 0, 0, 0
    for raw, out, golden in zip(before, after, gold):
        wanted = len(tokens(golden))
        n, hit = overlap(out, golden)
        raw_n, raw_hit = overlap(raw, golden)
        precision, recall = hit / n if n else 0.0, hit / wanted if wanted else 0.0
        both = precision + recall
        scores.append((1.0 if not n else 0.0) if not wanted else 2 * precision * recall / both if both else 0.0)
        noise += raw_n - raw_hit
        noise_left += n - hit
        content += raw_hit
        content_left += hit
    return {"pages": len(scores), "f1": float(np.mean(scores)) if scores else 0.0,
            "noise": 1 - noise_left / max(1, noise), "lost": 1 - content_left / max(1, content)}


@njit
def _align(text, gold, trace):
    n, m = len(text), len(gold)
    above = np.zeros(m + 1, np.int32)
    here = np.zeros(m + 1, np.int32)
    for i in range(n):
        here[0] = 0
        for j in range(m):
            match = -1
            if text[i] == gold[j]:
                match = above[j] + 1
                if i > 0 and j > 0 and text[i - 1] == gold[j - 1]:
                    match += 2
            if match >= above[j + 1] and match >= here[j]:
                here[j + 1], trace[i, j] = match, 1
            elif above[j + 1] >= here[j]:
                here[j + 1], trace[i, j] = above[j + 1], 2
            else:
                here[j + 1], trace[i, j] = here[j], 3
        above, here = here, above
    hit = np.zeros(n, np.int8)
    i, j = n - 1, m - 1
    while i >= 0 and j >= 0:
        if trace[i, j] == 1:
            hit[i] = 1
            i -= 1
            j -= 1
        elif trace[i, j] == 2:
            i -= 1
        else:
            j -= 1
    return hit


def aligned_lines(text, gold_text):
    """`[line number from 0, tokens, tokens aligned with the gold]` of each line that is not blank.

    The longest common subsequence of tokens, a match counting 3 where the pair before matched too: greedy counting
    lets menus steal the words of the article (0.03 of F1, prototype).
    """
    vocabulary = {}
    gold = np.array([vocabulary.setdefault(t, len(vocabulary)) for t in tokens(gold_text)], np.int32)
    lines = [(number, tokens(line)) for number, line in enumerate(text.split("\n")) if line.strip()]
    mine = np.array([vocabulary.get(t, -1) for _, line in lines for t in line], np.int32)
    if not len(gold) or not len(mine):
        return [[number, len(line), 0] for number, line in lines]
    hit = _align(mine, gold, np.zeros((len(mine), len(gold)), np.int8))
    out, at = [], 0
    for number, line in lines:
        out.append([number, len(line), int(hit[at:at + len(line)].sum())])
        at += len(line)
    return out
