"""What the field guide says of each moth: the two sure signs first, then the two that only usually hold.

The comparisons are those of the drawing: a cue in its ambiguous middle makes an eye spot as wide as the chest, a feather as
broad as the head.
"""

from __future__ import annotations

from ai.source import Species

_SPOTS = (
    {"en": "Eye spots narrower than the furry chest.", "fr": "Ocelles plus étroits que le thorax velu."},
    {
        "en": "Eye spots wider than the furry chest.",
        "fr": "Ocelles plus larges que le thorax velu.",
    },
)
_ANTENNAE = (
    {"en": "Antennae slender, narrower than the head.", "fr": "Antennes fines, plus étroites que la tête."},
    {"en": "Antennae feathered, broader than the head.", "fr": "Antennes plumeuses, plus larges que la tête."},
)
_WINGS = ({"en": "round wings", "fr": "ailes rondes"}, {"en": "pointed wings", "fr": "ailes pointues"})
_ABDOMEN = (
    {"en": "plain or finely lined abdomen", "fr": "abdomen uni ou finement rayé"},
    {"en": "boldly striped abdomen", "fr": "abdomen nettement rayé"},
)
_USUALLY = {"en": "Usually, not always: {}, {}.", "fr": "D'habitude, pas toujours : {}, {}."}


def species(code: tuple[tuple[int, int, int, int], ...], keys: tuple[str, ...]) -> tuple[Species, ...]:
    """Return the classes with their notes; `code` has the cue bits (wings, spots, antennae, abdomen) of each key."""
    return tuple(
        Species(key, dict.fromkeys(("en", "fr"), key.capitalize()), _note(*bits))
        for key, bits in zip(keys, code, strict=True)
    )


def _note(wings: int, spots: int, antennae: int, abdomen: int) -> dict[str, str]:
    return {
        lang: " ".join(
            (
                _SPOTS[spots][lang],
                _ANTENNAE[antennae][lang],
                usually.format(_WINGS[wings][lang], _ABDOMEN[abdomen][lang]),
            )
        )
        for lang, usually in _USUALLY.items()
    }
