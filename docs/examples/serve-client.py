#!/usr/bin/env python3
"""Searches a scenario through 'ioascope serve' and prints the way to the first finding.

    serve-client.py PROGRAM SCENARIO [MODEL]
"""
import json
import subprocess
import sys


class Client:
    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.number = 0

    def lines(self):
        for line in self.process.stdout:
            yield json.loads(line)

    def ask(self, method, **fields):
        self.number += 1
        self.process.stdin.write(json.dumps({"id": self.number, "method": method, **fields}) + "\n")
        self.process.stdin.flush()
        for line in self.lines():
            if line.get("id") == self.number:
                if not line["ok"]:
                    sys.exit(f"{method}: {line['error']}")
                return line["result"]
        sys.exit("the server is gone")


client = Client(sys.argv[1])
client.ask("open", source=sys.argv[2], **({"model": sys.argv[3]} if len(sys.argv) > 3 else {}))
start = client.ask("view", views=["status"])["status"]["step"]
client.ask("run", command="check")
for line in client.lines():
    if line.get("event") == "checked":
        print(line["message"])
        if line["verdict"] != "violated":
            sys.exit(0)
        break
client.ask("run", command="finding", argument="1")
end = client.ask("view", views=["status"])["status"]["step"]
for step in client.ask("log", **{"from": start + 1, "to": end}):
    print(f"{step['step']:4} {step['thread']:3} {step['text']}")
for finding in client.ask("view", views=["findings"])["findings"]["here"]:
    print(f"{finding['property']}: {finding['message']}")
client.ask("quit")
