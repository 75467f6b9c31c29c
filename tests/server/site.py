"""A whole site on this machine: installed by the shipped script below a folder, run by its units, behind nginx with TLS."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.server.process import ROOT
from tests.server.services import _wait, free_port

MAIN = """daemon off; pid {prefix}/nginx.pid; worker_processes 1; {user}
error_log {prefix}/var/log/nginx/error.log;
events {{ worker_connections 2048; }}
http {{
  types {{ }} default_type application/octet-stream;
  access_log {prefix}/var/log/nginx/access.log;
  {temporary}
  include {prefix}/etc/nginx/sites-enabled/*;
}}
"""
"""As Debian has it, with its logs switched on: the site's own file has to switch them off."""


def environment(folder: Path) -> Path:
    """Make what `--env` takes: the two programs, of the Python that runs this, from wherever they are started."""
    (folder / "bin").mkdir(parents=True)
    for name, module in (("gunicorn", "gunicorn"), ("coplay", "server.cli")):
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m {module} "$@"\n', "utf-8")
        program.chmod(0o755)
    return folder


def install(prefix: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the shipped script below a folder."""
    command = [str(ROOT / "deploy/install.sh"), "--prefix", str(prefix), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Site:
    """One site: `origin` is what people see; units are those that lie below `prefix`."""

    def __init__(self, folder: Path, *studies: Path, **settings: str) -> None:
        self.prefix = folder / "root"
        self.port, self.tls, self.plain = free_port(), free_port(), free_port()
        self.origin = f"https://localhost:{self.tls}"
        chosen = [part for study in studies for part in ("--study", str(study))]
        env = environment(folder / "env")
        done = install(
            self.prefix, "--name", "localhost", "--self-signed", "--env", str(env), "--ports", str(self.port), *chosen
        )
        assert done.returncode == 0, done.stderr
        self.said = done.stderr
        self.certificate = self.prefix / "etc/coplay/tls/fullchain.pem"
        lines = self._below(
            (self.prefix / "etc/coplay.env").read_text("utf-8").replace("//localhost", f"//localhost:{self.tls}")
        )
        lines += "".join(f"COPLAY_{name.upper()}={value}\n" for name, value in settings.items())
        (self.prefix / "etc/coplay.env").write_text(lines, "utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def _below(self, text: str) -> str:
        """Let a file of the installed system name the places where it really lies."""
        for place in ("/opt/coplay", "/var/lib/coplay", "/var/backups/coplay", "/var/log/nginx", "/etc/coplay"):
            text = text.replace(place, f"{self.prefix}{place}")
        return text

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.prefix / "var/lib/coplay"

    def unit(self, name: str) -> tuple[list[str], dict[str, str], Path]:
        """Return a unit's command, environment and folder, as systemd would start it."""
        text = self._below((self.prefix / "etc/systemd/system" / name).read_text("utf-8").replace("%i", str(self.port)))
        pairs = [line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#")]
        values = {name: value for name, value in pairs if name not in ("Environment", "EnvironmentFile")}
        variables = {k: v for k, v in os.environ.items() if not k.startswith("COPLAY_")}
        for key, value in pairs:
            if key == "Environment":
                variables.update(one.split("=", 1) for one in value.split())
            elif key == "EnvironmentFile":
                file = Path(value.removeprefix("-"))
                lines = file.read_text("utf-8").splitlines() if file.exists() else []
                variables.update(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        return shlex.split(values["ExecStart"]), variables, Path(values["WorkingDirectory"])

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a unit that ends by itself."""
        command, variables, folder = self.unit(name)
        return subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, check=False)

    def start(self) -> None:
        """Start the server by its unit's command and wait until it answers."""
        command, variables, folder = self.unit("coplay@.service")
        with (self.prefix / "var/log/coplay.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=variables, cwd=folder, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
            except OSError:
                assert self.process.poll() is None, (self.prefix / "var/log/coplay.log").read_text()
                assert time.monotonic() < until, "the server does not answer"
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """As a power cut would: master and worker at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int:
        """As systemd stops it."""
        if self.process is None or self.process.poll() is not None:
            return 0
        os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(20)

    @contextmanager
    def nginx(self) -> Iterator[None]:
        """Run nginx with the site's file; ports and places are moved, nothing else."""
        site = self.prefix / "etc/nginx/sites-available/coplay.conf"
        lines = [line for line in site.read_text("utf-8").splitlines() if "listen [::]" not in line]
        text = (
            self._below("\n".join(lines))
            .replace("listen 443", f"listen {self.tls}")
            .replace("listen 80", f"listen {self.plain}")
        )
        site.write_text(text, "utf-8")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{kind}_temp_path {self.prefix}/tmp-{kind};" for kind in kinds)
        main = self.prefix / "nginx.conf"
        main.write_text(
            MAIN.format(prefix=self.prefix, temporary=temporary, user="user root;" if os.getuid() == 0 else "")
        )
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        process = subprocess.Popen([program, "-c", str(main), "-e", str(self.prefix / "var/log/nginx/error.log")])
        try:
            _wait(self.tls)
            yield
        finally:
            process.send_signal(signal.SIGQUIT if process.poll() is None else 0)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait(5)


@contextmanager
def site(folder: Path, *studies: Path, **settings: str) -> Iterator[Site]:
    """Yield a site that is served."""
    made = Site(folder, *studies, **settings)
    try:
        made.start()
        with made.nginx():
            yield made
    finally:
        made.stop()
