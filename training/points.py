"""Points: boosted trees of at most two measures a path, added up into a table for each measure and pair of measures."""
import collections
import concurrent.futures
import os

import lightgbm as lgb
import numpy as np

# One thread a model, so that the bytes do not depend on how many cores there are; models are learnt at the same time.
COMMON = {"objective": "binary", "lambda_l2": 5, "verbose": -1, "num_threads": 1, "deterministic": True,
          "force_row_wise": True, "max_bin": 63, "min_data_in_bin": 1}


def edges_of(values, importance, bins):
    """Where bins meet: between all values where there are few, else at quantiles, rounded so that they can be read."""
    distinct = np.unique(values)
    if len(distinct) <= bins:
        edges = (distinct[1:].astype(float) + distinct[:-1]) / 2
    else:
        order = np.argsort(values, kind="stable")
        share = np.cumsum((importance / importance.sum() + 1 / len(values))[order])
        edges = values[order][np.minimum(np.searchsorted(share / share[-1], np.arange(1, bins) / bins), len(values) - 1)]
    return np.unique(np.array([float(f"{edge:.4g}") for edge in edges], np.float32))


def binned(values, edges):
    """The bin of each value: how many edges lie below it."""
    return np.searchsorted(edges, values, side="left")


def paths(tree, inside=None):
    """Each leaf of a tree: its value, and the bins that lead to it, by feature."""
    inside = inside or {}
    if "split_feature" not in tree:
        yield tree["leaf_value"], inside
        return
    feature, threshold = tree["split_feature"], int(np.floor(tree["threshold"]))
    low, high = inside.get(feature, (0, 10**6))
    yield from paths(tree["left_child"], {**inside, feature: (low, min(high, threshold))})
    yield from paths(tree["right_child"], {**inside, feature: (max(low, threshold + 1), high)})


def pairs_by_gain(model):
    """What splits gained, by the one or two features of their path."""
    gain = collections.Counter()

    def walk(node, path):
        if "split_feature" not in node:
            return
        path = path | {node["split_feature"]}
        gain[tuple(sorted(path))] += node["split_gain"]
        walk(node["left_child"], path)
        walk(node["right_child"], path)

    for tree in model.dump_model()["tree_info"]:
        walk(tree["tree_structure"], frozenset())
    return gain


def thinned(importance, most, seed):
    """About so many lines, each kept with a chance that goes by its importance, and what they then count."""
    low, high = 0.0, float(importance.max())
    if np.count_nonzero(importance) <= most:
        return np.arange(len(importance)), importance
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(1, importance / middle).sum() > most else (low, middle)
    chance = np.minimum(1, importance / high)
    kept = np.flatnonzero(np.random.RandomState(seed).random_sample(len(importance)) < chance)
    return kept, (importance / np.maximum(chance, 1e-12))[kept]


def fit(names, values, labels, importance, measures=90, pairs=100, bins=15, rounds=300, rate=0.2, leaf=200, lines=200_000, models=3):
    """A sum: its bias, points by bin of single measures, and by bins of pairs. It is the mean of several, each of other lines."""
    rows, weights = thinned(importance, lines, 0)
    edges = [edges_of(values[rows, i], weights, bins) for i in range(len(names))]
    as_bins = lambda rows, features: np.stack([binned(values[rows, f], edges[f]) for f in features], 1).astype(np.float32)
    scout = lgb.train({**COMMON, "seed": 1, "max_depth": 2, "num_leaves": 4, "learning_rate": 0.2, "min_data_in_leaf": leaf,
                       "feature_fraction": 0.5}, lgb.Dataset(as_bins(rows, range(len(names))), labels[rows], weight=weights), 200)
    gain = pairs_by_gain(scout)
    of_feature = collections.Counter()
    for features, value in gain.items():
        for feature in features:
            of_feature[feature] += value
    chosen = sorted(feature for feature, _ in of_feature.most_common(measures))
    ranked = [f for f, _ in gain.most_common() if len(f) == 2 and f[0] in chosen and f[1] in chosen][:pairs]
    place = {feature: i for i, feature in enumerate(chosen)}
    allowed = [[place[a], place[b]] for a, b in ranked] + [[i] for i in range(len(chosen))]

    def one(seed):
        rows, weights = thinned(importance, lines, seed)
        return lgb.train({**COMMON, "seed": seed, "max_depth": 3, "num_leaves": 8, "learning_rate": rate, "min_data_in_leaf": leaf,
                          "feature_fraction": 0.7, "bagging_fraction": 0.7, "bagging_freq": 1, "interaction_constraints": allowed},
                         lgb.Dataset(as_bins(rows, chosen), labels[rows], weight=weights), rounds).dump_model()["tree_info"]

    tables, bias = {}, 0.0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        trees = [tree for model in pool.map(one, range(1, models + 1)) for tree in model]
    for tree in trees:
        for value, inside in paths(tree["tree_structure"]):
            features = tuple(sorted(chosen[f] for f in inside))
            if not features:
                bias += value / models
                continue
            table = tables.setdefault(features, np.zeros([len(edges[f]) + 1 for f in features]))
            bounds = {chosen[f]: b for f, b in inside.items()}
            table[tuple(slice(bounds[f][0], bounds[f][1] + 1) for f in features)] += value / models
    # What all lines have goes to the bias, so that parts tell what is special about a line.
    of_rows = {f: binned(values[rows, f], edges[f]) for f in chosen}
    for features, table in tables.items():
        seen = table[tuple(of_rows[f] for f in features)]
        mean = float(np.average(seen, weights=weights))
        table -= mean
        bias += mean
    sums = {"bias": round(bias, 2), "measures": [], "pairs": []}
    for features, table in sorted(tables.items(), key=lambda item: (len(item[0]), [names[f] for f in item[0]])):
        table = np.round(table, 2)
        if np.abs(table).max() < 0.02:
            continue
        sums["measures" if len(features) == 1 else "pairs"].append(([names[f] for f in features], [edges[f] for f in features], table))
    return sums


def with_own(sums, share):
    """A sum of which so much is what a line has by itself, and the rest what was learnt. A table of 15 bins alone cannot
    tell apart lines of one page that have nearly the same points, so `points` is put in as steps of 0.16."""
    rest = {kind: [(measures, edges, np.round(table * (1 - share), 2)) for measures, edges, table in sums[kind]] for kind in ("measures", "pairs")}
    steps = np.round(np.arange(-35, 25) * 0.16, 2).reshape(4, 15).astype(np.float32)
    own = [(["points"], [edges], np.round((np.arange(16) - (edges < 0).sum()) * 0.16 * share, 2)) for edges in steps]
    return {"bias": round(sums["bias"] * (1 - share), 2), "measures": rest["measures"] + own, "pairs": rest["pairs"]}


def score(sums, names, values):
    """The points of each row, as dechaff adds them up."""
    total = np.full(len(values), sums["bias"])
    for measures, edges, table in sums["measures"] + sums["pairs"]:
        total += table[tuple(binned(values[:, names.index(m)], e) for m, e in zip(measures, edges))]
    return total
