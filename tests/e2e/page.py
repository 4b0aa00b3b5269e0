#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a page of vc-probe --html as a browser would, and trusts nothing.

page.py text PAGE               the text of each element, a line each
page.py figures PAGE REPORT     are they those of the JSON report? How many?
page.py plots PAGE              kind, title and summary of each plot
page.py curve PAGE KIND TITLE   a line "seconds value" a point of that plot
page.py points PAGE             the most points of any curve
"""
import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "br"}
KNOWN = {"html", "head", "title", "style", "body", "header", "main", "footer",
         "section", "h1", "h2", "h3", "p", "dl", "dt", "dd", "div", "small",
         "table", "thead", "tbody", "tr", "th", "td", "code", "bdi", "span",
         "a", "details", "summary", "svg", "text", "tspan", "path"} | VOID
ATTRIBUTES = {"charset", "content", "name", "http-equiv", "lang", "class",
              "id", "scope", "title", "href", "viewbox", "role", "d", "x",
              "y", "dx"}


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.rows, self.plots = [], [], [], []
        self.policy, self.kind = None, None
        with open(path, encoding="utf-8") as f:
            text = f.read()
        self.feed(text)
        self.close()
        assert not self.open, self.open
        assert self.policy and "default-src 'none'" in self.policy
        assert "script" not in self.policy
        style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
        assert not re.search(r"url|@import|http|[<\\]", style)

    def handle_starttag(self, tag, attrs):
        assert tag in KNOWN, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, (tag, name)
            assert name != "href" or re.fullmatch("#s[0-9a-f]{8}", value)
            if name == "http-equiv":
                assert value == "Content-Security-Policy"
                self.policy = dict(attrs)["content"]
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("tr", "svg"):
            (self.rows if tag == "tr" else self.plots).append([])
        if tag == "svg":
            self.plots[-1].append(self.kind)
        if tag == "path" and dict(attrs).get("class") in ("l", "a", "g"):
            self.plots[-1].append((dict(attrs)["class"], dict(attrs)["d"]))
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        inside = self.open[-1] if self.open else None
        if inside == "style" or not data.strip():
            return
        if inside != "title":
            self.texts.append(data.strip())
        if self.rows and ("td" in self.open or "th" in self.open):
            self.rows[-1][-1] += data
        if "h3" in self.open and inside == "small":
            self.kind = data.split()[0]
        if "svg" in self.open:
            self.plots[-1].append(data)


def figures(page, report):
    sources = json.load(open(report))["sources"]
    n = 0
    for row in page.rows:
        if len(row) != len(sources) + 3 or row[0] == "metric":
            continue
        for cell, source in zip(row[2:-1], sources):
            for part in re.findall(r"[^.\[\]]+", row[0]):
                source = source.get(part) if source else None
            if source is None:
                assert cell == "\u2013", row
            elif isinstance(source, str):
                assert cell == source, (row, source)
            else:
                assert float(cell) == source, (row, source)
            n += 1
    print(n, "figures")


def find(page, kind, title):
    for plot in page.plots:
        if plot[0] == kind and title in plot:
            return plot
    raise SystemExit(f"no plot: {kind} {title}")


def curve(page, kind, title):
    plot = find(page, kind, title)
    line = next(d for c, d in (p for p in plot if isinstance(p, tuple))
                if c == "l")
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", line)
    texts = [p for p in plot if isinstance(p, str)]
    seconds = float([t for t in texts if t.endswith(" s")][-1][:-2])
    tops = [float(t) for t in texts if re.fullmatch(r"[\d.]+", t)]
    for x, y in points:
        at = (float(x) - 40) / 290 * seconds
        print(f"{at:.1f} {abs(108 - float(y)) / 82 * max(tops):.0f}")


def main():
    what, page = sys.argv[1], Page(sys.argv[2])
    if what == "text":
        print("\n".join(page.texts))
    elif what == "figures":
        figures(page, sys.argv[3])
    elif what == "plots":
        for plot in page.plots:
            print(plot[0], plot[2], plot[1])
    elif what == "curve":
        curve(page, *sys.argv[3:])
    elif what == "points":
        print(max(len(re.findall("[ML]", p[1])) for plot in page.plots
                  for p in plot if isinstance(p, tuple) and p[0] == "l"))


main()
