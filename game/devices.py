"""The page "device": window, touch, language, colours, line. It comes before the consent and always has a way out."""

from __future__ import annotations

from game.page_options import PageOptions
from game.stages import Amount, AskAct, AskOption, AskProbe, AskSpec, Matches, Say, ScreenUnder, Stage, When
from game.welcome import go_on
from game.when import Touching

OUT = "close:incompatible_device"
READS, LEGIBLE, KBIT = "device_reads", "device_legible", "device_kbit"


def device(options: PageOptions) -> tuple[Stage, ...]:
    """Only what the study asks for: a large enough window, a mouse, a language, colours and a line that do.

    The browser tells its size when it connects and whenever it changes, so this page is passed over when it is the very
    first one.
    """
    asked, least = options.device, options.device.kbit
    stages: list[Stage] = []
    if options.width or options.height:
        under = (ScreenUnder(options.width, options.height),)
        stages.append(_unfit("device", "device", "device", under, how=True))
    if not asked.touch:
        stages.append(_unfit("touch", "device.touch", "touch", (Touching(),)))
    asks: list[AskSpec] = []
    if asked.reads:
        asks.append(AskOption(READS, "device.reads", ("yes", "no")))
    if asked.legible:
        asks.append(AskProbe(LEGIBLE, "device.legible", "legible"))
    if least:
        asks.append(AskProbe(KBIT, "device.speed", "speed"))
    if asks:
        show = (Say("device.checks.title", "heading"), Say("device.checks.text", "lead"))
        stages.append(Stage("checks", show, (*asks, go_on(confirms=True))))
    failing: tuple[tuple[bool, str, When], ...] = (
        (asked.reads, "unread", Matches({READS: "no"}, 1)),
        (asked.legible, "illegible", Matches({LEGIBLE: "no"}, 1)),
        (least > 0, "slow", Amount(KBIT, least, under=True)),
    )
    stages += [_unfit(name, f"device.{name}", "checks", (when,)) for wanted, name, when in failing if wanted]
    names = [*(stage.name for stage in stages), "end"]
    return tuple(_then(stage, then) for stage, then in zip(stages, names[1:], strict=True))


def _unfit(name: str, text: str, again: str, when: tuple[When, ...], *, how: bool = False) -> Stage:
    """The screen that says what does not do: look again, or leave by `incompatible_device`."""
    show = (Say(f"{text}.title", "heading"), Say(f"{text}.text", "lead"))
    return Stage(
        name,
        (*show, Say("device.how")) if how else show,
        (
            AskAct("device", "leave", "device.leave", "quiet", goto=OUT),
            AskAct("device", "again", "device.again", "primary", goto=again, key="Enter"),
        ),
        when=when,
    )


def _then(stage: Stage, then: str) -> Stage:
    return Stage(stage.name, stage.show, stage.ask, then=then, when=stage.when)
