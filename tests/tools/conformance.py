"""Writes the figures of a conformance run into docs/CONFORMANCE.md, between its marks.

Input: .work/conformance/*.json, which `AWS_PERF_CONFORMANCE=all cargo test` leaves behind.
"""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START, END = "<!-- figures -->\n", "<!-- end -->"
KINDS = ("request", "answer", "error", "refusal", "dry run")


def main():
    figures = json.loads((ROOT / ".work/conformance/differential.json").read_text())
    counts = {(protocol, kind): count for protocol, kind, count in figures["counts"]}
    protocols = sorted({protocol for protocol, _ in counts})
    lines = ["| protocol | requests | answers | errors | refused by both | dry runs |", "| --- | --- | --- | --- | --- | --- |"]
    for protocol in protocols:
        row = [f"{counts.get((protocol, kind), 0):,}" for kind in KINDS]
        lines.append(f"| {protocol} | {' | '.join(row)} |")
    totals = [f"{sum(counts.get((p, kind), 0) for p in protocols):,}" for kind in KINDS]
    lines.append(f"| all | {' | '.join(totals)} |")
    lines.append(f"\n{figures['services']} services, {figures['calls']:,} calls, all equal.\n")
    lines.append(f"{figures['signatures']:,} of their SigV4 signatures, computed once more by botocore: all equal.\n")
    refused = sorted({name for name, _ in figures["refused"]})
    names = ", ".join(f"`{name}`" for name in refused)
    lines.append(f"Refused by design, with an error that says so, are {len(refused)} that speak in event streams: {names}.\n")
    lines.append(f"Exceptions ({len(figures['exceptions'])}):\n")
    lines.extend(f"- `{name}`: {why}." for name, why in sorted(set(map(tuple, figures["exceptions"]))))
    path = ROOT / "docs/CONFORMANCE.md"
    text = path.read_text()
    head, rest = text.split(START)
    tail = rest.split(END)[1]
    path.write_text(head + START + "\n" + "\n".join(lines) + "\n\n" + END + tail)


if __name__ == "__main__":
    main()
