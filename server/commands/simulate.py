"""`coplay simulate STUDY`: simulated participants play the study, in process over all cores or over real sockets."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import Progress

from game.canonical import Digest, encode
from game.logfile import Length, begin, write
from game.mixture import BadMixture, Share, mixture
from game.registry import Unknown
from game.simulate import Stuck
from game.study import Invalid
from game.traits import BadTrait
from game.truth import TruthHeader
from game.truth import encode as truth_file
from server import crowd
from server.live import play_live
from server.robot import Halted
from server.studies import OpenStudy, open_study

talk = Console(stderr=True)
WRONG = (Invalid, Unknown, BadMixture, BadTrait)
FAILED = (Halted, Stuck, RuntimeError)


@click.command()
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-n", "number", type=click.IntRange(1), default=20, show_default=True, help="How many participants.")
@click.option("-o", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A *.log.jsonl file.")
@click.option(
    "--player",
    "who",
    default="random",
    show_default=True,
    metavar="NAME[(TRAIT=VALUE~SD,...)][:WEIGHT],...",
    help='Who takes part, e.g. "follower:0.3,verifier(skill=0.9):0.7".',
)
@click.option("--seed", default="1", show_default=True, help="Equal seeds give equal files (not with --live).")
@click.option("--cores", type=click.IntRange(0), default=0, help="How many cores; 0 for all. The file is the same.")
@click.option("--live", is_flag=True, help="Start a server and play over real sockets.")
@click.pass_context
def simulate(
    context: click.Context, study: Path, number: int, out: Path, who: str, seed: str, cores: int, *, live: bool
) -> None:
    """Let N simulated participants play STUDY and write their logs to a file. Their data stay marked simulated.

    Beside it a *.truth.jsonl file says who they were: kind, traits, and who decided each round (not with --live).
    """
    try:
        shares = mixture(who)
        opened = open_study(study)
    except WRONG as error:
        talk.print(f"[red]{error}[/]", soft_wrap=True, highlight=False)
        context.exit(1)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if live:
            sessions, rows = _live(opened, number, shares, seed, out)
        else:
            sessions, rows = _in_process(opened, number, shares, seed, out, TruthHeader(seed=seed, players=who), cores)
    except FAILED as error:
        talk.print(f"[red]{error}[/]", soft_wrap=True, highlight=False)
        context.exit(1)
    except OSError as error:
        raise click.ClickException(f"{error.filename or out}: {error.strerror or error}") from error
    talk.print(f"{sessions} simulated sessions, {rows} rows in {out}", soft_wrap=True)
    if not live:
        talk.print(f"who they were: {truth_path(out)}", soft_wrap=True)


def truth_path(out: Path) -> Path:
    """Return where the truth file of a log file lies: `a.log.jsonl` -> `a.truth.jsonl`."""
    return out.with_name(f"{out.name.removesuffix('.jsonl').removesuffix('.log')}.truth.jsonl")


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Yield where to write what will lie at `path` once it is whole; nothing is left of what failed."""
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _in_process(
    opened: OpenStudy, number: int, shares: Sequence[Share], seed: str, out: Path, header: TruthHeader, cores: int
) -> tuple[int, int]:
    """Play over all cores; rows wait in a file of their own, since a log file begins with what it holds."""
    made = crowd.crowd_of(opened, seed, shares)
    lengths: dict[str, Length] = {}
    truths = truth_path(out)
    with (
        replacing(out) as part,
        replacing(truths) as truth_part,
        tempfile.TemporaryFile(dir=out.parent) as body,
        truth_part.open("wb") as truth,
        Progress(console=talk, transient=True) as progress,
    ):
        truth.writelines(truth_file(header, ()))
        task = progress.add_task("playing", total=number)
        for one in crowd.each(made, range(number), crowd.lines, cores):
            lengths[one.stream] = one.length
            body.write(one.rows)
            truth.write(one.truth)
            progress.advance(task)
        _assemble(part, lengths, _blobs(opened), body)
    return len(lengths), sum(length.rows for length in lengths.values())


def _assemble(part: Path, lengths: dict[str, Length], blobs: dict[Digest, bytes], body: BinaryIO) -> None:
    body.seek(0)
    with part.open("wb") as file:
        file.writelines(begin(lengths, blobs))
        shutil.copyfileobj(body, file)


def _live(opened: OpenStudy, number: int, shares: Sequence[Share], seed: str, out: Path) -> tuple[int, int]:
    with Progress(console=talk, transient=True) as progress:
        task = progress.add_task("playing", total=number)
        streams = play_live(opened, number, shares, seed, lambda: progress.advance(task))
    with replacing(out) as part, part.open("wb") as file:
        file.writelines(write(streams, _blobs(opened)))
    return len(streams), sum(map(len, streams.values()))


def _blobs(opened: OpenStudy) -> dict[Digest, bytes]:
    texts = {opened.names.texts[lang]: encode(texts) for lang, texts in opened.texts.items()}
    return {opened.names.study: encode(opened.study), opened.names.manifest: opened.pack.data, **texts}
