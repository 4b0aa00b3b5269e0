#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""exposition.py URL: reads Prometheus text format 0.0.4 and is strict about it.

Prints a line a sample: name, type of its family, labels, value.
"""
import re
import sys
import urllib.request

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")


def main():
    with urllib.request.urlopen(sys.argv[1], timeout=20) as answer:
        kind = answer.headers["Content-Type"]
        text = answer.read().decode("utf-8", "strict")
    assert kind == "text/plain; version=0.0.4; charset=utf-8", kind
    assert text.endswith("\n")
    helps, types, seen, current = set(), {}, set(), None
    for line in text[:-1].split("\n"):
        assert line and line.isprintable(), repr(line)
        meta = re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.*)", line)
        if meta:
            what, name, rest = meta.groups()
            if what == "HELP":
                assert name not in helps, ("twice", name)
                assert not re.search(r"\\[^\\n]", rest), rest
                helps.add(name)
            else:
                assert name in helps and name not in types, name
                assert rest in ("counter", "gauge"), rest
                types[name] = rest
            current = name
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        name, labels, value = sample.group(1), sample.group(2), sample.groups()[-1]
        assert name == current and name in types, ("not together", name)
        assert name.startswith("vc_probe_"), name
        assert (types[name] == "counter") == name.endswith("_total"), name
        assert not re.search("_(ms|octets|percent|bps)(_|$)", name), name
        keys = [k for k, _ in re.findall(LABEL, labels or "")]
        assert len(keys) == len(set(keys)), labels
        assert (name, labels) not in seen, ("twice", line)
        seen.add((name, labels))
        float(value)
        print(name, types[name], "{" + (labels or "") + "}", value)


main()
