#!/usr/bin/env python3
"""The page that `dechaff audit --html` writes does in a browser what it should.

usage: report.py CHROMIUM REPORT.html

The report as given and its template with hostile, with no and with unchanged documents in it are opened from disk: once
as `--dump-dom` prints them, and once by the DevTools protocol (over a pipe, which needs no web socket) for keys,
widths, colours and paper. One line a check; exit status 1 when one fails.
"""
import fcntl
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
DATA = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.DOTALL)
VOID = {"meta", "link", "input", "br", "hr", "img", "source", "wbr", "embed", "base", "area", "col", "track"}
TAGS = set("""html head meta title style body a header h1 h2 span dl div dt dd small p noscript nav aside details
    summary input button ul ol li main article bdi strong del footer dialog kbd form script""".split())
CATEGORIES = """consent comments share newsletter related legal credit author date navigation duplicate ad paywall
    donation media foreign protect""".split()
BAD = "<script>window.harm = 1</script>"
IMAGE = '"><img src=x onerror="window.harm = 1">'


def hostile():
    """Documents that try to be more than text."""
    rules = [{"id": f"en-x/{category}", "about": f"What {category} says & <b>means</b>", "category": category,
              "confidence": "high", "place": f"rules/en/x.yaml:{n}", "hits": 1, "documents": 1, "words": 2}
             for n, category in enumerate(CATEGORIES)]
    rules[1].update(id=f"en-x/{IMAGE}", about=BAD)

    def document(name, lines, outcome="cleaned", host="example.org", **more):
        return {"name": name, "host": host, "outcome": outcome, "lines": lines, **more}

    documents = [
        document(f"pages/{IMAGE}.txt", [[BAD], [[0, "</script>" + BAD]], ["<!-- never closed"], [],
                                        ["\u2028 \"'&amp; a"], ["a ", [1, IMAGE], " z"]], host=IMAGE),
        document("pages/\u202etxt.exe", [["one \u202e two"], ["kept ", [2, "gone \u2067 here"], " kept"],
                                         ["\x00\x1b[31m\t"], ["\u0648\u0632"], [[3, "\u8d23\u4efb"]], ["\u6e2f"]]),
        document("pages/long.txt", [["x" * 3000], [[4, "y" * 3000]], ["https://example.org/" + "z" * 500]]),
        document("pages/all.txt", [line for n in range(len(rules)) for line in ([f"kept {n}"], [[n, f"gone {n}"]])]),
        document("pages/runs.txt", [[f"line {n}"] for n in range(30)] + [[[5, "one"]], [], [[5, "two"]], [[5, "three"]],
                 [[6, "four"], [7, "five"]]] + [[f"line {n}"] for n in range(30)]),
        document("pages/empty.txt", [], "untouched", None),
        document("pages/held.txt", [["as it was"]] * 40, "held", None, share=0.61),
        document("pages/unsettled.txt", [["as it was"]], "unsettled"),
    ]
    totals = {"documents": 9000, "shown": len(documents), "changed": 5, "held": 1, "unsettled": 1, "unreadable": 2,
              "without_host": 2, "lines": 150, "lines_gone": 26, "words": 400, "words_gone": 60}
    return {"version": "0.1.0", "level": "eager", "totals": totals, "rules": rules, "never_fired": [f"en-y/{IMAGE}"],
            "largest": [{"document": 2, "line": 2, "rule": 4, "words": 1},
                        {"document": 4, "line": 34, "rule": 5, "words": 1}],
            "sample": [{"document": 0, "line": 6, "rule": 1}], "documents": documents}


def quiet(documents):
    """A report in which nothing went."""
    totals = dict.fromkeys(hostile()["totals"], 0) | {"documents": len(documents), "shown": len(documents)}
    return {"version": "0.1.0", "level": "normal", "totals": totals, "rules": [], "never_fired": [], "largest": [],
            "sample": [], "documents": documents}


def embedded(template, data):
    """The template with this data in it, written as dechaff writes it."""
    text = json.dumps(data, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return DATA.sub(lambda match: match[1] + text + match[3], template)


class Dom(html.parser.HTMLParser):
    """What matters of a dumped page: its documents with their lines and removals, its tags, what it says when empty."""

    PLACES = {"article": "article", "h2": "name", "del": "del"}

    def __init__(self, text):
        super().__init__()
        self.root, self.tags, self.handlers, self.articles, self.empty, self.stack = {}, set(), [], [], "", []
        self.scripts = 0
        self.feed(text)

    def within(self, place):
        return any(place == other for _, other in self.stack)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        self.scripts += tag == "script"
        self.handlers += [name for name in attrs if name.startswith("on")]
        if tag == "html":
            self.root = attrs
        classes = (attrs.get("class") or "").split()
        place = self.PLACES.get(tag) or next((name for name in ("l", "ids") if name in classes), attrs.get("id"))
        if tag == "article":
            self.articles.append({"hidden": "hidden" in attrs, "name": "", "lines": [], "gone": [], "muted": []})
        elif place in ("l", "del") and self.within("article"):
            if place == "l":
                self.articles[-1]["lines"].append("")
            else:
                self.articles[-1]["gone"].append([attrs.get("data-rule"), ""])
                self.articles[-1]["muted"].append("off" in classes)
        if tag not in VOID:
            self.stack.append((tag, place))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.within("empty"):
            self.empty += data
        if not self.within("article") or self.within("ids"):
            return
        if self.within("name"):
            self.articles[-1]["name"] += data
        if self.within("l"):
            self.articles[-1]["lines"][-1] += data
        if self.within("del"):
            self.articles[-1]["gone"][-1][1] += data


class Browser:
    """Chromium, driven by the DevTools protocol: JSON that ends in a zero byte, on its file descriptors 3 and 4."""

    def __init__(self, chromium, profile):
        theirs_in, self.to = os.pipe()
        self.back, theirs_out = os.pipe()
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (theirs_in, theirs_out)]

        def place():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            [chromium, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(3, 4), preexec_fn=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (*ends, theirs_in, theirs_out):
            os.close(end)
        self.rest, self.last, self.session, self.events = b"", 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def receive(self):
        while b"\0" not in self.rest:
            chunk = os.read(self.back, 1 << 20)
            if not chunk:
                raise SystemExit("the browser is gone")
            self.rest += chunk
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def call(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        message |= {"sessionId": self.session} if self.session else {}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while (answer := self.receive()).get("id") != self.last:
            self.events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def run(self, script):
        """The value of an expression, after what it set off was drawn."""
        drawn = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        script = f"(async () => {{ const value = await ({script}); await {drawn}; return value; }})()"
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            return f"threw: {answer['exceptionDetails'].get('exception', {}).get('description')}"
        return answer["result"].get("value")

    def open(self, url):
        for address in ("about:blank", url):  # by way of a blank page, or a new hash would not load anything
            self.events.clear()
            self.call("Page.navigate", url=address)
            while not any(event["method"] == "Page.loadEventFired" for event in self.events):
                self.events.append(self.receive())

    def press(self, *keys):
        for key in keys:
            more = {"text": key} if len(key) == 1 else {"windowsVirtualKeyCode": {"Escape": 27}[key]}
            self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **more)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=key)
        return self.run("null")

    def media(self, scheme="light", medium=""):
        self.call("Emulation.setEmulatedMedia", media=medium,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def width(self, width):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1,
                  mobile=width < 500)

    def complaints(self):
        wrong = ("Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening")
        return [event for event in self.events if event["method"] in wrong]


FAILED = []


def check(name, found, expected=True):
    if found == expected:
        print(f"ok      {name}")
        return
    FAILED.append(name)
    print(f"FAILED  {name}: {str(found)[:300]}, not {str(expected)[:300]}")


def removals(data, picked=lambda rule: True):
    """What a reader steps through: document, line and rule of each removal that is picked."""
    return [(d, n + 1, piece[0]) for d, document in enumerate(data["documents"])
            for n, line in enumerate(document["lines"]) for piece in line
            if not isinstance(piece, str) and picked(data["rules"][piece[0]])]


def query(*pairs):
    return "#" + urllib.parse.urlencode(pairs)


def dump(chromium, url):
    command = [chromium, *FLAGS, "--virtual-time-budget=20000", "--dump-dom", url]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=300)
    return Dom(done.stdout.decode())


def check_dumped(name, chromium, url, data):
    """All that is in the data is in the page, as text, and nothing else; the hash filters it."""
    rules, documents = data["rules"], data["documents"]
    page = dump(chromium, url)
    check(f"{name}: is drawn", page.root.get("data-ready"), "true")
    check(f"{name}: without an error", page.root.get("data-error"), None)
    check(f"{name}: every document is there", [article["name"] for article in page.articles],
          [document["name"] for document in documents])
    flat = [["".join(piece if isinstance(piece, str) else piece[1] for piece in line) for line in document["lines"]]
            for document in documents]
    check(f"{name}: every line is there, as it was", [article["lines"] for article in page.articles], flat)
    gone = [[[rules[piece[0]]["id"], piece[1]] for line in document["lines"] for piece in line
             if not isinstance(piece, str)] for document in documents]
    check(f"{name}: every removal is there, with its rule", [article["gone"] for article in page.articles], gone)
    check(f"{name}: as many removals as in the data", page.root.get("data-removals"), str(sum(map(len, gone))))
    check(f"{name}: no markup came from data", [page.scripts, sorted(page.tags - TAGS), page.handlers], [2, [], []])

    used = sorted({rule for _, _, rule in removals(data)})
    first, last = ([("rule", rules[n]["id"])] for n in (used[0], used[-1])) if used else ([], [])
    category = [("category", rules[n]["category"]) for n in used[:1]]
    for pairs in filter(None, (first, category, last + category)):
        wanted = removals(data, lambda rule: ("rule", rule["id"]) in pairs or ("category", rule["category"]) in pairs)
        page = dump(chromium, url + query(*pairs))
        what = f"{name}: only {' or '.join(value for _, value in pairs)}"
        shown = [n for n, article in enumerate(page.articles) if not article["hidden"]]
        check(f"{what}: these documents", shown, sorted({d for d, _, _ in wanted}))
        bright = [rule for article in page.articles for (rule, _), muted in zip(article["gone"], article["muted"])
                  if not muted]
        check(f"{what}: these removals", bright, [rules[n]["id"] for _, _, n in wanted])


AT = """(() => { const node = document.querySelector("del.current"); return node && [
    Number(node.closest("article").dataset.document), Number(node.closest(".l").dataset.n), node.dataset.rule,
    document.activeElement === node, getComputedStyle(node).outlineStyle,
    node.getBoundingClientRect().top >= 0 && node.getBoundingClientRect().top < innerHeight ]; })()"""


def check_keys(name, browser, url, data):
    """Keys step through the removals and documents, and the bar below tells where one is."""
    rules, all_removals = data["rules"], removals(data)

    def at(n):
        document, line, rule = all_removals[n]
        return [document, line, rules[rule]["id"], True, "solid", True]

    browser.open(url)
    browser.press("j")
    check(f"{name}: j goes to the first removal", browser.run(AT), at(0))
    rule = rules[all_removals[0][2]]
    now = browser.run('document.getElementById("now").textContent') or ""
    check(f"{name}: its rule is told", [part for part in (rule["about"], rule["id"], rule["confidence"], rule["place"])
                                        if part not in now], [])
    check(f"{name}: it is told to screen readers", browser.run('document.getElementById("now").ariaLive'), "polite")
    browser.press("j", "j", "k")
    check(f"{name}: j, j and k go to the second", browser.run(AT), at(1))
    browser.press("n")
    shown = [n for n, document in enumerate(data["documents"]) if document["outcome"] != "untouched"]
    after = [n for n in shown if n > all_removals[1][0]]
    focused = 'Number(document.activeElement.closest("article")?.dataset.document)'
    check(f"{name}: n goes to the next document", browser.run(focused), after[0])
    browser.press("p")
    check(f"{name}: p goes back", browser.run(focused), all_removals[1][0])
    arrows = """["ArrowUp", "ArrowDown"].every((key) => document.body.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })))"""
    check(f"{name}: arrows are left alone", browser.run(arrows))

    browser.press("/")
    check(f"{name}: / goes to the rule filter", browser.run("document.activeElement.id"), "find")
    browser.press(*rule["place"][:4], "j")
    check(f"{name}: there j is a letter", browser.run("document.activeElement.value"), rule["place"][:4] + "j")
    names = '[...document.querySelectorAll("#rules li:not([hidden]) .mono")].map((node) => node.textContent)'
    browser.press("Escape", *rule["about"][:12])
    words = rule["about"][:12].lower().split()
    fits = [rule["id"] for rule in rules
            if all(word in f"{rule['id']} {rule['about']} {rule['category']}".lower() for word in words)]
    check(f"{name}: letters narrow the rules down", browser.run(names), fits)
    browser.press("Escape")
    check(f"{name}: Escape empties it", browser.run(names), [rule["id"] for rule in rules])
    browser.press("Escape", "?")
    check(f"{name}: ? shows the help", browser.run('document.getElementById("help").open'))
    browser.press("Escape")
    check(f"{name}: Escape closes it", browser.run('document.getElementById("help").open'), False)

    count = "Number(document.documentElement.dataset.removals)"
    browser.run('document.querySelector("#rules button").click()')
    browser.run('new Promise((done) => setTimeout(done, 50))')
    first = len(removals(data, lambda other: other["id"] == rules[0]["id"]))
    check(f"{name}: a click on a rule filters", [browser.run(count), browser.run("location.hash")],
          [first, query(("view", "documents"), ("rule", rules[0]["id"])).replace("%2F", "/")])
    browser.press("Escape")
    browser.run('new Promise((done) => setTimeout(done, 50))')
    check(f"{name}: Escape clears the filter", browser.run(count), len(all_removals))

    entry = data["largest"][0]
    browser.open(url + query(("view", "largest")))
    check(f"{name}: the largest removals are listed", browser.run('document.querySelectorAll(".entry").length'),
          len(data["largest"]))
    browser.run('document.querySelector(".entry").click()')
    browser.run('new Promise((done) => setTimeout(done, 50))')
    check(f"{name}: one leads to its place", (browser.run(AT) or [])[:2], [entry["document"], entry["line"]])
    check(f"{name}: nothing was complained of", browser.complaints(), [])


# The contrast of removed text with its tint, and of the small print, from what is painted.
CONTRAST = """(() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (...colours) => {
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  };
  const page = getComputedStyle(document.documentElement).backgroundColor;
  return [...document.querySelectorAll("del, .id, .soft, #now, #rules .mono, .fold")].map((node) => {
    const style = getComputedStyle(node);
    const under = node.closest("aside, .status, .notice");
    const ground = paint(page, under ? getComputedStyle(under).backgroundColor : page, style.backgroundColor);
    const [low, high] = [ground, paint(page, style.color)].sort((a, b) => a - b);
    return [(high + 0.05) / (low + 0.05), node.className];
  }).filter(([ratio]) => ratio < 4.5);
})()"""
COLOURS = 'new Set([...document.querySelectorAll("del")].map((node) => getComputedStyle(node).color)).size'
PAPER = """[document.querySelector("aside"), document.querySelector(".status"), document.querySelector(".views")]
    .every((node) => getComputedStyle(node).display === "none")
  && [...document.querySelectorAll("article:not([hidden]) .l")].every((node) => node.checkVisibility(
    { contentVisibilityAuto: false }) && node.getClientRects().length > 0)
  && [...document.querySelectorAll("article:not([hidden]) del")].every((node) =>
    getComputedStyle(node).textDecorationLine === "line-through")
  && [...document.querySelectorAll("article:not([hidden]) .id > span")].every((node) =>
    node.offsetWidth > 5 && getComputedStyle(node).clipPath === "none")"""
# What reaches over the right edge; a document clips what is too wide, so that the page's own width does not tell.
TOO_WIDE = """[document.documentElement.scrollWidth, ...[...document.querySelectorAll(".top *, main *, .status *")]
    .map((node) => Math.round(node.getBoundingClientRect().right))].filter((right) => right > innerWidth)"""


def check_looks(browser, url):
    browser.media("light")
    browser.open(url)
    for scheme in ("light", "dark"):
        browser.media(scheme)
        check(f"{scheme}: contrast of 4.5 at least", browser.run(CONTRAST), [])
        check(f"{scheme}: a colour for each category", browser.run(COLOURS), len(CATEGORIES))
    check("light and dark are two", browser.run("getComputedStyle(document.documentElement).backgroundColor") !=
          (browser.media("light"), browser.run("getComputedStyle(document.documentElement).backgroundColor"))[1])
    for view in ("documents", "largest", "sample", "held", "never", "nohost"):
        browser.open(url + query(("view", view)))
        for width in (360, 820, 1440):
            browser.width(width)
            check(f"{view}: fits {width} pixels", [browser.run("innerWidth"), browser.run(TOO_WIDE)], [width, []])
    for view, documents in (("held", [6]), ("nohost", [5, 6])):
        browser.open(url + query(("view", view)))
        shown = '[...document.querySelectorAll("article:not([hidden])")].map((node) => Number(node.dataset.document))'
        check(f"{view}: these documents", browser.run(shown), documents)
    text = "document.querySelector('article:not([hidden]) .notice').textContent"
    browser.open(url + query(("view", "held")))
    check("it is told why a document was held", browser.run(f"{text}.includes('61% of its words, more than 50%')"))
    browser.open(url + query(("doc", 4), ("line", 20)))
    fold = """(() => { const line = document.querySelector('[data-document="4"] .l[data-n="20"]');
        return [line.checkVisibility(), line.closest(".kept").previousElementSibling.ariaExpanded]; })()"""
    check("a link to a folded line unfolds it", browser.run(fold), [True, "true"])
    other = """(() => { const line = document.querySelector('[data-document="4"] .l[data-n="50"]');
        return line.checkVisibility({ contentVisibilityAuto: true }); })()"""
    check("another stretch stays folded", browser.run(other), False)
    browser.press("J", "J")
    check("J goes past lines in a row by one rule", (browser.run(AT) or [])[:3], [4, 35, "en-x/credit"])
    browser.open(url)
    browser.media(medium="print")
    check("on paper all is open, struck through and labelled", browser.run(PAPER))
    browser.media()
    check("no script of a page ran", browser.run("window.harm ?? null"), None)
    browser.run("document.body.setAttribute('onclick', 'window.harm = 1')")
    markup = "(() => { try { document.body.innerHTML = '<b>'; return true } catch { return false } })()"
    check("the browser refuses strings as markup", browser.run(markup), False)


def main(chromium, report):
    template = pathlib.Path(report).read_text(encoding="utf-8")
    block = DATA.search(template)
    check("the report has one block of data, and no <, > or & in it", len(DATA.findall(template)) == 1
          and not re.search("[<>&]", block[2]))
    if FAILED:
        sys.exit(1)
    check("it has a content security policy", "default-src 'none'" in template)
    loading = r"""(?:src|href)=["'][^#"']|url\(|@import|fetch\(|https?://"""
    check("it loads nothing", re.findall(loading, DATA.sub("", template)), [])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        def write(name, data):
            path = pathlib.Path(folder, f"{name}.html")
            path.write_text(embedded(template, data), encoding="utf-8")
            return path.as_uri()

        data, bad = json.loads(block[2]), hostile()
        given, url = pathlib.Path(report).resolve().as_uri(), write("hostile", bad)
        check_dumped("the report", chromium, given, data)
        check_dumped("hostile pages", chromium, url, bad)
        untouched = {"name": "a", "host": "b", "outcome": "untouched", "lines": [["c"]]}
        for name, documents, words in (("no documents", [], "There are no documents."),
                                       ("nothing changed", [untouched], "No document was changed.")):
            page = dump(chromium, write(name.replace(" ", "-"), quiet(documents)))
            check(f"{name}: is told", [page.root.get("data-ready"), page.empty], ["true", words])
        page = dump(chromium, url + query(("rule", "en-z/gone")))
        check("a filter that leaves none: is told", "Nothing here" in page.empty)

        browser = Browser(chromium, f"{folder}/profile")
        try:
            browser.width(1440)
            check_keys("hostile pages", browser, url, bad)
            steps = removals(data)
            if len(steps) > 2 and steps[1][0] < steps[-1][0] and data["largest"]:  # else there is nowhere to step to
                check_keys("the report", browser, given, data)
            check_looks(browser, url)
        finally:
            browser.session = None
            browser.call("Browser.close")
            browser.process.wait(timeout=60)
    if FAILED:
        print(f"{len(FAILED)} failed")
    sys.exit(bool(FAILED))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
