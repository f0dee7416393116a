"""Points: boosted trees of at most two measures a path, added up into a table for each measure and pair of measures."""
import collections

import lightgbm as lgb
import numpy as np

COMMON = {"objective": "binary", "lambda_l2": 5, "verbose": -1, "num_threads": 2, "deterministic": True,
          "force_row_wise": True, "seed": 1, "min_data_in_bin": 1}


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


def fit(names, values, labels, importance, measures=90, pairs=100, bins=15, rounds=700, rate=0.1, leaf=200):
    """A sum: its bias, points by bin of single measures, and by bins of pairs."""
    edges = [edges_of(values[:, i], importance, bins) for i in range(len(names))]
    data = np.stack([binned(values[:, i], edges[i]) for i in range(len(names))], 1).astype(np.float32)
    scout = lgb.train({**COMMON, "max_depth": 2, "num_leaves": 4, "learning_rate": 0.2, "min_data_in_leaf": leaf,
                       "feature_fraction": 0.5, "max_bin": 63}, lgb.Dataset(data, labels, weight=importance), 120)
    gain = pairs_by_gain(scout)
    of_feature = collections.Counter()
    for features, value in gain.items():
        for feature in features:
            of_feature[feature] += value
    chosen = sorted(feature for feature, _ in of_feature.most_common(measures))
    ranked = [f for f, _ in gain.most_common() if len(f) == 2 and f[0] in chosen and f[1] in chosen][:pairs]
    place = {feature: i for i, feature in enumerate(chosen)}
    allowed = [[place[a], place[b]] for a, b in ranked] + [[i] for i in range(len(chosen))]
    model = lgb.train({**COMMON, "max_depth": 3, "num_leaves": 8, "learning_rate": rate, "min_data_in_leaf": leaf,
                       "feature_fraction": 0.7, "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 63,
                       "interaction_constraints": allowed},
                      lgb.Dataset(data[:, chosen], labels, weight=importance), rounds)
    tables, bias = {}, 0.0
    for tree in model.dump_model()["tree_info"]:
        for value, inside in paths(tree["tree_structure"]):
            features = tuple(sorted(chosen[f] for f in inside))
            if not features:
                bias += value
                continue
            table = tables.setdefault(features, np.zeros([len(edges[f]) + 1 for f in features]))
            bounds = {chosen[f]: b for f, b in inside.items()}
            table[tuple(slice(bounds[f][0], bounds[f][1] + 1) for f in features)] += value
    # What all lines have goes to the bias, so that parts tell what is special about a line.
    for features, table in tables.items():
        seen = table[tuple(data[:, f].astype(int) for f in features)]
        mean = float(np.average(seen, weights=importance))
        table -= mean
        bias += mean
    sums = {"bias": round(bias, 2), "measures": [], "pairs": []}
    for features, table in sorted(tables.items(), key=lambda item: (len(item[0]), [names[f] for f in item[0]])):
        table = np.round(table, 2)
        if np.abs(table).max() < 0.02:
            continue
        sums["measures" if len(features) == 1 else "pairs"].append(([names[f] for f in features], [edges[f] for f in features], table))
    return sums


def score(sums, names, values):
    """The points of each row, as dechaff adds them up."""
    total = np.full(len(values), sums["bias"])
    for measures, edges, table in sums["measures"] + sums["pairs"]:
        total += table[tuple(binned(values[:, names.index(m)], e) for m, e in zip(measures, edges))]
    return total
