#!/usr/bin/python3
"""Turns the lines of bench/measure.py into Markdown, between the markers of a page.

usage: bench/report.py RESULTS.jsonl MACHINE.txt PAGE.md

Exits 0 whether the aims are reached or not: it reports.
"""
import json
import pathlib
import re
import statistics
import sys

BEGIN = "<!-- bench/compare: begin -->"
END = "<!-- bench/compare: end -->"
MIB = 1 << 20
ENCRYPTED = "kedge, encrypted"
TITLES = {
    "full": "Full backup, no compression",
    "full-zstd": "Full backup, zstd",
    "encrypted": "Full backup, plain and encrypted",
    "encrypted-restore": "Restore of a full backup into an RBD image, plain and encrypted",
    "full-200g": "Full backup of the 200 GiB image",
    "incremental": "Incremental backup: 200 GiB image, 400 scattered writes of 4 KiB",
    "restore": "Restore of a chain of two into an RBD image, its files in the page cache",
    "restore-cold": "Restore of a chain of two into an RBD image, its files on the disk only",
    "s3-backup": "Full backup by S3 into the same Ceph",
    "s3-restore": "The same as a raw stream to nowhere",
}


class Results:
    """All runs; a field of one tool is a list with a value for each run."""

    def __init__(self, path):
        self.lines = [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]

    def cases(self):
        return [case for case in TITLES if any(line["case"] == case for line in self.lines)]

    def tools(self, case):
        return list(dict.fromkeys(line["tool"] for line in sorted(self.lines, key=lambda l: l["tool"]) if line["case"] == case))

    def values(self, case, tool, field):
        return [line[field] for line in self.lines if line["case"] == case and line["tool"] == tool]

    def reported(self, case, field):
        """A field of kedge's own JSON."""
        return [l["json"][field] for l in self.lines if l["case"] == case and l["tool"] == "kedge" and l["json"]]

    def best(self, case, pattern, field):
        """The lowest median among the tools whose name begins as the pattern says."""
        medians = [statistics.median(self.values(case, t, field)) for t in self.tools(case) if re.match(pattern, t)]
        return min(medians) if medians else None


def spread(values, digits=2):
    middle = f"{statistics.median(values):.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def case_table(results, case):
    rows = ["| tool | wall s | wall s, output on disk | CPU s | peak RSS MiB | output MiB |", "|---|---|---|---|---|---|"]
    for tool in results.tools(case):
        value = lambda field: results.values(case, tool, field)
        sizes = [size / MIB for size in value("outputBytes")]
        rows.append(
            f"| {tool} | {spread(value('wallSeconds'))} | {spread(value('syncedSeconds'))} | {spread(value('cpuSeconds'))} "
            f"| {max(value('peakRssBytes')) / MIB:.0f} | {f'{statistics.median(sizes):.1f}' if max(sizes) else '–'} |"
        )
    return rows


def verdict(what, value, bound, stretch=None, form="{:.2f}x"):
    said = "reached" if value <= bound else "**missed**"
    if stretch is not None and value <= stretch:
        said = "reached, with the stretch aim " + form.format(stretch)
    return f"| {what} | {form.format(bound)} | {form.format(value)} | {said} |"


def ratio(results, case, reference, field):
    ours, theirs = results.best(case, "kedge", field), results.best(case, reference, field)
    return ours / theirs if ours is not None and theirs else None


# As the project's aim has it; "best" below is with all that an operator could do more.
PLAIN_RESTORE = r"qemu-img convert -n -W -m \d+$"

# what, case, reference tools, field, aim, stretch aim
RATIOS = [
    ("full: wall, against the better qemu-img", "full", "qemu-img", "wallSeconds", 1.0, None),
    ("full: wall until on disk, against the better qemu-img", "full", "qemu-img", "syncedSeconds", 1.0, None),
    ("full: CPU, against the cheaper qemu-img", "full", "qemu-img", "cpuSeconds", 1.3, 1.0),
    ("zstd: CPU, against qemu-img", "full-zstd", "qemu-img", "cpuSeconds", 0.6, None),
    ("zstd: output, against qemu-img", "full-zstd", "qemu-img", "outputBytes", 1.1, None),
    ("restore: wall, against the better qemu-img -n -W", "restore", PLAIN_RESTORE, "wallSeconds", 1.0, None),
    ("restore: wall, against the best qemu-img", "restore", "qemu-img", "wallSeconds", 1.0, None),
    ("restore from the disk: wall, against qemu-img -n -W", "restore-cold", PLAIN_RESTORE, "wallSeconds", 1.0, None),
    ("restore from the disk: wall, against the best qemu-img", "restore-cold", "qemu-img", "wallSeconds", 1.0, None),
]


def aims(results):
    rows = ["| aim | at most | measured | |", "|---|---|---|---|"]
    for what, case, reference, field, bound, stretch in RATIOS:
        value = ratio(results, case, reference, field)
        if value is not None:
            rows.append(verdict(what, value, bound, stretch))
    rows += incremental_aims(results)
    rows += encrypted_aims(results)
    ours = ("kedge", ENCRYPTED)
    rss = [rss for case in results.cases() for tool in ours for rss in results.values(case, tool, "peakRssBytes")]
    if rss:
        rows.append(verdict("peak RSS of kedge in every case", max(rss) / MIB, 160, 128, "{:.0f} MiB"))
    by_s3 = [
        rss
        for case in ("s3-backup", "s3-restore")
        for tool in results.tools(case)
        if tool.startswith("kedge, S3")
        for rss in results.values(case, tool, "peakRssBytes")
    ]
    if by_s3:
        rows.append(verdict("peak RSS of kedge with S3", max(by_s3) / MIB, 180, None, "{:.0f} MiB"))
    return rows


def encrypted_aims(results):
    rows = []
    for case, what in (("encrypted", "backup"), ("encrypted-restore", "restore")):
        plain, encrypted = (results.values(case, tool, "cpuSeconds") for tool in ("kedge", ENCRYPTED))
        if plain and encrypted:
            gigabytes = statistics.median(results.values("encrypted", "kedge", "outputBytes")) / 1e9
            more = (statistics.median(encrypted) - statistics.median(plain)) / gigabytes
            rows.append(verdict(f"encryption: CPU-seconds more for each GB, {what}", more, 0.7, form="{:.2f}"))
    return rows


def incremental_aims(results):
    plans = results.reported("incremental", "planSeconds")
    diff = results.best("incremental", "rbd diff", "wallSeconds")
    if not plans or not diff:
        return []
    stored = statistics.median(results.reported("incremental", "storedBytes"))
    changed = statistics.median(results.reported("incremental", "changedBytes"))
    file_bytes = statistics.median(results.reported("incremental", "fileBytes"))
    return [
        verdict("incremental: planning, against rbd diff", statistics.median(plans) / diff, 0.1, form="{:.3f}x"),
        verdict("incremental: stored, against changed", stored / changed, 1.5),
        f"| incremental: bytes changed, stored, length of the file | | {changed:,.0f}, {stored:,.0f}, {file_bytes:,.0f} | |",
        f"| incremental: planning, seconds | | {spread(plans, 3)} | |",
    ]


def page_section(results, machine):
    lines = [BEGIN, "", "```", machine.strip(), "```", "", "### Aims", "", *aims(results), ""]
    for case in results.cases():
        lines += [f"### {TITLES[case]}", "", *case_table(results, case), ""]
    return "\n".join([*lines, END])


def main(results_path, machine_path, page_path):
    section = page_section(Results(results_path), pathlib.Path(machine_path).read_text(encoding="utf-8"))
    page = pathlib.Path(page_path)
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        sys.exit(f"report: {page} lacks the markers {BEGIN} and {END}")
    page.write_text(before + section + after, encoding="utf-8")
    print(section)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
