"""What the field guide says of each moth: the two sure signs first, then the two that only usually hold."""

from __future__ import annotations

from ai.source import Species

_SPOTS = (
    {"en": "Eye spots small, about as wide as the head.", "fr": "Ocelles petits, à peu près de la largeur de la tête."},
    {
        "en": "Eye spots large, about twice as wide as the head.",
        "fr": "Ocelles grands, environ deux fois la largeur de la tête.",
    },
)
_ANTENNAE = (
    {"en": "Antennae thin as threads.", "fr": "Antennes fines comme des fils."},
    {"en": "Antennae like broad feathers.", "fr": "Antennes en larges plumes."},
)
_WINGS = ({"en": "round wings", "fr": "ailes rondes"}, {"en": "pointed wings", "fr": "ailes pointues"})
_ABDOMEN = (
    {"en": "plain abdomen", "fr": "abdomen uni"},
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
