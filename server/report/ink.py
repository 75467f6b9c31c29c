"""What figures are drawn with: the house's palette and type, and three formats whose bytes depend on the data only.

Draw with the light theme's colours below; a page turns them into the dark theme's. matplotlib is imported when called.
"""

from __future__ import annotations

import io
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from server.report.plate import Pictures

INK, INK_2, INK_3 = "#16211f", "#43504d", "#5a6763"
LINE, EDGE, PAPER, INSET = "#d0d8d2", "#76837e", "#f8faf7", "#eff3ee"
YOU, AI = "#0c5266", "#7d2a60"
OK, OK_WASH, BAD, BAD_WASH = "#00684c", "#dff0e9", "#9c3a05", "#faeae0"
MODES = {
    "alone": ("A", "#d3d8d0", "#16211f"), "suggested": ("S", "#56b4e9", "#0a1a22"), "explained": ("X", "#0072b2", "#ffffff"),
    "delegated": ("D", "#cc79a7", "#220a18"), "handed_over": ("H", "#6d2453", "#ffffff"),
}  # fmt: skip
"""Mode -> letter, fill, colour of the letter; in this order from "the person decides" to "the AI decides"."""
SERIES = (
    ("#47545a", "o"), ("#e69f00", "s"), ("#009e73", "^"), ("#d55e00", "D"), ("#56b4e9", "v"), ("#0072b2", "P"), ("#cc79a7", "X"),
    ("#f0e442", "p"),
)  # fmt: skip
"""Conditions, methods: colour (Okabe-Ito) and mark, always both; see `series`."""
DASHES = ("-", "--", ":", "-.")
HALF, WIDE = 5.4, 11.2
"""Widths of a narrow and a wide plate, in inches of 96 CSS pixels: a plate is drawn at the size it has on a laptop."""
SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif"
_STYLE: Any = {
    "svg.hashsalt": "coplay", "svg.fonttype": "none", "pdf.fonttype": 42, "font.family": ["DejaVu Sans"], "font.size": 10,
    "axes.titlesize": 10.5, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.labelsize": 10, "legend.fontsize": 9.5,
    "xtick.labelsize": 9.5, "ytick.labelsize": 9.5, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": EDGE,
    "xtick.color": INK_2, "ytick.color": INK_2, "xtick.labelcolor": INK, "ytick.labelcolor": INK, "axes.linewidth": 0.8,
    "axes.spines.top": False, "axes.spines.right": False, "axes.facecolor": "none", "figure.facecolor": "none", "grid.color": LINE,
    "grid.linewidth": 0.8, "axes.axisbelow": True, "legend.frameon": False, "lines.linewidth": 1.8, "image.cmap": "cividis",
    "savefig.facecolor": "none", "path.simplify": True, "axes.unicode_minus": True, "text.parse_math": False,
}  # fmt: skip


def series(at: int) -> tuple[str, str]:
    """Return colour and mark of the condition (method, ...) number `at`, counted from 0."""
    return SERIES[at % len(SERIES)]


@contextmanager
def style() -> Generator[None]:
    """Draw in the house's style, whatever the machine's own matplotlib settings are."""
    import matplotlib as mpl  # noqa: PLC0415 - an extra, and slow to import

    settings: Any = mpl
    with settings.rc_context():
        settings.rcdefaults()
        settings.rcParams.update(_STYLE)
        yield


_ATTRIBUTE = re.compile(rb' (?:d|x|y|x1|y1|x2|y2|width|height|points|transform)="[^"]*"')
_LONG = re.compile(rb"(\d\.\d{3})\d+")
"""Places on a drawing are kept to a thousandth of a point: a third of its bytes is digits that nobody sees."""


def blank(width: float, height: float) -> Any:
    """Return an empty matplotlib figure (inches); use it within `style()`."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    return Figure((width, height), layout="constrained", dpi=96)


def pictures(figure: Any) -> Pictures:
    """Return a figure as SVG, PNG and PDF; call it within `style()`. Equal figures give equal bytes."""
    made = {"svg": _saved(figure, "svg")}
    figure.set_layout_engine("none")  # it was laid out once; the three formats are the same drawing
    made |= {kind: _saved(figure, kind) for kind in ("png", "pdf")}
    svg = made["svg"].replace(b"'DejaVu Sans'", SANS.encode())
    return Pictures(_ATTRIBUTE.sub(lambda found: _LONG.sub(rb"\1", found[0]), svg), made["png"], made["pdf"])


def _saved(figure: Any, kind: str) -> bytes:
    undated: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format=kind, dpi=160, metadata=undated[kind], facecolor="none" if kind == "svg" else "#ffffff"
    )
    return buffer.getvalue()
