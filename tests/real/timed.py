# SPDX-License-Identifier: ISC
"""timed.py COMMAND...: runs it, and prints what each line of its --jsonl says and when it came:

	NAME CAUSE|- HOST|- HELO|- MILLISECONDS

and in the end "exit CODE", "peak KIB" (of the command and what it waited for) and "received BYTES" (of this
host's network in that time).
"""
import json
import resource
import subprocess
import sys
import time


def received():
    with open("/proc/net/dev") as devices:
        return sum(int(line.split()[1]) for line in devices if line.strip().startswith("eth"))


before, start = received(), time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
for line in child.stdout:
    took = int((time.monotonic() - start) * 1000)
    said = json.loads(line)
    paths = [p for m in said.get("mtas", []) for p in m["paths"]]
    print(said["name"], said.get("cause") or "-", said.get("host") or "-", paths[0]["helo"] if paths else "-", took, flush=True)
print("exit", child.wait())
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
print("received", received() - before)
