"""Publishing: what must be settled before strangers are recruited, beyond what makes a study playable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from game.catalogue import Texts
from game.pay import Pay
from game.strict import Problem
from game.study import Invalid
from game.tables import disclosures
from server import privacy, recruit
from server.dues import LATE
from server.presets import FAIR, preset_of
from server.recruit import Config
from server.studies import OpenStudy


def publish_problems(opened: OpenStudy) -> list[Problem]:
    """Return why recruitment may not be opened; empty where it may."""
    try:
        configs, kept = recruit.read(opened.folder), privacy.read(opened.folder)
    except Invalid as invalid:
        return invalid.problems
    found = [*_pages(opened), *_debrief(opened), *_notice(opened), *_pay(opened, configs), *_codes(configs)]
    if kept is None or min(kept.ids_days, kept.data_days) <= 0:
        what = "how long ids and data are kept is not said"
        found.append(Problem(privacy.FILE, 0, what, "write ids_days = 90 and data_days = 3650, as your notice says"))
    elif kept.ids_days > kept.data_days:
        what = f"ids are kept for {kept.ids_days} days, longer than the data ({kept.data_days})"
        found.append(Problem(f"{privacy.FILE}: ids_days", 0, what, "let ids go first"))
    if opened.study.demo:
        found.append(Problem("demo", 0, "this is marked as a demo", "remove `demo = true`"))
    return found


def _pages(opened: OpenStudy) -> Iterator[Problem]:
    """Notice and consent stand in the intake."""
    intake = {str(page) for phase in opened.study.phase if phase.intake for page in phase.pages}
    for page in ("notice", "consent"):
        if page not in intake:
            yield Problem(
                "phase", 0, f"nobody meets the page {page!r} before the study", f"put {page!r} into an intake phase"
            )


def _debrief(opened: OpenStudy) -> Iterator[Problem]:
    """What was hidden is told to everybody at the end, and everybody is asked again."""
    hidden = disclosures(opened.study, opened.pack.manifest)
    everybody = [phase for phase in opened.study.phase if not phase.intake and not phase.arms and not phase.when]
    if hidden and not any("debrief" in phase.pages for phase in everybody):
        what = f"something is not as it seems ({', '.join(hidden)}), and not everybody meets the page 'debrief'"
        yield Problem("phase", 0, what, "put 'debrief' into a last phase without `arms` and `when`")


def _notice(opened: OpenStudy) -> Iterator[Problem]:
    for lang in opened.languages:
        said = privacy.notice_of(opened.texts.get(lang, {}), privacy.layers_of(opened.study))
        for field, what in privacy.FIELDS.items():
            if not said[field]:
                hint = f'a fact with field = "{field}", no brackets; `coplay gdpr-record STUDY --notice {lang}` prints a form'
                yield Problem(f"texts/{lang}.toml: notice.facts", 0, f"the notice does not say {what}", hint)


def _pay(opened: OpenStudy, configs: Sequence[Config]) -> Iterator[Problem]:
    """A preset is broken where a study takes away what it promises, or leaves open what it is reckoned by."""
    pay, platforms = opened.study.pay, [config.platform for config in configs]
    paying = [name for name in platforms if preset_of(name).money and name not in ("open", "kiosk", "personal")]
    if pay is None:
        if paying:
            yield Problem("pay", 0, f"people come by {paying[0]}, but nothing is paid", "add [pay]")
        return
    if pay.minutes <= 0:
        yield Problem("pay.minutes", 0, "the expected time is not said", "pilot it and write minutes = ...")
    if pay.floor_per_hour <= 0:
        yield Problem("pay.floor_per_hour", 0, "no least pay per hour is guaranteed", "write floor_per_hour = ...")
    for outcome, amount in pay.partial.items():
        if LATE.get(outcome, outcome) in FAIR and amount <= 0:
            yield Problem(
                f"pay.partial.{outcome}", 0, "nobody may be unpaid for this", "give more than 0, or leave it out"
            )
    if pay.per_point or pay.bonus_least:
        yield from _bounds(pay, opened)


def _bounds(pay: Pay, opened: OpenStudy) -> Iterator[Problem]:
    """The consent or the notice names the bounds of the bonus, in each language."""
    bounds = {pay.bonus_least, pay.bonus_least if pay.bonus_most is None else pay.bonus_most} - {0}
    for lang in opened.languages:
        told = _consent(opened.texts.get(lang, {}))
        for bound in sorted(bounds):
            if not any(form in told for form in _forms(bound)):
                what = f"neither consent nor notice names the bound {bound:g} of the bonus"
                yield Problem(
                    f"texts/{lang}.toml: consent", 0, what, f"write it there, e.g. {bound:.2f} {pay.currency}"
                )


def _consent(texts: Texts) -> str:
    return "\n".join(text for key, text in texts.items() if key.startswith(("consent.", "notice.")))


def _forms(amount: float) -> set[str]:
    made = {f"{amount:g}", f"{amount:.2f}"}
    return made | {form.replace(".", ",") for form in made}


def _codes(configs: Sequence[Config]) -> Iterator[Problem]:
    for i, config in enumerate(configs):
        for outcome in preset_of(config.platform).coded:
            if outcome not in config.codes:
                what = f"{config.platform} has no code for {outcome}, so nobody who leaves so is found and paid"
                yield Problem(
                    f"{recruit.FILE}: recruit[{i}].codes.{outcome}", 0, what, "make one there and write it here"
                )
