"""A robot's line: one thread, over TLS too; whatever goes wrong is said."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from random import Random

import pytest
from websockets.sync.server import serve

from game import registry
from server.line import Line, Lost
from server.robot import Halted, Robot, start


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(params=["ws", "wss"])
def echo(request, certificate, monkeypatch):
    """Address of a server that says everything twice and hangs up at "bye"."""
    trust = None
    if request.param == "wss":
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))

    def answer(peer):
        for text in peer:
            if text == "bye":
                return
            if text != "hush":
                peer.send(text)
                peer.send(text)

    with serve(answer, "localhost", 0, ssl=trust) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"{request.param}://localhost:{server.socket.getsockname()[1]}/"
        server.shutdown()
        thread.join()


def test_messages_come_and_go_in_the_thread_that_holds_the_line(echo, monkeypatch):
    long, begun, begin = "é" * 100_000, [], threading.Thread.start

    def noted(thread):
        begun.append(threading.current_thread())
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", noted)
    with Line(echo, "https://study.example.org") as line:
        for text in ("one", long):
            line.send(text)
            assert (line.receive(), line.receive()) == (text, text)
        assert begun, "the server has begun one for this line"
        assert threading.current_thread() not in begun
        line.send("bye")
        with pytest.raises(Lost, match=r"hung up|nothing came"):
            line.receive()


@pytest.mark.slow
def test_silence_ends_after_a_while(echo, monkeypatch):
    monkeypatch.setattr("server.line.PATIENCE_S", 0.5)
    with Line(echo, "https://study.example.org") as line:
        line.send("hush")
        with pytest.raises(Lost, match="nothing came"):
            line.receive()


def test_nobody_there_is_said():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        with pytest.raises(Lost, match="no connection"), Line(f"ws://127.0.0.1:{port}/", "http://a.example"):
            pass
        with pytest.raises(Halted, match="does not answer"):
            start(f"http://127.0.0.1:{port}/s/small")
        robot = Robot(f"http://127.0.0.1:{port}", "token", registry.player["random"].thing, Random(1))
        with pytest.raises(Halted, match="after 0 screens: no connection"):
            robot.run()


@pytest.mark.slow
def test_a_stranger_s_certificate_is_refused(certificate):
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with serve(lambda peer: None, "localhost", 0, ssl=trust) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"wss://localhost:{server.socket.getsockname()[1]}/"
        with pytest.raises(Lost, match="CERTIFICATE_VERIFY_FAILED"), Line(address, "https://a.example"):
            pass
        server.shutdown()
        thread.join()
