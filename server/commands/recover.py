"""`coplay recover`: known simulated people play, and what is measured of them is held against what they are."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from server import recovering
from server.recovering import STUDIES, Found, Sizes
from server.report import recovery_page

talk = Console(stderr=True)


@click.command()
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A Markdown file.")
@click.option(
    "--study", "names", multiple=True, type=click.Choice([each.study for each in STUDIES]), help="Only these."
)
@click.option("--people", default=Sizes().people, show_default=True, type=click.IntRange(12), help="In each cell.")
@click.option(
    "--sessions", default=Sizes().sessions, show_default=True, type=click.IntRange(2), help="Of each, for the truth."
)
@click.option("--size", default=Sizes().size, show_default=True, type=click.IntRange(4), help="People in one study.")
@click.option(
    "--runs", default=Sizes().runs, show_default=True, type=click.IntRange(2), help="Studies, for the coverage."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option("--cores", default=0, type=click.IntRange(0), help="How many cores; 0 for all. The numbers are the same.")
def recover(
    *, out: Path, names: tuple[str, ...], people: int, sessions: int, size: int, runs: int, seed: int, cores: int
) -> None:
    """Write a recovery report: truth and estimate of every measure and mode index, bias, coverage, confusion of modes."""
    sizes = Sizes(people, sessions, size, runs, seed, cores)
    sections: list[str] = []
    for rehearsed in STUDIES:
        if not names or rehearsed.study in names:
            sections.append(
                _section(recovering.recover(rehearsed, sizes, lambda text: talk.print(text, soft_wrap=True)))
            )
    if not names or "reference" in names:
        sections.append(_invariance(sizes))
    chosen = "".join(f" --study {name}" for name in names)
    numbers = f"--people {people} --sessions {sessions} --size {size} --runs {runs} --seed {seed}"
    command = f"coplay recover -o {out.name}{chosen} {numbers}"
    told = {"people": people, "sessions": sessions, "size": size, "runs": runs}
    out.write_text(recovery_page.page(command, told, sections), "utf-8")
    talk.print(f"{out}", soft_wrap=True)


def _section(found: Found) -> str:
    rehearsed = found.rehearsed
    parts = [f"## Study `{rehearsed.study}`\n", f"Players: `{rehearsed.players}`, in each of {found.cells} cells.\n"]
    if found.weights:
        parts += ["### Cue weights\n", recovery_page.weights(found.weights), ""]
    for how, counts in found.tables:
        parts += [f"### Modes: {how}\n", recovery_page.confusions(how, counts), ""]
    if found.shares:
        parts += ["### Share of each mode, by person\n", recovery_page.shares(found.shares), ""]
    if found.links:
        parts += ["### Traits and the measures that should show them\n", recovery_page.links(found.links), ""]
    parts += ["### Measures of a person\n", recovery_page.measures(found.measures), ""]
    return "\n".join([*parts, "### Measures of everybody together\n", recovery_page.together(found.together), ""])


def _invariance(sizes: Sizes) -> str:
    talk.print("invariance", soft_wrap=True)
    same, other = recovering.invariance(sizes, same=True), recovering.invariance(sizes, same=False)
    return "\n".join(
        (
            "## Invariance of mode shares\n",
            f"People who behave alike under every condition of `reference` (`{recovering.SAME}`).\n",
            recovery_page.invariant("The same people in each condition", same),
            "",
            recovery_page.invariant("Other people in each condition", other),
        )
    )
