"""The papers of an export: README, CHANGES, LICENSE, CITATION.cff."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from server.report.about import About
from server.report.columns import Sheet

HOW = """## How to read it

`{trials}` is the table to analyse: one row per session and round. Every table has a sidecar (`.json`) with its columns, and
`documentation/codebook.md` has all of them. `documentation/event-vocabulary.md` says what the events mean. An empty cell means not
asked, not shown or not known, never zero. `datapackage.json` has types and keys:

| table | one row per key | leads to |
| --- | --- | --- |
{keys}

`sha256sum -c SHA256SUMS` checks that all files are as they were written.
"""
PLAIN = """`data/raw/events.jsonl.gz` is a coplay log file, compressed: the rows as stored. `gunzip` it and `coplay verify`
proves that no row was changed, `coplay measure` reads it, `coplay export` makes this folder again. `data/raw/heads.json` has the
hash of each stream's last row. The bodies of people who withdrew are erased in it; their hashes still close the chain.
"""
RELATIVE = """Times are relative to each session's first event. `data/raw/events-relative.jsonl.gz` has the rows without
absolute times, so their hashes cannot be recomputed here; `data/raw/heads.json` has the hash of each stream's last row as the
authors hold it. `body` is sha256 of salt and data where both are there. Rows without data were withheld: words of people's own,
addresses, and people who withdrew.
"""
ROUNDS = """`data/raw/rounds.jsonl.gz` is the rounds file that this was made from, compressed. Events, questionnaires and
explanations are not known for these data.
"""
RESULTS = """
`results/report.html` opens from disk; its figures and tables lie beside it. `python analysis/analysis.py` (pandas, NumPy, SciPy) or
`Rscript analysis/analysis.R` (base R) compute its numbers again and say where one differs.
"""


def readme(
    about: About, title: str, text: str, counts: Mapping[str, int], sheets: Sequence[tuple[str, Sheet]], form: str,
    notes: Sequence[str],
) -> str:  # fmt: skip
    """Return README.md; `form` is one of the paragraphs of this module on the raw data."""
    rows = "\n".join(
        f"| `{path}` | {', '.join(sheet.key)} | {', '.join(dict.fromkeys(other for _, other in sheet.points))} |"
        for path, sheet in sheets
    )
    main = next((path for path, sheet in sheets if sheet.name == "trials"), "")
    numbers = "\n".join(f"- {name}: {count}" for name, count in counts.items())
    said = "".join(f"\n- {note}" for note in notes)
    names = ", ".join(each.name for each in about.author) or "not named: write an about file and export again"
    parts = [
        f"# {title}", text, f"## What is in it\n\n{numbers}{said}", HOW.format(trials=main, keys=rows) + "\n" + form,
        (f"## Licence and citation\n\nAuthors: {names}. Licence of the data: {about.licence} "
        f"({about.licence_address}); pictures have their own, in `materials/credits.csv` where it is there. Cite as "
        f"`CITATION.cff` says.\n\n## Privacy\n\n{about.privacy}"),
    ]  # fmt: skip
    return "\n\n".join(part.strip() for part in parts) + "\n"


def changes(version: str, counts: Mapping[str, int], last: str, before: str = "") -> str:
    """Return CHANGES.md with this export first; `before` is the file of the export that it replaces."""
    head = "# Changes\n\n"
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{head}## {version}\n\n{told}. Last event: {last}.\n\n{before.removeprefix(head)}".rstrip() + "\n"


def licence(about: About) -> str:
    """Return LICENSE.txt: the data's licence by name and address."""
    return f"{about.licence_title}\nSPDX-License-Identifier: {about.licence}\n{about.licence_address}\n"


def citation(about: About, title: str, version: str, day: str) -> str:
    """Return CITATION.cff 1.2.0. Texts are JSON strings, which are YAML too."""
    lines = [
        "cff-version: 1.2.0", f"message: {_q('If you use these data, please cite them as below.')}", "type: dataset",
        f"title: {_q(title)}", f"version: {_q(version)}", f"license: {_q(about.licence)}", "authors:",
    ]  # fmt: skip
    if about.licence_url:
        lines[5] = f"license-url: {_q(about.licence_url)}"
    for each in about.author:
        lines.append(f"  - name: {_q(each.name)}")
        if each.orcid:
            lines.append(f"    orcid: {_q('https://orcid.org/' + each.orcid)}")
    if not about.author:
        lines.append(f"  - name: {_q('The authors of ' + title)}")
    lines += [f"date-released: {_q(day)}"] if day else []
    lines += [f"doi: {_q(about.identifier.removeprefix('https://doi.org/'))}"] if "10." in about.identifier else []
    lines += [f"url: {_q(about.url)}"] if about.url else []
    lines += ["keywords:", *(f"  - {_q(word)}" for word in about.keywords)] if about.keywords else []
    return "\n".join(lines) + "\n"


def _q(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
