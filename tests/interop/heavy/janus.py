#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Speaks with Janus over HTTP:
#
#   janus.py PORT
#
# waits until it is there, then reads lines from stdin and answers each with one
# on stdout:
#   attach NAME PLUGIN   a new handle on janus.plugin.PLUGIN, called NAME
#   NAME JSON            a request to it; the answer is what the plugin says
import json
import sys
import time
import urllib.error
import urllib.request


class Janus:
    def __init__(self, port):
        self.base = "http://127.0.0.1:%s/janus" % port
        self.n = 0
        self.handles = {}
        until = time.monotonic() + 20
        while True:
            try:
                got = self.post("", {"janus": "create"})
                break
            except urllib.error.URLError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        self.session = "/%d" % got["data"]["id"]

    def post(self, path, request):
        """The answer to a request; of those that take time, the late one."""
        self.n += 1
        request["transaction"] = str(self.n)
        got = self.get(path, json.dumps(request).encode())
        while got["janus"] in ("ack", "keepalive") or \
                got.get("transaction") != str(self.n):
            got = self.get(self.session)
        return got

    def get(self, path, data=None):
        with urllib.request.urlopen(self.base + path, data, 20) as answer:
            return json.load(answer)

    def attach(self, name, plugin):
        got = self.post(self.session, {"janus": "attach",
                                       "plugin": "janus.plugin." + plugin})
        self.handles[name] = "%s/%d" % (self.session, got["data"]["id"])
        return got

    def message(self, name, body):
        got = self.post(self.handles[name], {"janus": "message", "body": body})
        return got["plugindata"]["data"] if "plugindata" in got else got


def main():
    janus = Janus(sys.argv[1])
    for line in sys.stdin:
        first, rest = line.rstrip("\n").split(" ", 1)
        if first == "attach":
            answer = janus.attach(*rest.split())
        else:
            answer = janus.message(first, json.loads(rest))
        print(json.dumps(answer), flush=True)


main()
