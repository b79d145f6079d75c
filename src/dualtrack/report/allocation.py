"""The chart of an allocation: ribbons from the stock of each chip to the buyers, with what is left over and what is not served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dualtrack.report.marks import Rows, data, layered, spaced, titled
from dualtrack.report.numbers import percent, short
from dualtrack.report.theme import BLUE, DEEP, GREEN, GREY, ORANGE, PURPLE, SAND, SKY, TEAL, VERMILION

if TYPE_CHECKING:
    import altair as alt

Document = Mapping[str, Any]

CHIP_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, SAND, TEAL, DEEP)
OTHERS = "others"
MOST_CHIPS = len(CHIP_COLOURS)
MOST_BUYERS = 10
# Gap between two blocks as a part of the column, width of a block as a part of the plot.
GAP = 0.035
NODE = 0.05
STEPS = 24
PLOT_WIDTH = 300
LEAST_HEIGHT = 360
# A label of two lines takes so many pixels, and stands so far from its block.
LABEL_PIXELS = 36
LABEL_DISTANCE = 22


@dataclass(frozen=True)
class _Block:
    """A block of a column, from `low` to `high` in units; parts lie in it from the top down."""

    name: str
    low: float
    high: float


def flow_chart(document: Document) -> alt.LayerChart:
    """Ribbons from stock to buyers; grey: left over, or asked for and not served; vermilion: barred by a rule."""
    chips = _chips(document)
    buyers = _buyers(document, chips)
    asked = sum(buyer["asked"] for buyer in buyers.values())
    stocked = sum(chip["stock"] for chip in chips.values())
    whole = max(asked, stocked, 1.0) * (1 + GAP * max(len(buyers), len(chips)))
    height = max(LEAST_HEIGHT, LABEL_PIXELS * max(len(buyers), len(chips)))
    left = _column({name: chip["stock"] for name, chip in chips.items()}, whole)
    right = _column({name: buyer["asked"] for name, buyer in buyers.items()}, whole)
    colours = dict(zip(chips, CHIP_COLOURS, strict=False))
    ribbons, blocks = _ribbons(chips, buyers, left, right)
    least = whole * LABEL_PIXELS / height
    chart = layered(
        _ribbon_marks(ribbons, colours, whole),
        _block_marks(blocks, colours, whole),
        *_labels(left, {name: _chip_label(chip) for name, chip in chips.items()}, whole, least, side=-1),
        *_labels(right, {name: _buyer_label(buyer) for name, buyer in buyers.items()}, whole, least, side=1),
    )
    served = sum(chip["served"] for chip in chips.values())
    title = (
        f"{short(served, 3)} of {short(asked, 3)} units ordered are served, by policy {document['policy']}"
    )
    subtitle = "grey: left in stock, or ordered and not served; vermilion: barred by a rule"
    return titled(chart, title, subtitle, height=height, width=PLOT_WIDTH)


def flow_reading(document: Document) -> str:
    """What the chart shows, in a sentence."""
    chips = _chips(document)
    stock = [_chip_label(chip).replace("\n", ", ") for chip in chips.values()]
    served = [_buyer_label(buyer).replace("\n", " ") for buyer in _buyers(document, chips).values()]
    return f"{'; '.join(stock)}. Served: {'; '.join(served)}."


def _chips(document: Document) -> dict[str, dict[str, Any]]:
    """What there is of each chip in stock; of many, those with the smallest stocks are taken together."""
    stocked = {name: chip for name, chip in document["chips"].items() if chip["stock"]}
    ranked = sorted(stocked, key=lambda name: -sum(stocked[name]["stock"].values()))
    alone = ranked if len(ranked) <= MOST_CHIPS else ranked[: MOST_CHIPS - 1]
    groups = [(name, stocked[name]["name"], [name]) for name in alone]
    rest = ranked[len(alone) :]
    if rest:
        groups.append((OTHERS, f"{len(rest)} other chips", rest))
    return {
        key: {
            "name": name,
            "members": members,
            "stock": sum(sum(stocked[member]["stock"].values()) for member in members),
            "served": sum(stocked[member]["units"] for member in members),
        }
        for key, name, members in groups
    }


def _buyers(document: Document, chips: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each buyer asked for and gets, the largest first; the smallest of many are taken together."""
    ranked = sorted(document["buyers"].items(), key=lambda item: -item[1]["asked"])
    shown = {name: _buyer(buyer["name"], [buyer], chips) for name, buyer in ranked[:MOST_BUYERS]}
    rest = [buyer for _, buyer in ranked[MOST_BUYERS:]]
    if rest:
        shown[OTHERS] = _buyer(f"{len(rest)} other buyers", rest, chips)
    return shown


def _buyer(name: str, members: Sequence[Mapping[str, Any]], chips: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name.partition(" (")[0],
        "asked": sum(member["asked"] for member in members),
        "barred": sum(member["barred"] for member in members),
        "by_chip": {
            key: sum(
                member["by_chip"].get(one, {}).get("units", 0.0)
                for member in members
                for one in chip["members"]
            )
            for key, chip in chips.items()
        },
    }


def _column(heights: Mapping[str, float], whole: float) -> dict[str, _Block]:
    """Blocks below one another, the first on top, in the middle of the height."""
    gap = GAP * whole / (1 + GAP * max(len(heights), 1))
    used = sum(heights.values()) + gap * (len(heights) - 1)
    top = (whole + used) / 2
    blocks = {}
    for name, height in heights.items():
        blocks[name] = _Block(name, top - height, top)
        top -= height + gap
    return blocks


def _ribbons(
    chips: Mapping[str, Any],
    buyers: Mapping[str, Any],
    left: Mapping[str, _Block],
    right: Mapping[str, _Block],
) -> tuple[Rows, Rows]:
    """Points of the ribbons, and the parts of the blocks at both ends."""
    ribbons: Rows = []
    blocks: Rows = []
    leaves = {name: block.high for name, block in left.items()}
    for buyer, found in buyers.items():
        arrives = right[buyer].high
        for chip in chips:
            units = found["by_chip"].get(chip, 0.0)
            if units <= 0:
                continue
            ribbons += _ribbon(f"{chip} {buyer}", chip, leaves[chip], arrives, units)
            blocks.append(_part(1.0, chip, arrives - units, arrives))
            leaves[chip] -= units
            arrives -= units
        blocks.append(_part(1.0, "not served", right[buyer].low + found["barred"], arrives))
        blocks.append(_part(1.0, "barred", right[buyer].low, right[buyer].low + found["barred"]))
    for chip, block in left.items():
        blocks.append(_part(-NODE, chip, leaves[chip], block.high))
        blocks.append(_part(-NODE, "not served", block.low, leaves[chip]))
    return ribbons, [part for part in blocks if part["high"] > part["low"]]


def _ribbon(flow: str, chip: str, start: float, end: float, units: float) -> Rows:
    points = []
    for step in range(STEPS + 1):
        x = step / STEPS
        top = start + (end - start) * x * x * (3 - 2 * x)
        points.append({"flow": flow, "kind": chip, "x": x, "low": top - units, "high": top})
    return points


def _part(x: float, kind: str, low: float, high: float) -> dict[str, Any]:
    return {"kind": kind, "x": x, "x2": x + NODE, "low": low, "high": high}


def _scales(colours: Mapping[str, str], whole: float) -> tuple[alt.X, alt.Y, alt.Color]:
    import altair as alt

    kinds = {**colours, "not served": GREY, "barred": VERMILION}
    return (
        alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-NODE, 1 + NODE], nice=False)),
        alt.Y("low:Q", axis=None, scale=alt.Scale(domain=[0, whole], nice=False)),
        alt.Color("kind:N", legend=None, scale=alt.Scale(domain=list(kinds), range=list(kinds.values()))),
    )


def _ribbon_marks(rows: Rows, colours: Mapping[str, str], whole: float) -> alt.Chart:
    import altair as alt

    x, y, colour = _scales(colours, whole)
    chart: alt.Chart = (
        alt.Chart(data(rows))
        .mark_area(opacity=0.42)
        .encode(x=x, y=y, y2="high:Q", color=colour, detail="flow:N")
    )
    return chart


def _block_marks(rows: Rows, colours: Mapping[str, str], whole: float) -> alt.Chart:
    import altair as alt

    x, y, colour = _scales(colours, whole)
    opacity = alt.condition("datum.kind == 'not served'", alt.value(0.45), alt.value(0.95))
    chart: alt.Chart = (
        alt.Chart(data(rows))
        .mark_rect()
        .encode(x=x, x2="x2:Q", y=y, y2="high:Q", color=colour, opacity=opacity)
    )
    return chart


def _labels(
    blocks: Mapping[str, _Block], texts: Mapping[str, str], whole: float, least: float, side: int
) -> tuple[alt.Chart, alt.Chart]:
    """A label beside each block, at least so far from the next, and a line from the block to it."""
    import altair as alt

    # Places are counted from below, and the blocks stand in order from above.
    names = list(blocks)[::-1]
    middles = [(blocks[name].low + blocks[name].high) / 2 for name in names]
    places = spaced(middles, least=least, top=whole - least / 2)
    edge = -NODE if side < 0 else 1 + NODE
    end = edge + side * (LABEL_DISTANCE - 4) / PLOT_WIDTH * (1 + 2 * NODE)
    rows = [
        {"x": edge, "x2": end, "low": middle, "high": place, "text": texts[name]}
        for name, middle, place in zip(names, middles, places, strict=True)
    ]
    x, y, _ = _scales({}, whole)
    base = alt.Chart(data(rows)).encode(x=x, y=y)
    lines: alt.Chart = base.mark_rule(opacity=0.35, clip=False).encode(x2="x2:Q", y2="high:Q")
    texts_drawn: alt.Chart = base.mark_text(
        align="right" if side < 0 else "left",
        dx=LABEL_DISTANCE * side,
        dy=-8,
        fontSize=13,
        lineBreak="\n",
        lineHeight=16,
        baseline="middle",
    ).encode(y=alt.Y("high:Q", axis=None), text="text:N")
    return lines, texts_drawn


def _chip_label(chip: Mapping[str, Any]) -> str:
    rest = chip["stock"] - chip["served"]
    left = f", {short(rest, 3)} left" if rest > 0 else ""
    return f"{chip['name']}\n{short(chip['stock'], 3)} in stock{left}"


def _buyer_label(buyer: Mapping[str, Any]) -> str:
    served = sum(buyer["by_chip"].values())
    free = buyer["asked"] - buyer["barred"]
    barred = f", {short(buyer['barred'], 3)} barred" if buyer["barred"] and free else ""
    if not free:
        return f"{buyer['name']}\n{short(buyer['asked'], 3)}, all barred"
    return f"{buyer['name']}\n{short(served, 3)} of {short(free, 3)} ({percent(served / free)}){barred}"
