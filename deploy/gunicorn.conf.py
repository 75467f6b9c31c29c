"""For `gunicorn -c deploy/gunicorn.conf.py`, e.g. under systemd: the same settings that `coplay serve` uses.

One worker per process, gevent, no access log. Choose study, data folder and address by COPLAY_* variables, see
server/settings.py. To change something, set it below the import.
"""

from server.gunicorn_conf import *  # noqa: F403 - gunicorn reads the names of this file
