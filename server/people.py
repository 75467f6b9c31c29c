"""People: who may continue which session. Kept apart from the log; platform ids are encrypted, links are hashed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.database import Database

TABLES = (
    """CREATE TABLE IF NOT EXISTS participant (
      lookup TEXT PRIMARY KEY, study TEXT NOT NULL, pseudonym TEXT NOT NULL, sealed TEXT NOT NULL, stream TEXT NOT NULL,
      made BIGINT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS ticket (token TEXT PRIMARY KEY, stream TEXT NOT NULL, made BIGINT NOT NULL)",
)


class People:
    """Participants and their links."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._sql = database.sql
        self._lookup_key = _derive(key, b"coplay.people.lookup")
        self._fernet_key = Fernet(base64.urlsafe_b64encode(_derive(key, b"coplay.people.sealed")))
        for table in TABLES:
            self._sql(table)

    def claim(self, study: str, platform_id: str, stream: str) -> str:
        """Return the stream of a platform's participant in a study: the one they have, or `stream`, now theirs."""
        lookup = self._lookup(study, platform_id)
        self._sql(
            "INSERT INTO participant VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (lookup) DO NOTHING",
            lookup, study, secrets.token_hex(8), self._fernet_key.encrypt(platform_id.encode()).decode(), stream,
            int(time.time()),
        )  # fmt: skip
        return str(self._sql("SELECT stream FROM participant WHERE lookup = ?", lookup)[0][0])

    def platform_id(self, stream: str) -> str | None:
        """Return the platform's id of a session, e.g. to pay its participant; None when it has none."""
        found = self._sql("SELECT sealed FROM participant WHERE stream = ?", stream)
        return self._fernet_key.decrypt(str(found[0][0])).decode() if found else None

    def issue(self, stream: str) -> str:
        """Return a new token of 128 bits for `/p/<token>`; a session may have several, only their hashes are kept."""
        token = secrets.token_urlsafe(16)
        self._sql("INSERT INTO ticket VALUES (?, ?, ?)", _hash(token), stream, int(time.time()))
        return token

    def stream(self, token: str) -> str | None:
        """Return the session that a token opens, or None."""
        if len(token) > 64:
            return None
        found = self._sql("SELECT stream FROM ticket WHERE token = ?", _hash(token))
        return str(found[0][0]) if found else None

    def forget(self, stream: str) -> None:
        """Delete everything that leads from a person to a session (part of erasure)."""
        self._sql("DELETE FROM ticket WHERE stream = ?", stream)
        self._sql("DELETE FROM participant WHERE stream = ?", stream)

    def _lookup(self, study: str, platform_id: str) -> str:
        return hmac.new(self._lookup_key, f"{study}\0{platform_id}".encode(), hashlib.sha256).hexdigest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, purpose).derive(key)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
