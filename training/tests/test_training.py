"""The trainer on generated pages: labels, phrases, points, and a model that finds articles. Run by pytest in training/."""
import json
import os
import random
import sys

import numpy as np
import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
import pages as P
import points
import train
import written
from engine import Engine
from phrases import Index, phrases

BINARY = os.environ.get("DECHAFF", os.path.join(os.path.dirname(__file__), "..", "..", "target", "release", "dechaff"))
THINGS = "ferry harbour lighthouse orchard mill quarry railway chapel meadow bakery".split()
DEEDS = "closed opened flooded rebuilt sold painted moved lost found measured".split()
MENU = "Home,About us,Contact,Sign in,Subscribe,Privacy policy,Terms of use,Read more,Share on Facebook,Latest news".split(",")


def sentence(rng):
    return f"The {rng.choice(THINGS)} was {rng.choice(DEEDS)} on the {rng.randint(1, 28)}th, and the {rng.choice(THINGS)} beside it " \
           f"will be {rng.choice(DEEDS)} before the winter, said the keeper of the {rng.choice(THINGS)}."


def corpus(folder, hosts=30, each=2):
    """Pages of invented hosts: a menu, a headline, paragraphs, a list of other stories, a footer."""
    rng = random.Random(1)
    rows = {"gold": [], "text": [], "labels": []}
    for number in range(hosts * each):
        body = [sentence(rng) for _ in range(rng.randint(3, 8))]
        title = f"The {rng.choice(THINGS)} and the {rng.choice(THINGS)}"
        menu, footer = rng.sample(MENU, 6), rng.sample(MENU, 5)
        text = "\n".join([f"{title} - Gazette {number % hosts}", *menu, "", title, "", "\n\n".join(body), "", "More stories",
                          *(f"{rng.choice(THINGS).title()} {rng.choice(DEEDS)}" for _ in range(4)), "", *footer])
        gold = "\n".join([title, *body])
        url = f"https://host{number % hosts}.example.org/{number}"
        rows["gold"].append({"id": str(number), "url": url, "page_type": "article", "main_content": gold})
        rows["text"].append({"id": str(number), "url": url, "text": text})
        rows["labels"].append({"id": str(number), "lines": P.aligned_lines(text, gold)})
    for name, kind in (("gold", "pages.gold"), ("text", "pages.html_text"), ("labels", "labels.html_text")):
        import gzip
        with gzip.open(os.path.join(folder, f"{kind}.jsonl.gz"), "wt") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows[name]))
    return folder


@pytest.fixture(scope="session")
def trainer(tmp_path_factory):
    folder = str(corpus(tmp_path_factory.mktemp("corpus")))
    train.TASKS["article"]["fit"] = {"measures": 30, "pairs": 10, "rounds": 40, "rate": 0.1, "leaf": 10, "models": 2, "lines": 1000}
    return train.Trainer("article", folder, Engine(BINARY))


def test_menus_do_not_steal_the_words_of_the_article():
    text = "the keeper\nhome\nThe keeper of the mill sold it\nmill sold"
    assert [hit for *_, hit in P.aligned_lines(text, "The keeper of the mill sold it")] == [0, 0, 7, 0]


def test_worth_counts_words():
    worth = P.worth(["a b menu menu"], ["a menu"], ["a b"])
    assert worth["noise"] == 0.5 and worth["lost"] == 0.5 and worth["f1"] == pytest.approx(0.5)


def test_hosts_are_not_split(trainer):
    by_host = {}
    for page, fold in zip(trainer.pages, trainer.folds):
        assert by_host.setdefault(page.host, fold) == fold
    assert len(set(trainer.folds)) == P.FOLDS


def test_long_lines_are_looked_at_from_both_ends():
    line = " ".join(f"w{i}" for i in range(100))
    found = set(phrases(line))
    assert "^ w0 w1" in found and "w98 w99 $" in found and "w50" not in found


def test_dechaff_adds_up_what_was_learnt(trainer):
    lines = np.arange(len(trainer.labels))
    index = Index(trainer.pages, 2)
    weights = index.weights(lines, trainer.labels, np.ones(len(lines)))
    text, count = written.phrases(index.names, weights)
    assert count > 10
    rounded = np.array([round(float(weight), 1) for weight in weights])
    expected = [rounded[index.found[a:b]].sum() for a, b in zip(index.starts, index.starts[1:])]
    everything = np.ones(len(trainer.pages), bool)
    _, values = trainer.measured(everything, train.NOTHING + text, trainer.names)
    assert values[:, trainer.names.index("phrases")] == pytest.approx(expected, abs=1e-4)
    sums = points.fit(trainer.names, values, trainer.labels, trainer.importance, measures=20, pairs=8, rounds=30, leaf=10)
    model = written.model("m", "none", {}, {}, sums, None, text)
    got, _ = trainer.measured(everything, model, ["words"])
    assert got == pytest.approx(points.score(sums, trainer.names, values), abs=1e-6)


def test_a_share_of_a_line_s_own_points_is_put_in_as_steps():
    none = {"bias": 1.0, "measures": [(["points_before"], [np.array([0.0], np.float32)], np.array([-0.2, 0.2]))], "pairs": []}
    values = np.array([[p, 1.0] for p in np.arange(-5.0, 3.8, 0.37)], np.float32)
    got = points.score(points.with_own(none, 0.5), ["points", "points_before"], values)
    assert got == pytest.approx(0.5 * (1.2 + values[:, 0]), abs=0.09)


def test_topical_phrases_are_left_out():
    text, count = written.phrases(["puppy", "^ home $", "a puppy"], [0.7, -1.1, 0.7])
    assert count == 3 and written.without(text, train.topical()) == (text.replace("      puppy\n", ""), 2)


def test_a_model_finds_the_articles_of_hosts_it_has_not_seen(trainer):
    model = trainer.model(trainer.learn(frozenset([0])))
    held = [page for page, fold in zip(trainer.pages, trainer.folds) if fold == 0]
    gold = [page.gold for page in held]
    for level, least in (("careful", 0.5), ("normal", 0.85), ("eager", 0.9)):
        worth = P.worth([page.text for page in held], trainer.engine.texts(held, model, "extract", level), gold)
        assert worth["f1"] > least and worth["lost"] < 0.05, (level, worth)


def test_what_is_learnt_for_one_fold_has_not_seen_another_that_is_held_out_too(trainer):
    """Models are shared between folds: what a model without two folds comes to must not hang on their labels."""
    held = frozenset([0, 1])
    before = written.sums("line", trainer.line(held))
    labels = trainer.labels.copy()
    trainer.made.clear()
    try:
        trainer.labels[np.isin(trainer.folds, [0, 1])[trainer.page_of]] = 1.0
        assert written.sums("line", trainer.line(held)) == before
        assert written.sums("line", trainer.line(frozenset([0]))) != before
    finally:
        trainer.labels = labels
        trainer.made.clear()


def test_thinned_lines_count_as_much_as_all():
    importance = np.random.RandomState(9).exponential(size=20_000)
    kept, counted = points.thinned(importance, 5_000, 1)
    assert abs(len(kept) - 5_000) < 200 and counted.sum() == pytest.approx(importance.sum(), rel=0.02)
    assert (counted >= importance[kept] - 1e-9).all()
    everything, counted = points.thinned(importance, 20_000, 1)
    assert len(everything) == 20_000 and (counted == importance).all()


def test_learning_twice_gives_the_same_bytes(trainer):
    held = frozenset([1])
    first = trainer.model(trainer.learn(held))
    trainer.made.clear()
    assert trainer.model(trainer.learn(held)) == first
