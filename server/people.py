"""People: who may continue which session. Kept apart from the log; platform ids are encrypted, links are hashed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Collection, Iterator, Mapping

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.database import Database
from server.recruit import Arrival

TABLES = (
    """CREATE TABLE IF NOT EXISTS participant (
      lookup TEXT PRIMARY KEY, study TEXT NOT NULL, pseudonym TEXT NOT NULL, sealed TEXT NOT NULL, stream TEXT NOT NULL,
      made BIGINT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS ticket (token TEXT PRIMARY KEY, stream TEXT NOT NULL, made BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS person (hash TEXT NOT NULL, study TEXT NOT NULL, stream TEXT NOT NULL, PRIMARY KEY (hash, stream))",
    "CREATE TABLE IF NOT EXISTS owed (stream TEXT PRIMARY KEY, sealed TEXT NOT NULL, made BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS settled (hash TEXT PRIMARY KEY)",
)
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LETTERS = 12


class WrongSecret(ValueError):
    """The database was sealed with another secret: whoever comes back would not be known again."""


class Owed(msgspec.Struct, frozen=True):
    """Whom an erased session is still due what: all that is kept of a person who erased before being paid.

    `dues`: kind -> hundredths of the study's currency and who pays it.
    """

    arrival: Arrival
    outcome: str
    dues: Mapping[str, tuple[int, str]]


class People:
    """Participants and their links."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._sql = database.sql
        self._lookup_key = _derive(key, b"coplay.people.lookup")
        self._code_key = _derive(key, b"coplay.people.code")
        self._fernet_key = Fernet(base64.urlsafe_b64encode(_derive(key, b"coplay.people.sealed")))
        for table in TABLES:
            self._sql(table)

    def prove(self) -> None:
        """Raise WrongSecret where whoever was sealed last was sealed with another secret; nobody yet is no reason."""
        both = "SELECT sealed, made FROM participant UNION ALL SELECT sealed, made FROM owed"
        for sealed, _ in self._sql(f"{both} ORDER BY made DESC LIMIT 1"):
            self._unseal(str(sealed))

    def claim(self, study: str, arrival: Arrival, stream: str) -> str:
        """Return the stream of whoever arrives at a study: the one they have, or `stream`, now theirs.

        A further submission of the same person is kept beside the first. Nobody without an id is known again.
        """
        if not arrival.worker:
            self._keep(secrets.token_hex(16), study, (arrival,), stream)
            return stream
        lookup = self._lookup(study, arrival)
        self._keep(lookup, study, (arrival,), stream)
        (found, sealed), *_ = self._sql("SELECT stream, sealed FROM participant WHERE lookup = ?", lookup)
        known = self._open(str(sealed))
        if arrival.session not in {one.session for one in known}:
            self._sql("UPDATE participant SET sealed = ? WHERE lookup = ?", self._seal((*known, arrival)), lookup)
        self._sql(
            "INSERT INTO person VALUES (?, ?, ?) ON CONFLICT DO NOTHING", self._hash_of(arrival), study, str(found)
        )
        return str(found)

    def arrival(self, stream: str) -> Arrival | None:
        """Return how a session's participant came, the last time; None where nobody knows."""
        found = self._sql("SELECT sealed FROM participant WHERE stream = ?", stream)
        return self._open(str(found[0][0]))[-1] if found else None

    def everyone(self) -> Iterator[tuple[str, tuple[Arrival, ...]]]:
        """Yield every session whose participant is known, with all their arrivals, oldest first."""
        for stream, sealed in self._sql("SELECT stream, sealed FROM participant ORDER BY stream"):
            yield str(stream), self._open(str(sealed))
        yield from ((stream, (left.arrival,)) for stream, left in self.owed().items())

    def took_part(self, arrival: Arrival, studies: Collection[str]) -> bool:
        """Tell whether this person is known from one of the studies, by a hash that only this installation can make."""
        if not arrival.worker or not studies:
            return False
        found = self._sql("SELECT study FROM person WHERE hash = ?", self._hash_of(arrival))
        return any(str(row[0]).rpartition("/")[2] in studies for row in found)

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

    def code(self, stream: str) -> str:
        """Return the secret that lets the person erase a session later, e.g. "h4kd-9xm2-qq7v"; nothing of it is stored."""
        made = int.from_bytes(hmac.new(self._code_key, stream.encode(), hashlib.sha256).digest(), "big")
        letters = [LETTERS[made // len(LETTERS) ** place % len(LETTERS)] for place in range(CODE_LETTERS)]
        return "-".join("".join(letters[at : at + 4]) for at in range(0, CODE_LETTERS, 4))

    def knows_code(self, stream: str, code: str) -> bool:
        """Tell whether this is a session's code, however it is written."""
        return hmac.compare_digest(self.code(stream).replace("-", ""), "".join(c for c in code if c in LETTERS))

    def owe(self, stream: str, left: Owed) -> None:
        """Keep, sealed, whom to pay for a session that is about to be erased."""
        sealed = self._fernet_key.encrypt(msgspec.json.encode(left)).decode()
        self._sql("INSERT INTO owed VALUES (?, ?, ?) ON CONFLICT DO NOTHING", stream, sealed, int(time.time()))

    def owed(self) -> dict[str, Owed]:
        """Return erased session -> what is still due for it."""
        found = self._sql("SELECT stream, sealed FROM owed ORDER BY stream")
        opened = ((str(stream), self._unseal(str(sealed))) for stream, sealed in found)
        return {stream: msgspec.json.decode(text, type=Owed) for stream, text in opened}

    def settle(self, stream: str, *, paid: bool = False) -> None:
        """Forget what was due for an erased session, and to whom.

        `paid`: a hash of the submission stays, which only this installation can make: it is not paid again.
        """
        left = self.owed().get(stream) if paid else None
        if left is not None and left.arrival.session:
            self._sql("INSERT INTO settled VALUES (?) ON CONFLICT DO NOTHING", self._hash_of_submission(left.arrival))
        self._sql("DELETE FROM owed WHERE stream = ?", stream)

    def was_paid(self, arrival: Arrival) -> bool:
        """Tell whether this submission was paid for a session that was erased."""
        found = self._sql("SELECT hash FROM settled WHERE hash = ?", self._hash_of_submission(arrival))
        return bool(arrival.session and found)

    def forget(self, stream: str) -> None:
        """Delete everything that leads from a person to a session (part of erasure), what is still `owed` apart."""
        self._sql("DELETE FROM ticket WHERE stream = ?", stream)
        self._sql("DELETE FROM participant WHERE stream = ?", stream)
        self._sql("DELETE FROM person WHERE stream = ?", stream)

    def _keep(self, lookup: str, study: str, arrivals: tuple[Arrival, ...], stream: str) -> None:
        self._sql(
            "INSERT INTO participant VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (lookup) DO NOTHING",
            lookup, study, secrets.token_hex(8), self._seal(arrivals), stream, int(time.time()),
        )  # fmt: skip

    def _seal(self, arrivals: tuple[Arrival, ...]) -> str:
        return self._fernet_key.encrypt(msgspec.json.encode(arrivals)).decode()

    def _unseal(self, sealed: str) -> bytes:
        try:
            return self._fernet_key.decrypt(sealed.encode())
        except InvalidToken as error:
            raise WrongSecret(
                "the secret is not the one that this database was sealed with: its people cannot be read, "
                "nor known again when they come back. Put back the copy of `secret` that belongs to this database"
            ) from error

    def _open(self, sealed: str) -> tuple[Arrival, ...]:
        text = self._unseal(sealed)
        if not text.startswith(b"["):  # as the first version kept it: the id alone
            return (Arrival("generic", text.decode()),)
        return msgspec.json.decode(text, type=tuple[Arrival, ...])

    def _lookup(self, study: str, arrival: Arrival) -> str:
        who = arrival.worker if arrival.platform == "generic" else f"{arrival.platform}\0{arrival.worker}"
        return hmac.new(self._lookup_key, f"{study}\0{who}".encode(), hashlib.sha256).hexdigest()

    def _hash_of(self, arrival: Arrival) -> str:
        who = f"person\0{arrival.platform}\0{arrival.worker}"
        return hmac.new(self._lookup_key, who.encode(), hashlib.sha256).hexdigest()

    def _hash_of_submission(self, arrival: Arrival) -> str:
        which = f"submission\0{arrival.platform}\0{arrival.session}"
        return hmac.new(self._lookup_key, which.encode(), hashlib.sha256).hexdigest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, None, purpose).derive(key)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
