"""A figure's SVG with fewer bytes and the same look: for pages that are sent or kept, beside the full files.

    slim(pictures.svg)

Places are kept to a tenth of a point, equal styles are said once, names that nobody refers to are dropped, and an image of equal
blocks in at most 256 colours keeps one pixel a block and a palette, no colour changed. What draws nothing is left out. Equal
drawings give equal bytes.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from server.report import ink

Element = ET.Element
HREF = "{http://www.w3.org/1999/xlink}href"
PNG = "data:image/png;base64,"
COLOURS = 256
_STEP = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
_REFERENCE = re.compile(r"#([\w.-]+)")
_FONT = re.compile(r"font-family: [^;]*;? ?")
_TURN = re.compile(r"rotate\(-?0(?:\.0)? [^)]*\) ?")


def slim(svg: bytes) -> bytes:
    """Return a smaller SVG that looks the same; raises ElementTree.ParseError where it is none."""
    root = ET.fromstring(svg)  # noqa: S314 - drawn by ourselves a moment ago
    _drop(root)
    names = {name: f"n{at}" for at, name in enumerate(dict.fromkeys(_referred(root)))}
    classes: dict[str, str] = {}
    body = "".join(_said(part, names, classes, deep=False) for part in root)
    rules = "".join(f".{name}{{{style}}}" for style, name in classes.items())
    size = " ".join(
        f"{name}={quoteattr(root.get(name, ''))}" for name in ("width", "height", "viewBox") if root.get(name)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>*{{stroke-linejoin:round;stroke-linecap:butt}}'
        f"text{{font-family:{ink.SANS}}}{rules}</style>{body}</svg>"
    ).encode()


def _drop(element: Element) -> None:
    """Leave out what draws nothing: metadata, the figure's own style (said again below), shapes without fill and stroke."""
    for child in list(element):
        style = child.get("style", "")
        unseen = _tag(child) == "path" and style.strip() == "fill: none" and element.tag != "defs"
        if _tag(child) in ("metadata", "style") or unseen:
            element.remove(child)
        else:
            _drop(child)


def _referred(element: Element) -> Iterator[str]:
    for each in element.iter():
        for name, value in each.attrib.items():
            if name in (HREF, "href") and value.startswith("#"):
                yield value[1:]
            elif "url(#" in value:
                yield from _REFERENCE.findall(value[value.index("url(") :])


def _said(element: Element, names: Mapping[str, str], classes: dict[str, str], *, deep: bool) -> str:
    tag = _tag(element)
    deep = deep or tag in ("defs", "pattern")  # a mark is small: a tenth of a point would be seen
    inside = escape(element.text or "") if tag == "text" else ""
    inside += "".join(_said(child, names, classes, deep=deep) for child in element)
    told = ' preserveAspectRatio="none" style="image-rendering:pixelated"' if tag == "image" else ""
    told += "".join(_attribute(tag, *pair, names, classes, deep=deep) for pair in element.attrib.items())
    if tag in ("g", "defs") and not inside:
        return ""
    if tag == "g" and not told:
        return inside
    return f"<{tag}{told}>{inside}</{tag}>" if inside else f"<{tag}{told}/>"


def _attribute(
    tag: str, name: str, value: str, names: Mapping[str, str], classes: dict[str, str], *, deep: bool
) -> str:
    places = 2 if deep else 1
    if name == "preserveAspectRatio":
        return ""  # said for all images: one pixel a block has another shape
    if name == "id":
        return f' id="{names[value]}"' if value in names else ""
    if name == "style":
        style = _renamed(_FONT.sub("", value), names).replace(": ", ":").replace("; ", ";").strip("; ")
        return f' class="{classes.setdefault(style, f"c{len(classes)}")}"' if style else ""
    if name in (HREF, "href"):
        name, value = "href", _image(value) if value.startswith(PNG) else value
    elif name == "d":
        value = _path(value, places)
    elif name in ("x", "y", "x1", "y1", "x2", "y2") and tag != "pattern":
        value = short(float(value), places)
    elif name == "transform":
        value = _TURN.sub("", value)
        value = value if "matrix" in value else _NUMBER.sub(lambda found: short(float(found[0]), 2), value)
    return f" {name}={quoteattr(_renamed(value, names))}" if value else ""


def _renamed(value: str, names: Mapping[str, str]) -> str:
    if "url(#" not in value and not value.startswith("#"):
        return value
    return _REFERENCE.sub(lambda found: f"#{names.get(found[1], found[1])}", value)


def _path(value: str, places: int) -> str:
    """Return the path data with short numbers; a letter that repeats is said once.

    >>> _path("M 1.04 2 L 3 4.06 L 5 6 z", 1)
    'M1 2L3 4.1 5 6z'
    """
    made: list[str] = []
    last = ""
    for letter, numbers in _STEP.findall(value):
        said = " ".join(short(float(one), places) for one in _NUMBER.findall(numbers))
        made.append(f" {said}" if letter == last and said else letter + said)
        last = letter if letter != "M" else ""  # what follows a move without a letter would be a line
    return "".join(made)


def short(number: float, places: int) -> str:
    """Return a number in as few characters as its places (at least one) allow.

    >>> short(-0.04, 1), short(12.50, 1), short(0.52, 1)
    ('0', '12.5', '.5')
    """
    said = f"{number:.{places}f}".rstrip("0").rstrip(".")
    said = "0" if said in ("-0", "") else said
    return said.replace("0.", ".", 1) if said.startswith(("0.", "-0.")) else said


def _image(source: str) -> str:
    """Return a PNG of few colours as one with a palette and one pixel for each equal block; any other as it is."""
    import numpy as np  # noqa: PLC0415 - only where pictures are drawn
    from PIL import Image  # noqa: PLC0415 - as above

    with Image.open(io.BytesIO(base64.b64decode(source.removeprefix(PNG)))) as opened:
        pixels = np.asarray(opened.convert("RGBA"))
    pixels = _blocks(_blocks(pixels).swapaxes(0, 1)).swapaxes(0, 1)
    colours, places = np.unique(np.ascontiguousarray(pixels).reshape(-1, 4), axis=0, return_inverse=True)
    if len(colours) > COLOURS:
        return source
    made = Image.fromarray(places.reshape(pixels.shape[:2]).astype(np.uint8), "P")
    made.putpalette(colours.tobytes(), "RGBA")
    buffer = io.BytesIO()
    made.save(buffer, "PNG", optimize=True)
    return PNG + base64.b64encode(buffer.getvalue()).decode()


def _blocks(pixels: Any) -> Any:
    """Return one line for each run of equal ones, where all runs are as long (to a pixel): the image is stretched when shown."""
    import numpy as np  # noqa: PLC0415 - as above

    starts = np.flatnonzero(np.r_[True, (pixels[1:] != pixels[:-1]).any(axis=(1, 2))])
    runs = np.diff(np.r_[starts, len(pixels)])
    return pixels[starts] if np.ptp(runs) <= 1 else pixels


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]
