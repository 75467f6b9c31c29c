"""What gunicorn loads: `server.wsgi:app`. Made in the worker, after gevent has made the standard library cooperative."""

from __future__ import annotations

from pathlib import Path

from game import registry
from server import create_app, delivery, settings
from server.opening import require_ready
from server.studies import open_study


def default_study() -> Path:
    """Return the folder of the packaged demo."""
    return Path(str(registry.folder("game.studies"))) / "moths"


environment = settings.load()
studies = [open_study(folder) for folder in environment.study_folders or (default_study(),)]
for study in studies:
    require_ready(study, environment)
app = create_app(environment, studies)
delivery.warm()
