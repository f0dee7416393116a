"""Weights of phrases: logistic regression over the phrases of lines, by FTRL, which sets most weights to zero."""
import collections

import numpy as np
from numba import njit

# As in src/evidence/tokens.rs; `check` compares both.
PHRASE_TOKENS, FIRST, LAST = 3, 40, 20


def phrases(words):
    """All phrases of a line, given its words parted by spaces; the ends of a line alone say nothing."""
    line = ["^", *words.split(), "$"]
    parts = [line] if len(line) <= FIRST + LAST else [line[:FIRST], line[-LAST:]]
    for part in parts:
        for start in range(len(part)):
            for end in range(start + 1, min(start + PHRASE_TOKENS, len(part)) + 1):
                if part[start:end] not in (["^"], ["$"]):
                    yield " ".join(part[start:end])


class Index:
    """The phrases of all lines, as numbers, of those that stand on pages of enough hosts."""

    def __init__(self, pages, least_hosts):
        hosts = collections.defaultdict(set)
        for page in pages:
            hosts[page.host].update(phrase for line in page.words for phrase in phrases(line))
        count = collections.Counter()
        for found in hosts.values():
            count.update(found)
        self.names = sorted(phrase for phrase, n in count.items() if n >= least_hosts)
        place = {phrase: i for i, phrase in enumerate(self.names)}
        starts, found = [0], []
        for page in pages:
            for line in page.words:
                found.extend(place[phrase] for phrase in phrases(line) if phrase in place)
                starts.append(len(found))
        self.starts, self.found = np.array(starts, np.int64), np.array(found, np.int32)

    def weights(self, lines, labels, importance, epochs=4, rate=0.05, l1=2.0, l2=3.0, seed=1):
        """Learnt from those lines."""
        return _ftrl(self.starts, self.found, lines, labels, importance, len(self.names), epochs, rate, l1, l2, seed)


@njit
def _ftrl(starts, found, lines, labels, importance, count, epochs, rate, l1, l2, seed):
    z, n, w = np.zeros(count), np.zeros(count), np.zeros(count)
    bias, bias_n = 0.0, 1.0
    np.random.seed(seed)
    for _ in range(epochs):
        for at in np.random.permutation(len(lines)):
            line = lines[at]
            s = bias
            for k in range(starts[line], starts[line + 1]):
                s += w[found[k]]
            g = (1 / (1 + np.exp(-s)) - labels[line]) * importance[line]
            if abs(g) < 1e-7:
                continue
            bias_n += g * g
            bias -= rate / np.sqrt(bias_n) * g
            for k in range(starts[line], starts[line + 1]):
                i = found[k]
                step = (np.sqrt(n[i] + g * g) - np.sqrt(n[i])) / rate
                z[i] += g - step * w[i]
                n[i] += g * g
                if abs(z[i]) <= l1:
                    w[i] = 0.0
                else:
                    w[i] = -(z[i] - np.sign(z[i]) * l1) / ((1.0 + np.sqrt(n[i])) / rate + l2)
    return w
