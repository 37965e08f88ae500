#!/usr/bin/python3
"""Runs one command as a whole process and appends what it cost as a line of JSON.

usage: bench/measure.py RESULTS.jsonl CASE TOOL RUN OUTPUT -- COMMAND...

wallSeconds      from fork to exit
syncedSeconds    the same, and until OUTPUT (a file, a folder, "bucket:NAME" of a RADOS Gateway, "-" for none, or "null"
                 for a standard output that nobody wants) is on disk
cpuSeconds       user and system time of the command and all its children
peakRssBytes     of the largest process among them
outputBytes      length of OUTPUT, of its .qcow2 files if it is a folder, of all objects if it is a bucket
json             what the command printed, if that is a JSON object
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def output_files(output):
    path = pathlib.Path(output)
    if output in ("-", "null") or not path.exists():
        return []
    return [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]


def bucket_bytes(name):
    stats = subprocess.run(["radosgw-admin", "bucket", "stats", f"--bucket={name}"], check=True, capture_output=True)
    return sum(use["size"] for use in json.loads(stats.stdout)["usage"].values())


def flush(files):
    for file in files:
        fd = os.open(file, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)


def parsed(text):
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def measure(command, output):
    os.sync()  # what the previous command left to be written is not this one's to wait for
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL if output == "null" else out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        files = output_files(output)
        flush(files)
        synced = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            sys.exit(f"measure: status {process.returncode} of {' '.join(command)}\n{err.read().decode(errors='replace')}")
        printed = out.read(1 << 20)
    single = pathlib.Path(output).is_file()
    if output.startswith("bucket:"):
        length = bucket_bytes(output.removeprefix("bucket:"))
    else:
        length = sum(file.stat().st_size for file in files if single or file.suffix == ".qcow2")
    return {
        "wallSeconds": wall,
        "syncedSeconds": synced,
        "cpuSeconds": usage.ru_utime + usage.ru_stime,
        "peakRssBytes": usage.ru_maxrss * 1024,
        "outputBytes": length,
        "json": parsed(printed),
    }


def main(results, case, tool, run, output, _, *command):
    line = {"case": case, "tool": tool, "run": int(run), **measure(list(command), output)}
    with open(results, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    print(
        f"  {case:<12} run {run}  {tool:<52} {line['syncedSeconds']:7.2f} s  {line['cpuSeconds']:6.2f} CPU-s"
        f"  {line['peakRssBytes'] >> 20:4d} MiB",
        file=sys.stderr,
    )


if __name__ == "__main__":
    if len(sys.argv) < 8 or sys.argv[6] != "--":
        sys.exit(__doc__)
    main(*sys.argv[1:])
