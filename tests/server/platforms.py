"""Small fake platforms, written from the documented behaviour: they answer on a free port of this machine."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Platform:
    """What a fake platform was asked, and what it answers: (method, path) -> handler(query, body, headers) -> (status, body)."""

    def __init__(self):
        self.asked = []
        self.answers = {}
        self.base = ""

    def on(self, method, path):
        """Register the decorated handler."""

        def register(handler):
            self.answers[method, path] = handler
            return handler

        return register


@contextmanager
def platform():
    """Serve a fake platform."""
    fake = Platform()

    class Handler(BaseHTTPRequestHandler):
        def _any(self):
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            fake.asked.append((self.command, parts.path, query, body.decode(), dict(self.headers)))
            handler = fake.answers.get((self.command, parts.path))
            made = handler(query, body, self.headers) if handler else (404, {"error": "not found"})
            status, answer, *headers = made
            data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            for name, value in headers[0].items() if headers else ():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _any  # noqa: N815 - as http.server calls them

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def as_prolific(fake, status):
    """Answer as Prolific does, for submissions S000 and so on of people P000: twenty at a time, transitions, bonuses."""
    every = [{"id": f"S{n:03}", "participant_id": f"P{n:03}", "status": now} for n, now in status.items()]

    @fake.on("GET", "/submissions/")
    def _(query, *_):
        first = int(query.get("offset", 0))
        more = f"{fake.base}/submissions/?study=ST1&offset={first + 20}" if first + 20 < len(every) else None
        return 200, {"results": every[first : first + 20], "_links": {"next": {"href": more}}}

    for one in every:
        fake.on("POST", f"/submissions/{one['id']}/transition/")(lambda *_: (200, {}))
    fake.on("POST", "/submissions/bonus-payments/")(lambda *_: (200, {"id": "p1"}))
    fake.on("POST", "/bulk-bonus-payments/p1/pay/")(lambda *_: (202, ""))
