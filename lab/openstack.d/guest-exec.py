#!/usr/bin/python3
"""Runs a shell command in a guest by the QEMU guest agent; prints its output and ends with its exit status.

usage: guest-exec.py LIBVIRT-URI DOMAIN COMMAND

Waits up to a minute for an agent that is not connected yet; while the file systems are frozen the agent refuses.
"""
import base64
import json
import subprocess
import sys
import time

AGENT_WAIT_SECONDS = 60
COMMAND_WAIT_SECONDS = 300


def agent(uri, domain, command, **arguments):
    request = json.dumps({"execute": command, "arguments": arguments})
    done = subprocess.run(
        ["virsh", "-q", "-c", uri, "qemu-agent-command", domain, request], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ConnectionError(done.stderr.strip())
    return json.loads(done.stdout)["return"]


def start(uri, domain, shell_command):
    deadline = time.monotonic() + AGENT_WAIT_SECONDS
    while True:
        try:
            arguments = {"path": "/bin/sh", "arg": ["-c", shell_command], "capture-output": True}
            return agent(uri, domain, "guest-exec", **arguments)["pid"]
        except ConnectionError as failure:
            if time.monotonic() > deadline:
                sys.exit(f"guest-exec.py: the agent of {domain} does not answer: {failure}")
            time.sleep(0.5)


def main(uri, domain, shell_command):
    pid = start(uri, domain, shell_command)
    deadline = time.monotonic() + COMMAND_WAIT_SECONDS
    while time.monotonic() < deadline:
        state = agent(uri, domain, "guest-exec-status", pid=pid)
        if state["exited"]:
            for stream, name in ((sys.stdout, "out-data"), (sys.stderr, "err-data")):
                stream.write(base64.b64decode(state.get(name, "")).decode(errors="replace"))
            sys.exit(state.get("exitcode", 128))
        time.sleep(0.2)
    sys.exit(f"guest-exec.py: the command in {domain} has not ended after {COMMAND_WAIT_SECONDS} s")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
