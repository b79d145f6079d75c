"""How every chart looks, and how it is drawn without a browser or a network.

Colours are Okabe and Ito's, told apart by colour-blind readers; the mid-tones read on white and on near-black. Where a chart has
more series than two, each also has its own dash, its own label beside it, or its own place in a stack.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import altair as alt

    from dualtrack.report.form import Chart

AnyChart: TypeAlias = "alt.TopLevelMixin | Chart"
Theme = Literal["light", "dark", "page"]

BLUE = "#2C82C9"
ORANGE = "#E08A00"
GREEN = "#009E73"
PURPLE = "#B8679B"
VERMILION = "#D55E00"
SKY = "#56B4E9"
YELLOW = "#D9C400"
GREY = "#8A8F98"
DEEP = "#4B5D9E"
SAND = "#B79F7A"
TEAL = "#3E9AA0"

# In a page the ink is whatever the page's text is; this colour stands for it until the SVG is written into the page.
PAGE_INK = "#010203"
INKS = {"light": "#1B1F24", "dark": "#E8EAED", "page": PAGE_INK}
BACKGROUNDS = {"light": "#FFFFFF", "dark": "#14171C"}
FONT = "Helvetica, Arial, Liberation Sans, sans-serif"
WIDTH = 540
HEIGHT = 270


def themed(chart: AnyChart, theme: Theme = "light", *, title: bool = True) -> dict[str, Any]:
    """The Vega-Lite document of a chart in one theme: new at its top level and in `config`, shared below that.

    Args:
        theme: `page` takes the text colour of the page it is written into.
        title: Whether the chart says its own title; a page that has a heading leaves it out.
    """
    document = dict(chart.to_dict(validate=False))
    if not title:
        document.pop("title", None)
    ink = INKS[theme]
    document["config"] = {
        "background": None,
        "aria": False,
        "font": FONT,
        "view": {"stroke": None},
        "title": {
            "color": ink,
            "subtitleColor": ink,
            "anchor": "start",
            "fontSize": 16,
            "subtitleFontSize": 13,
            "subtitlePadding": 4,
            "offset": 12,
            "fontWeight": 600,
        },
        "axis": {
            "labelColor": ink,
            "titleColor": ink,
            "labelFontSize": 13,
            "titleFontSize": 13,
            "titleFontWeight": 500,
            "gridColor": ink,
            "gridOpacity": 0.12,
            "domainColor": ink,
            "domainOpacity": 0.5,
            "tickColor": ink,
            "tickOpacity": 0.5,
            "titlePadding": 8,
            "labelPadding": 4,
        },
        "axisX": {"grid": False},
        "header": {"labelColor": ink, "titleColor": ink, "labelFontSize": 14, "labelFontWeight": 600},
        "legend": {
            "labelColor": ink,
            "titleColor": ink,
            "labelFontSize": 13,
            "titleFontSize": 13,
            "orient": "top",
            "symbolStrokeWidth": 3,
            "labelLimit": 320,
            "columns": 2,
        },
        "text": {"color": ink, "fontSize": 13},
        "rule": {"color": ink},
        "tick": {"color": ink},
        "point": {"color": ink},
    }
    return document


def render_svg(chart: AnyChart, theme: Theme = "light", *, title: bool = True) -> str:
    """The chart as an SVG document with a transparent background."""
    import altair as alt
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(
        themed(chart, theme, title=title), vl_version=_version(alt.SCHEMA_VERSION)
    )
    return svg


def render_png(chart: AnyChart, scale: float = 2.0, theme: Theme = "light") -> bytes:
    """The chart as a PNG on an opaque background, with its title."""
    import altair as alt
    import vl_convert

    document = themed(chart, theme)
    document["config"]["background"] = BACKGROUNDS.get(theme)
    document["padding"] = 12
    png: bytes = vl_convert.vegalite_to_png(document, vl_version=_version(alt.SCHEMA_VERSION), scale=scale)
    return png


def page_svg(chart: AnyChart, description: str) -> str:
    """The chart as an SVG element to stand in a page: scales to its column, takes the page's text colour."""
    svg = render_svg(chart, "page", title=False)
    svg = svg.replace(PAGE_INK, "currentColor")
    width, height = re.findall(r'<svg[^>]*?\swidth="([\d.]+)"[^>]*?\sheight="([\d.]+)"', svg)[0]
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    label = description.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {width} {height}" '
        f'style="max-width:{float(width) * 1.15:.0f}px">{body}'
    )


def _version(schema: str) -> str:
    return ".".join(schema.lstrip("v").split(".")[:2])
