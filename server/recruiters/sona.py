"""SONA: a survey code in the link; credit is granted from the browser, or by the server so that the token stays secret."""

from __future__ import annotations

import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Mapping

from server.recruit import Arrival, Config, Exit, Go, Grant, Stay, recruiter

GRANTED = "G"
SECONDS = 10


class NotGranted(RuntimeError):
    """SONA did not grant the credit; the message says what it answered."""


@recruiter("sona", label="SONA", params=("survey_code",))
class Sona:
    """`host` is the school's SONA site, `number` the id there.

    The server grants the credit with the token in `sona-NUMBER.token` of the data folder, so that nobody sees it. Only with the
    token as `codes.completed` does the browser go to SONA's own page, where it stands in the address.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.worker = config.params.get("worker", "survey_code")
        if not config.host or not config.number:
            raise ValueError('sona needs host = "school.sona-systems.com" and number = "123"')
        self.base = config.host if "://" in config.host else f"https://{config.host}"

    def identify(self, link: Mapping[str, str]) -> Arrival | None:
        """Return the participant with the survey code."""
        worker = link.get(self.worker, "")
        return Arrival("sona", worker, link=dict(link)) if worker else None

    def is_preview(self, link: Mapping[str, str]) -> bool:
        """A link whose code was not filled in is somebody's test."""
        return link.get(self.worker, "") == "%SURVEY_CODE%"

    def exit(self, outcome: str, arrival: Arrival) -> Exit:
        """Lead to the page that grants the credit: only who completed gets it. Without a token here, the server grants it."""
        if outcome != "completed":
            return Go(self.config.urls[outcome]) if outcome in self.config.urls else Stay("return")
        token = self.config.codes.get("completed", "")
        if not token:
            return Grant()
        return Go(f"{self.base}/webstudy_credit.aspx?{self._query(token, arrival)}")

    def grant(self, token: str, arrival: Arrival) -> None:
        """Grant the credit from the server; SONA grants it once, however often it is asked. Raises NotGranted, OSError."""
        url = f"{self.base}/services/SonaAPI.svc/WebstudyCredit?{self._query(token, arrival)}"
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - https, or a test's own server
            text = answer.read(100_000)
        try:
            tree = ET.fromstring(text)  # noqa: S314 - the platform's own answer, entities are not expanded
        except ET.ParseError as error:
            raise NotGranted(f"SONA answered something else than XML: {error}") from error
        found = {element.tag.rpartition("}")[2]: (element.text or "").strip() for element in tree.iter()}
        if found.get("credit_status") != GRANTED:
            raise NotGranted(
                f"SONA did not grant the credit: {found.get('Errors') or found.get('ErrorMessage') or 'no reason given'}"
            )

    def _query(self, token: str, arrival: Arrival) -> str:
        fields = {"experiment_id": self.config.number, "credit_token": token, "survey_code": arrival.worker}
        return urllib.parse.urlencode(fields)
