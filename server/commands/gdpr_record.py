"""`coplay gdpr-record STUDY`: record of processing, screening, AI Act note and data management plan as Markdown."""

from __future__ import annotations

from pathlib import Path

import click

from game.study import Invalid
from server import privacy, recruit
from server.record import record_of
from server.studies import OpenStudy, open_study


@click.command("gdpr-record")
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; without it, printed."
)
@click.option("--notice", metavar="LANG", help="Print instead a form for what the notice lacks, for texts/LANG.toml.")
def gdpr_record(study: Path, output: Path | None, notice: str | None) -> None:
    """Write what your data protection officer asks for, from the files of STUDY. What nobody said is marked as open."""
    try:
        opened = open_study(study)
        text = _form(opened, notice) if notice else record_of(opened, privacy.read(study), recruit.read(study))
    except Invalid as invalid:
        raise click.ClickException("\n".join(str(problem) for problem in invalid.problems)) from invalid
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, "utf-8")
    click.echo(f"{output}: {text.count('**to be filled in**')} places to be filled in", err=True)


def _form(opened: OpenStudy, lang: str) -> str:
    if lang not in opened.languages:
        raise click.UsageError(f"the study's languages are {', '.join(opened.languages)}")
    return privacy.form(opened.texts[lang], privacy.layers_of(opened.study))
