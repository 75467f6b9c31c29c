"""Canonical JSON and digests: the one encoding that is hashed, stored and compared.

Keys are sorted, no spaces, UTF-8, defaults omitted where a struct says so. Equal values give equal bytes on every machine.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import msgspec

Digest = str
"""A sha256 as 64 lower-case hexadecimal digits."""

_encoder = msgspec.json.Encoder(order="deterministic")


def encode(value: Any) -> bytes:
    """Return the canonical JSON of `value` (structs, dicts, lists, numbers, strings, None)."""
    return _encoder.encode(value)


def sha256(data: bytes) -> Digest:
    """Return the sha256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> Digest:
    """Return the sha256 of the canonical JSON of `value`."""
    return sha256(encode(value))


def blob_name(salt: str, of: Digest) -> str:
    """Return the public name of a blob: 128 bits of hmac(salt, digest), meaningless without the plan.

    `salt` is the study's secret string, `of` the blob's sha256. The name is 22 characters of base64url.
    """
    tag = hmac.new(salt.encode(), of.encode(), hashlib.sha256).digest()[:16]
    return base64.urlsafe_b64encode(tag).decode().rstrip("=")
