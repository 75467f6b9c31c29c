"""The server: Flask and Flask-SocketIO around the pure core. Reads packs, never makes them; never imports `ai`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from server.settings import Settings
    from server.studies import OpenStudy


def create_app(settings: Settings, studies: Sequence[OpenStudy]) -> Flask:
    """Make the application: `app.extensions["coplay"]` is its House, `app.extensions["socketio"]` its sockets."""
    from server.app import make  # noqa: PLC0415 - importing a subcommand must not load Flask

    return make(settings, studies)
