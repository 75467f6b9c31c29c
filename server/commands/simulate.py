"""`coplay simulate STUDY`: simulated participants play the study, in process or over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from game import registry
from game.canonical import Digest, encode
from game.compile import Names
from game.log import Row
from game.logfile import write
from game.simulate import Stuck
from game.simulate import simulate as play_all
from game.study import Invalid
from server.live import play_live
from server.robot import Halted
from server.studies import OpenStudy, open_study

talk = Console(stderr=True)


@click.command()
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-n", "number", type=click.IntRange(1), default=20, show_default=True, help="How many participants.")
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A *.log.jsonl file.")
@click.option("--player", "who", default="random", show_default=True, help="Which simulated participant.")
@click.option("--seed", default="1", show_default=True, help="Equal seeds give equal files (not with --live).")
@click.option("--live", is_flag=True, help="Start a server and play over real sockets.")
@click.pass_context
def simulate(context: click.Context, study: Path, number: int, out: Path, who: str, seed: str, live: bool) -> None:
    """Let N simulated participants play STUDY and write their logs to a file. Their data stay marked simulated."""
    try:
        registry.player[who]
        opened = open_study(study)
    except (Invalid, registry.Unknown) as error:
        talk.print(f"[red]{error}[/]", soft_wrap=True)
        context.exit(1)
    with Progress(console=talk, transient=True) as progress:
        task = progress.add_task("playing", total=number)
        try:
            streams = (
                play_live(study, number, who, seed, lambda: progress.advance(task))
                if live
                else _in_process(opened, number, who, seed, lambda: progress.advance(task))
            )
        except (Halted, Stuck, RuntimeError) as error:
            talk.print(f"[red]{error}[/]", soft_wrap=True)
            context.exit(1)
    partial = out.with_name(out.name + ".part")
    with partial.open("wb") as file:
        file.writelines(write(streams, _blobs(opened)))
    partial.replace(out)
    talk.print(f"{len(streams)} simulated sessions, {sum(map(len, streams.values()))} rows in {out}", soft_wrap=True)


def _in_process(
    opened: OpenStudy, number: int, who: str, seed: str, done: Callable[[], None]
) -> Mapping[str, Sequence[Row]]:
    """Play in this process; blob names are keyed by the seed, so that equal seeds give equal files."""
    names = Names(seed, opened.names.study, opened.names.manifest, opened.names.texts)
    streams: dict[str, Sequence[Row]] = {}
    for rows in play_all(opened.study, opened.pack.manifest, opened.texts, names, number, seed, who):
        streams[rows[0].stream] = rows
        done()
    return streams


def _blobs(opened: OpenStudy) -> dict[Digest, bytes]:
    texts = {opened.names.texts[lang]: encode(texts) for lang, texts in opened.texts.items()}
    return {opened.names.study: encode(opened.study), opened.names.manifest: opened.pack.data, **texts}
