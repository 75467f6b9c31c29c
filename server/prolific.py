"""Prolific's API, for those who have a token: submissions, transitions, bonuses, webhooks. Nothing here is needed to recruit."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

BASE = "https://api.prolific.com/api/v1"
SECONDS, TRIES, PAGES_MAX = 20, 5, 1000
FRESH_S = 300
"""A webhook that is older is not believed: it may be sent again by somebody else."""


class Refused(RuntimeError):
    """Prolific refused a request; the message says which, with what status and reason. The token is never in it."""


class Client:
    """Requests in the name of one account. `pause` is the wait after a race with a participant's own submission."""

    def __init__(self, token: str, base: str = BASE, pause: float = 2.0) -> None:
        self._token, self._base, self._pause = token, base.rstrip("/"), pause

    def submissions(self, study: str) -> Iterator[Mapping[str, Any]]:
        """Yield all submissions of a study, page after page (the platform gives 20 at a time)."""
        url = f"{self._base}/submissions/?study={study}"
        for _ in range(PAGES_MAX):
            page = self._call("GET", url)
            yield from page.get("results", [])
            url = _next(page)
            if not url:
                return
            if not url.startswith(self._base):
                raise Refused("GET submissions: the next page is not on Prolific's host")
        raise Refused(f"GET submissions: more than {PAGES_MAX} pages")

    def transition(self, submission: str, action: str, **more: str) -> None:
        """Move a submission on ("APPROVE", "COMPLETE", ...); done before counts as done. Retries while it is still active."""
        body = {"action": action, **more}
        for attempt in range(TRIES):
            try:
                self._call("POST", f"{self._base}/submissions/{submission}/transition/", body)
            except Refused as refused:
                if "ACTIVE" not in str(refused) or attempt == TRIES - 1:
                    raise
                time.sleep(self._pause)
            else:
                return

    def bonus(self, study: str, amounts: Mapping[str, float]) -> str:
        """Set bonuses, submission id -> amount in the study's currency, and pay them; returns the payment's id."""
        lines = "".join(f"{submission},{amount:.2f}\n" for submission, amount in sorted(amounts.items()) if amount > 0)
        if not lines:
            raise ValueError("nobody is due a bonus")
        made = self._call(
            "POST", f"{self._base}/submissions/bonus-payments/", {"study_id": study, "csv_bonuses": lines}
        )
        self._call("POST", f"{self._base}/bulk-bonus-payments/{made['id']}/pay/")
        return str(made["id"])

    def subscribe(self, workspace: str, event: str, address: str) -> str:
        """Have events of a workspace sent to `address`, and confirm that this was meant; returns the subscription's id."""
        body = {"workspace_id": workspace, "event_type": event, "target_url": address}
        made, headers = self._answered("POST", f"{self._base}/hooks/subscriptions/", body)
        proof = headers.get("X-Hook-Secret", "")
        if not proof:
            raise Refused("POST /hooks/subscriptions/: the answer has no X-Hook-Secret to confirm with")
        self._call("POST", f"{self._base}/hooks/subscriptions/{made['id']}/", {"secret": proof})
        return str(made["id"])

    def _call(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._answered(method, url, body)[0]

    def _answered(
        self, method: str, url: str, body: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Token {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - https, or a test's own server
        what = f"{method} {url.partition('?')[0].removeprefix(self._base)}"
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - the same
                text, given = answer.read(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(f"{what}: {error.code} {error.read(500).decode(errors='replace')}") from None
        except OSError as error:
            raise Refused(f"{what}: cannot be reached: {error}") from None
        return (json.loads(text) if text.strip() else {}), given


def _next(page: Mapping[str, Any]) -> str:
    """Return the address of the next page, "" after the last."""
    links: Mapping[str, Any] = page.get("_links") or {}
    following: Mapping[str, Any] = links.get("next") or {}
    return str(page.get("next") or following.get("href") or "")


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Tell whether Prolific made a webhook, lately: its signature is base64(HMAC-SHA256(secret, timestamp + body))."""
    stamp, given = headers.get("X-Prolific-Request-Timestamp", ""), headers.get("X-Prolific-Request-Signature", "")
    try:
        fresh = abs(now - float(stamp)) <= FRESH_S
    except ValueError:
        return False
    made = base64.b64encode(hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()).decode()
    return fresh and hmac.compare_digest(made, given)
