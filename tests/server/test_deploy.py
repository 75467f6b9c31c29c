"""The shipped deployment, for real as far as a test may go: script, units, nginx with TLS, backup and restore under play."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import stat
import subprocess
import threading
from random import Random

import pytest

from game import registry
from server import backup
from server.robot import Halted, Robot, start
from tests.server.process import ROOT
from tests.server.site import Site, environment, install, site

pytestmark = [pytest.mark.slow, pytest.mark.services]

VISITOR = "127.0.0.77"
"""Whose address must be nowhere; the server itself is reached from 127.0.0.1."""


@pytest.fixture(scope="module")
def served(study_folder, tmp_path_factory):
    with site(tmp_path_factory.mktemp("site"), study_folder) as made:
        yield made


@pytest.fixture
def trusting(served, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(served.certificate))


def play(served: Site, name: str = "small") -> str:
    return Robot(served.origin, start(f"{served.origin}/s/{name}"), registry.player["random"].thing, Random(1)).run()


def curl(*arguments: str) -> str:
    command = ["curl", "-sk", "--interface", VISITOR, "--max-time", "20", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_the_script_says_what_it_would_do_and_keeps_settings(tmp_path):
    env = environment(tmp_path / "env")
    options = ("--name", "study.example.org", "--email", "me@example.org", "--env", str(env))
    first = install(tmp_path / "root", *options)
    assert first.returncode == 0, first.stderr
    for line in ("apt-get install -qy nginx", "certbot certonly --standalone", "systemctl restart coplay@8001"):
        assert f"would run: {line}" in first.stderr
    root = tmp_path / "root"
    assert "COPLAY_ORIGIN=https://study.example.org" in (root / "etc/coplay.env").read_text()
    assert stat.S_IMODE((root / "var/lib/coplay").stat().st_mode) == 0o700
    assert not (root / "opt/coplay/.git").exists()
    (root / "etc/coplay.env").write_text("COPLAY_ORIGIN=https://mine.example.org\n")
    assert install(root, *options).returncode == 0
    assert (root / "etc/coplay.env").read_text() == "COPLAY_ORIGIN=https://mine.example.org\n"
    several = install(root, *options, "--ports", "8001 8002")
    assert (several.returncode, "several processes need COPLAY_STORE" in several.stderr) == (2, True)
    (root / "etc/coplay.env").write_text("COPLAY_STORE=postgresql://x\nCOPLAY_REDIS=redis://x\n")
    assert install(root, *options, "--ports", "8001 8002").returncode == 0
    text = (root / "etc/nginx/sites-available/coplay.conf").read_text()
    assert [line.split()[1] for line in text.splitlines() if line.startswith("  server 127")] == [
        "127.0.0.1:8001",
        "127.0.0.1:8002",
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "--name must be"),
        (("--name", "a b; rm"), "--name must be"),
        (("--name", "x.org"), "--email is needed"),
        (("--name", "x.org", "--self-signed", "--ports", "80a"), "--ports must be"),
        (("--name", "x.org", "--study", "/nowhere"), "holds no study.toml"),
        (("--nme", "x.org"), "unknown option --nme"),
        (("--name",), "--name needs a value"),
    ],
)
def test_bad_options_get_one_clear_error(tmp_path, arguments, why):
    done = install(tmp_path / "root", *arguments)
    assert done.returncode == 2
    assert why in done.stderr
    assert not (tmp_path / "root" / "etc").exists()


def test_units_are_sound(served, tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd here")
    for name in ("coplay@.service", "coplay-backup.service", "coplay-backup.timer"):
        text = served._below((served.prefix / "etc/systemd/system" / name).read_text())
        (tmp_path / name.replace("@", f"@{served.port}")).write_text(text.replace("User=coplay", "User=root"))
    done = subprocess.run(
        [program, "verify", "--man=no", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    own = [line for line in done.stderr.splitlines() if "coplay" in line]
    assert (done.returncode, own) == (0, []), done.stderr


def test_a_session_is_played_through_tls_and_the_page_comes_by_http_2(served, trusting):
    assert play(served) == "end/completed"
    page = curl("-o", "/dev/null", "-w", "%{http_version} %{http_code}", f"{served.origin}/s/small")
    assert page == "2 200"
    assert curl(
        "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", f"http://localhost:{served.plain}/s/small"
    ) == ("301 https://localhost/s/small")
    head = curl("-D", "-", "-o", "/dev/null", f"{served.origin}/s/small").lower()
    assert "server: nginx\n" in head


def test_no_address_and_no_browser_is_written_anywhere(served, trusting):
    agent = "Mozilla/5.0 (Distinct 77)"
    curl("-A", agent, f"{served.origin}/s/small")
    curl("-A", agent, "-X", "POST", "-d", "lang=en", f"{served.origin}/s/small")
    curl("-A", agent, f"{served.origin}/nothing/here", "-H", "Host: other.example")
    curl("-A", agent, "-d", "x" * 100_000, f"{served.origin}/s/small")
    for _ in range(130):  # more than the limit allows: nginx refuses some
        with socket.create_connection(("127.0.0.1", served.plain), source_address=(VISITOR, 0)) as line:
            line.sendall(b"GET /s/small HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for garbage in (b"\x16\x03\x01\x00\x05hello", b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 100):
        with socket.create_connection(("127.0.0.1", served.tls), source_address=(VISITOR, 0)) as line:
            line.sendall(garbage)
            line.settimeout(5)
            line.recv(1000)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", served.tls), source_address=(VISITOR, 0)) as line,
        pytest.raises((ssl.SSLError, OSError)),
    ):
        old.wrap_socket(line)
    served.kill()
    assert "starting again" in curl("-A", agent, f"{served.origin}/s/small")
    served.start()
    files = [
        path
        for path in served.prefix.rglob("*")
        if path.is_file() and "opt" not in path.relative_to(served.prefix).parts
    ]
    assert any(path.name == "error.log" for path in files)
    for path in files:
        text = path.read_bytes()
        assert VISITOR.encode() not in text, path
        assert b"Distinct 77" not in text, path


def test_a_page_waits_while_the_server_starts_again(served, trusting):
    served.stop()
    context = ssl.create_default_context(cafile=str(served.certificate))
    line = http.client.HTTPSConnection("localhost", served.tls, context=context, timeout=20)
    line.request("GET", "/s/small")
    answer = line.getresponse()
    assert (answer.status, answer.headers["Refresh"]) == (503, "2")
    assert "redémarre" in answer.read().decode()
    line.close()
    served.start()
    assert play(served) == "end/completed"


def test_backup_and_restore_by_the_units_while_people_play(served, trusting, tmp_path):
    stop, ends = threading.Event(), []

    def people():
        while not stop.is_set():
            try:
                ends.append(play(served))
            except Halted as halted:
                ends.append(str(halted))

    threads = [threading.Thread(target=people) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        done = [served.run("coplay-backup.service") for _ in range(2)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [one.returncode for one in done] == [0, 0], done[-1].stderr
    assert set(ends) == {"end/completed"}
    last = backup.all_in(served.prefix / "var/backups/coplay")[-1]
    command, variables, folder = served.unit("coplay-backup.service")
    again = tmp_path / "again"
    for words in (["restore", str(last), "--data", str(again)], ["verify", str(again)]):
        answer = subprocess.run(
            [command[0], *words], env=variables, cwd=folder, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stderr
    assert backup.heads_of(again / "coplay.db") == backup.check(last).heads


def test_the_composition_names_what_is_shipped_and_changes_nginx_as_the_script_does():
    text = (ROOT / "deploy/compose.yaml").read_text("utf-8")
    mounted = re.search(r"\./nginx\.conf:(\S+):ro", text)[1]
    change = " ".join(re.search(r'sed -e (".*") /coplay\.conf', text, re.DOTALL)[1].split()).replace("$$", "$")
    assert mounted == "/coplay.conf"
    done = subprocess.run(
        ["sh", "-c", f"sed -e {change} {ROOT / 'deploy/nginx.conf'}"],
        env={"COPLAY_NAME": "a.example.org", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "study.example.org" not in done.stdout
    assert re.findall(r"server (play-\d:8000) max_fails=1", done.stdout) == ["play-1:8000", "play-2:8000"]
    assert "127.0.0.1:8001" not in done.stdout
    copied = re.findall(r"^COPY ((?:static/\S+ )+)", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    assert [name for names in copied for name in names.split() if not (ROOT / name).is_file()] == []
