"""Best replies on a page: what each side is taken to want, what it would do, and what its closed gate is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dualtrack.report import sweep_charts as charts
from dualtrack.report.numbers import percent, short
from dualtrack.report.sections import Section
from dualtrack.report.study_page import Figure

Document = Mapping[str, Any]

NAMES = {"us": "United States", "china": "China"}
OTHER = {"us": "china", "china": "us"}
MOST_LISTED = 6


def game_items(document: Document) -> list[Section | Figure]:
    """What is wanted, fixed points, best replies, worth of the closed gate, and both payoff maps."""
    game = document["game"]
    return [
        _fixed(game),
        _wanted(game),
        *(_replies(game, side) for side in NAMES),
        _chip(game),
        *(
            Figure(
                f"payoffs-{side}",
                f"Payoff to {_the(side)} by both keys",
                _replies_in_words(game, side),
                "Colour: the mean of the stated sum over paths; circles: the side's best replies; diamonds: fixed points, where both "
                "reply best to each other.",
                charts.payoffs(document, side),
            )
            for side in NAMES
        ),
    ]


def _the(side: str) -> str:
    return "the United States" if side == "us" else "China"


def _at(at: Mapping[str, str]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in at.items())


def _listed(values: Sequence[str]) -> str:
    if len(values) > MOST_LISTED:
        return f"{values[0]} … {values[-1]} ({len(values)} values that tie)"
    return ", ".join(values)


def _fixed(game: Document) -> Section:
    fixed = game["fixed_points"]
    text = []
    if len(fixed) == 1:
        text.append(
            f"One point at which both reply best to each other: {_at(fixed[0]['at'])}. It is one in {percent(fixed[0]['share'])} of "
            f"{game['resamples']:,} resamples of the paths."
        )
    elif fixed:
        text.append(
            f"{len(fixed)} points at which both reply best to each other: "
            f"{'; '.join(_at(one['at']) + ' (' + percent(one['share']) + ' of resamples)' for one in fixed[:MOST_LISTED])}"
            f"{' and more' if len(fixed) > MOST_LISTED else ''}. Points that tie on every path cannot be told apart."
        )
    else:
        text.append(
            "On this grid no point exists at which both reply best to each other. Replies in turn go round: "
            f"{'; '.join(_at(at) for at in game['cycle'])}."
        )
    ends = list(dict.fromkeys(key for one in fixed for key in one["at_end"]))
    if ends:
        text.append(
            f"{' and '.join(ends)} {'stand' if len(ends) > 1 else 'stands'} at an end of the grid: what might be better beyond it was not "
            "tried, or is beyond what the key may be."
        )
    others = [one for one in game["in_resamples"] if one["at"] not in [point["at"] for point in fixed]]
    if others:
        text.append(
            f"In other resamples it is: {'; '.join(_at(one['at']) + ' (' + percent(one['share']) + ')' for one in others[:MOST_LISTED])}."
        )
    if game["share_without"] or not fixed:
        text.append(f"In {percent(game['share_without'])} of resamples there is none.")
    return Section("Best replies to each other", tuple(text))


def _wanted(game: Document) -> Section:
    text = []
    for side, one in game["sides"].items():
        if one["assumption"] is None:
            text.append(
                f"{NAMES[side]}, moving {one['key']}: {one['objective']}. The weights are the user's."
            )
        else:
            text.append(
                f"{NAMES[side]}, moving {one['key']}: {one['objective']}. Nothing was stated, so this is an assumption: {one['assumption']}"
            )
    text.append(
        "Other weights, other replies: these say what the sums would have each side do, not what governments want."
    )
    rows = tuple(
        (NAMES[side], f"{term['weight']:g}", term["label"], term["unit"])
        for side, one in game["sides"].items()
        for term in one["terms"]
    )
    return Section(
        "What each side is taken to want", tuple(text), ("side", "weight", "of", "unit"), rows, numeric=(1,)
    )


def _replies(game: Document, side: str) -> Section:
    key, other = game["sides"][side]["key"], game["sides"][OTHER[side]]["key"]
    rows = tuple(
        (
            reply["against"],
            _listed(reply["values"]),
            percent(reply["share"]),
            reply["low"] if reply["low"] == reply["high"] else f"{reply['low']} to {reply['high']}",
            short(reply["payoff"], 3),
            short(reply["payoff"] - reply["worst"], 2),
        )
        for reply in game["best_replies"][side]
    )
    header = (other, "best", "in resamples", "80 % of them", "payoff", "over the worst")
    title = f"Best replies of {_the(side)}: {key} against {other}"
    return Section(title, (), header, rows, numeric=(0, 1, 2, 3, 4, 5), whole=(0, 2, 4, 5))


def _replies_in_words(game: Document, side: str) -> str:
    replies = game["best_replies"][side]
    key = game["sides"][side]["key"]
    different = {tuple(reply["values"]) for reply in replies}
    if len(different) == 1:
        return f"Whatever the other side does, {_the(side)} replies with {key} = {_listed(replies[0]['values'])}."
    return (
        f"{_the(side).capitalize() if side == 'us' else 'China'} replies with {key} from {_listed(replies[0]['values'])} (against "
        f"{replies[0]['against']}) to {_listed(replies[-1]['values'])} (against {replies[-1]['against']})."
    )


def _chip(game: Document) -> Section:
    chip = game["chip"]
    where = (
        "at the scenario's own setting, since there is no fixed point"
        if chip["at"] is None
        else f"at {_at(chip['at'])}"
    )
    text = [
        f"What each side would lose if the other shut its gate by decree from the first month to the last, {where}; the same paths "
        "with and without it, in the units of the stated sums."
    ]
    rows = []
    for side, found in chip["sides"].items():
        loss = found["loss"]
        rows.append(
            (
                f"{NAMES[OTHER[side]]} shuts",
                NAMES[side],
                short(found["open"], 3),
                short(found["closed"], 3),
                f"{short(loss['mean'])} ({short(loss['low'])} to {short(loss['high'])})",
                f"{short(loss['p50'])} ({short(loss['p10'])} – {short(loss['p90'])})",
                percent(found["p_loss"]),
            )
        )
        if loss["mean"] < 0:
            text.append(
                f"By its own sum {_the(side)} would gain from it, so the threat is worth nothing against it."
            )
    header = (
        "who",
        "payoff of",
        "open",
        "shut",
        "mean loss (95 % interval)",
        "median loss (80 % of paths)",
        "P(loss)",
    )
    return Section(
        "What the bargaining chip is worth", tuple(text), header, tuple(rows), numeric=(2, 3, 4, 5, 6)
    )


def reply_rows(game: Document) -> list[dict[str, Any]]:
    """One row for each value of the other's key, for both sides."""
    return [
        {
            "side": side,
            "key": game["sides"][side]["key"],
            "against_key": game["sides"][OTHER[side]]["key"],
            "against": reply["against"],
            "best": " ".join(reply["values"]),
            **{name: reply[name] for name in ("share", "low", "high", "payoff", "worst")},
        }
        for side in NAMES
        for reply in game["best_replies"][side]
    ]
