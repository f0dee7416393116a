"""Evidence files as text."""
import collections


def number(value):
    text = f"{float(value):.7g}"
    return "0" if text == "-0" else text


def points(values):
    return " ".join(f"{value:+.2f}" for value in values)


def phrases(names, weights):
    """Phrases by their points, in tenths; those of none are left out. With how many there are."""
    by_points = collections.defaultdict(list)
    for name, weight in zip(names, weights):
        rounded = round(float(weight), 1)
        if rounded:
            by_points[rounded].append(name)
    out = ["phrases:"] if by_points else []
    for value in sorted(by_points):
        out += [f"  - points: {value:+.1f}", "    phrases: |"] + [f"      {name}" for name in sorted(by_points[value])]
    return "\n".join(out) + "\n", sum(map(len, by_points.values()))


def without(text, unwanted):
    """Phrases as text, some of them left out. With how many are left."""
    kept = [line for line in text.split("\n") if not (line.startswith("      ") and line[6:] in unwanted)]
    return "\n".join(kept), sum(line.startswith("      ") for line in kept)


def sums(title, learnt):
    out = [f"{title}:", f"  bias: {learnt['bias']:+.2f}"]
    if learnt["measures"]:
        out.append("  measures:")
    for (measure,), (edges,), table in learnt["measures"]:
        out.append(f"    - measure: {measure}\n      edges: [{', '.join(map(number, edges))}]")
        out.append(f"      points: [{', '.join(f'{value:+.2f}' for value in table)}]")
    if learnt["pairs"]:
        out.append("  pairs:")
    for measures, edges, table in learnt["pairs"]:
        out.append(f"    - measures: [{', '.join(measures)}]")
        out.append(f"      edges: [[{', '.join(map(number, edges[0]))}], [{', '.join(map(number, edges[1]))}]]")
        out.append("      points: |\n" + "\n".join(f"        {points(row)}" for row in table))
    return "\n".join(out) + "\n"


def model(name, about, learnt, bars, line, context, phrase_text):
    """A whole evidence file."""
    out = [f"schema: 1\nmodel: {name}\nabout: {about}"]
    if learnt:
        out.append("learnt:\n" + "\n".join(f"  {key}: \"{value}\"" for key, value in learnt.items()))
    if bars:
        out.append("bars: {" + ", ".join(f"{level}: {bar if isinstance(bar, str) else f'{bar:+.2f}'}" for level, bar in bars.items()) + "}")
    out.append((sums("line", line) if line else "") + (sums("context", context) if context else "") + phrase_text)
    return "\n".join(out)
