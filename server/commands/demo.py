"""`coplay demo`: play the packaged study at once."""

from __future__ import annotations

from pathlib import Path

import click

from game import registry
from server.settings import Settings


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any; taken: the next one."
)
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Where data are kept. [./coplay-data/moths]"
)
@click.option("--open/--no-open", "open_", default=True, help="Open the participant's link in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready.")
def demo(port: int, data: Path | None, *, open_: bool, as_json: bool) -> None:
    """Play the packaged demo in the browser.

    Prints a link for participants, a link for researchers (it works once) and the data folder, then serves until Ctrl-C.
    With --json: {"participant": URL, "desk": URL, "data": PATH} on stdout, once the server answers.
    """
    from server.serving import become_server  # noqa: PLC0415 - --help should not wait for it

    folder = Path(str(registry.folder("game.studies"))) / "moths"
    settings = Settings(
        data=str(data or Path("coplay-data") / folder.name),
        port=port,
        announce="json" if as_json else "text",
        open_browser=open_,
    )
    become_server(settings, folder, exact=False)
