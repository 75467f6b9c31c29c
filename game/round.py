"""Round: one decision about one specimen, the row that every measure reads; a public, versioned schema.

`game.rounds` makes rounds from a session's events; importers make them from other people's data. Times are in
milliseconds by the browser's clock, counted from painting.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from game.pack import Scalar

VERSION = 1


class Round(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One decision about one specimen. None means not asked, not shown or not known, never zero."""

    study: str
    participant: str
    condition: str
    round: int
    """1, 2, ... in the order in which this participant met the rounds."""
    specimen: str
    phase: str = ""
    block: str = ""
    scored: bool = True
    source: Literal["coplay", "imported", "simulated"] = "coplay"
    protocol: Literal["alone", "one_stage", "two_stage", "on_request", "delegation", "other"] = "other"

    truth: str = ""
    own: str | None = None
    """First answer, given before the AI's was seen (h0)."""
    own_confidence: int | None = None
    own_probability: float | None = None
    """How likely the first answer is right by the person's word, 0 to 1; where `confidence_mapping` reads another scale."""
    ai: str | None = None
    """The AI's label as it was, or would have been, shown (a); None in rounds without AI."""
    ai_confidence: float | None = None
    ai_shown: bool = False
    """The AI's label was painted before the final answer."""
    final: str | None = None
    final_confidence: int | None = None
    final_probability: float | None = None
    """How likely the final answer is right by the person's word, 0 to 1; where `confidence_mapping` reads another scale."""
    confidence_mapping: str = ""
    """How a source's own scale was read as a probability; "" for the five steps of coplay."""
    decided_by: Literal["participant", "ai", "clock", ""] = ""
    """Who gave the final answer; "clock" where time ran out and nobody did, "" where none was asked or none is known."""
    own_correct: bool | None = None
    ai_correct: bool | None = None
    correct: bool | None = None
    """The final answer was right (C)."""
    followed: bool | None = None
    """The final answer is the AI's (F); None where there is no AI or no final answer."""

    who: str | None = None
    """Explicit delegation choice: "me" or "ai"."""
    delegation_offered: bool = False
    delegated: bool | None = None
    request_offered: bool = False
    requested: bool | None = None
    handover_offered: bool = False
    handed_over: bool = False
    """A hand-over was in force when the round began, or was made in it."""

    took_back: bool = False
    """The person took back control in this round."""
    handover_opened: int = 0
    """How often the question whether to hand over was opened; `handed_over` tells what came of it."""
    arrangement: str | None = None
    """What was chosen before the block and is in force here: "alone", "assisted", "case_by_case" or "ai_instead"."""
    vetoed: bool | None = None
    """The person stopped the AI's decision; None where that could not be done."""
    deferred: bool | None = None
    """The AI left the case to the person; None where it never does."""
    abstained: bool = False
    """The AI gave no answer here, being unsure; `ai` is then None."""
    shadow: bool = False
    """The own answer was asked although the AI decided (draw "shadow")."""
    probe: str = ""
    """"evidence", "advice", "conflict" or "catch": not scored, `truth` is then the ideal observer's answer."""
    twin_cue: str = ""
    """The cue that is flipped in this picture."""
    twin_of: str = ""
    """Id of the specimen whose picture (probe "evidence") or advice (probe "advice") is replaced here."""
    context_shown: Mapping[str, str] = {}
    """What the person was told beside the picture: context key -> value."""
    stakes: str = ""
    """Payoff rule in force."""
    delegation_price: float | None = None
    """Points that leaving the case to the AI costs here; None where that was not offered or no payoff rule is in force."""
    attributed: Literal["ai", "human", ""] = ""
    """Whom the suggestion was said to come from; "" where nobody said so."""
    feedback: Literal["none", "own", "ai", "both", ""] = ""
    """Whose answer was told to be right or wrong at the end of this round, with the truth; "" where that is not known."""
    points: float | None = None
    """What the round earned; None where no payoff rule is in force or nothing was decided."""

    agree: int | None = None
    """How right the AI's answer was judged, 1 surely wrong to 4 surely right ("verify")."""
    predicted: str | None = None
    """What the person said the AI would answer ("predict_ai")."""
    predicted_confidence: int | None = None
    candidate: str | None = None
    """The class whose explanation was taken for the AI's ("distinguish")."""
    chosen: str | None = None
    """The model that the person rather relied on ("choose_model")."""
    parts: tuple[str, ...] = ()
    """Parts of the explanation in the order in which they were asked for ("dialogue")."""
    reason: str | None = None
    """Why, in the person's words; a free text that may hold personal data."""
    estimate: float | None = None
    """How many of 100 cases the AI was said to get right ("audit_model")."""
    bias: str | None = None
    """What the AI was said to go by ("audit_model")."""
    deploy: str | None = None
    """Whether the AI would be used ("audit_model")."""
    accuracy_shown: float | None = None
    """Share of right answers in the gallery that was audited."""
    trust: float | None = None
    """Answer to the trust probe that followed this round."""
    who_decided: str | None = None
    """Answer to the probe "who decided?" that followed this round."""

    model: str = ""
    """Which of the pack's models spoke, or would have."""
    method: str = ""
    method_family: str = ""
    """Family of the method in its pack, e.g. "gradient" or "control"."""
    explanation_kind: Literal["none", "map", "picture", "same"] = "none"
    explanation_shown: bool = False
    explanation_ms: int | None = None
    """How long a screen with the explanation was up, page hidden time removed."""
    map_target: str = ""
    map_gap: float | None = None
    map_plausibility: float | None = None
    """How plausible people rated this map, or how far it overlaps the object; joined or imported, any scale."""
    map_mass: float | None = None
    """Share of the map's importance that lies on the region asked about (the object, the cue), 0 to 1; joined or imported."""

    own_ms: int | None = None
    """Painting of the first screen to the own answer (r1)."""
    final_ms: int | None = None
    """Painting of the screen with the final answer to that answer (r2 where the AI was shown there)."""
    since_ai_ms: int | None = None
    """Painting of the AI's answer to the person's decision, over all screens, time away removed."""
    total_ms: int | None = None
    """All screens of the round, time away removed."""
    first_ms: int | None = None
    """First interaction on the first screen."""
    choices: tuple[str, ...] = ()
    """Every provisional choice of the final answer before Confirm."""
    guide_opens: int = 0
    zooms: int = 0
    flips: int = 0
    away_ms: int = 0
    image_seen: bool = False
    """The image was painted before any choice to delegate."""
    timed_out: bool = False
    """Time ran out before anybody decided. Pauses that end by themselves are no time limits."""
    flags: tuple[str, ...] = ()
    """Remarks that exclude nothing by themselves, e.g. "excluded_by_authors" of imported data."""

    unrecorded: str = ""
    """Fields that the source does not tell, a space between: what stands in them means nothing, not even nought."""

    probabilities: tuple[float, ...] = ()
    """Model's full probability vector in class order."""
    posterior: tuple[float, ...] = ()
    scene: Mapping[str, Scalar] = {}
    propensities: Mapping[str, float] = {}
    options: tuple[str, ...] = ()
    side: int | None = None
    dpr: float | None = None
    theme: str = ""
    lang: str = ""
    started_at: int | None = None
    """Microseconds UTC when the round's first screen was painted."""
