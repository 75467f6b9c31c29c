"""How gunicorn runs coplay: one gevent worker, one writer. More processes are more of these behind nginx, see deploy/."""

from __future__ import annotations

import gc
import signal
import sys
from typing import Any

from server import settings as _environment

_settings = _environment.load()

wsgi_app = "server.wsgi:app"
bind = f"fd://{_settings.fd}" if _settings.fd >= 0 else f"{_settings.host}:{_settings.port}"
workers = 1
"""Never more: tabs of one session must meet. Scale by processes, each with this file."""
worker_class = "gevent"
worker_connections = _settings.connections
backlog = 2048
preload_app = False
"""The worker makes the standard library cooperative first, then loads the application and opens the store."""
graceful_timeout = 5
timeout = 60
accesslog = None
"""No addresses, no user agents."""
errorlog = "-"
loglevel = "warning"
proc_name = "coplay"
server_software = "coplay"


def post_worker_init(worker: Any) -> None:
    """Leave Ctrl-C to the master, who then stops this worker; print the links once the server answers, if asked to."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # what was loaded stays: collections look at what sessions leave behind only
    gc.set_threshold(20_000, 20, 50)
    sys.setswitchinterval(0.001)  # a flush that is done is acknowledged within a millisecond
    if _settings.announce:
        from server.announce import announce  # noqa: PLC0415 - loaded in the worker only

        announce(worker)


def worker_exit(_server: Any, worker: Any) -> None:
    """Store what waits and close the files."""
    application = getattr(worker, "wsgi", None)
    house = application.extensions.get("coplay") if application is not None else None
    if house is not None:
        house.close()
