"""Two gates as Markov chains, with hazards counted from the dated events that were known.

Rate ~ Gamma(events + 1/2, months of exposure), drawn once per path; where a gate goes when it moves is
drawn from a Dirichlet(1/2) over the states it was seen to go to. Gates do not depend on trade, so their
whole path is drawn before the months are simulated. The law of a month is the law in force on its first
day: what happens in a month binds from the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from dualtrack.facts.events import GateRecord
from dualtrack.futures.draws import Array, Streams
from dualtrack.months import month_label
from dualtrack.rules.states import CHINA_STATES, US_STATES

IntArray = NDArray[np.int64]

JEFFREYS = 0.5


@dataclass(frozen=True)
class GateFutures:
    """Gate states and batches over months, drawn for a block of paths.

    Attributes:
        us: State of the US gate in force in each month, shape (month, path).
        china: State of the Chinese gate, same shape.
        tension: Whether the tension shock is on, same shape.
        batch_units: Units released by the batches of each month, same shape.
        rates: Drawn hazard rates per month by name, shape (path,).
    """

    us: IntArray
    china: IntArray
    tension: NDArray[np.bool_]
    batch_units: Array
    rates: dict[str, Array]


def drawn_rate(block: Streams, stream: str, events: int, exposure_months: float) -> Array:
    """Events per month, drawn; zero where the gate was never exposed."""
    if exposure_months <= 0.0:
        return np.zeros(block.count)
    return rate_of(events, exposure_months, block.uniform(stream))


def rate_of(events: int, exposure_months: float, uniform: Array) -> Array:
    """Events per month by their probability, Gamma(events + 1/2, exposure)."""
    rate: Array = gammaincinv(events + JEFFREYS, uniform) / exposure_months
    return rate


def drawn_shares(block: Streams, stream: str, seen: Mapping[str, int], states: tuple[str, ...]) -> Array:
    """Probabilities of going to each of `states`, Dirichlet(1/2 + times seen), shape (state, path)."""
    parts = np.stack([gammaincinv(seen.get(s, 0) + JEFFREYS, block.uniform(f"{stream}:{s}")) for s in states])
    whole = parts[0].copy()
    for part in parts[1:]:
        whole = whole + part
    shares: Array = parts / whole
    return shares


def draw_gates(
    block: Streams, values: dict[str, Array], records: dict[str, GateRecord], start: int, months: int
) -> GateFutures:
    """The futures of both gates for a block of paths.

    Args:
        block: Which paths.
        values: Drawn inputs by key; a hazard key below zero means "counted from the events".
        records: What was counted, for `us` and `china`.
        start: First month.
        months: How many.
    """
    rates = {
        f"{gate}.{kind}": _rate(block, values, records[gate], gate, kind)
        for gate in ("us", "china")
        for kind in ("close", "open", "tighten", "loosen")
    }
    rates["tension"] = values["gates.tension_rate"]
    us = values["us.gate_start"].astype(np.int64)
    china = values["china.gate_start"].astype(np.int64)
    us_goes = _destinations(block, records["us"], "us", US_STATES)
    china_goes = _destinations(block, records["china"], "china", CHINA_STATES)
    tension_left: Array = np.zeros(block.count)
    next_batch: Array = np.zeros(block.count)
    us_path, china_path, tension_path, batches = [], [], [], []
    for month in range(start, start + months):
        label = month_label(month)
        us_now = _forced(us, values, month, "us")
        china_now = _forced(china, values, month, "china")
        us_path.append(us_now)
        china_path.append(china_now)
        released, next_batch = _batch(block, values, china_now, next_batch, label)
        batches.append(released)
        shock = block.uniform(f"tension:{label}") < -np.expm1(-rates["tension"])
        tension_left = np.where(
            shock, np.rint(values["gates.tension_months"]), np.maximum(tension_left - 1.0, 0.0)
        )
        tense = tension_left > 0.0
        tension_path.append(tense)
        factor = np.where(tense, values["gates.tension_factor"], 1.0)
        us = _moved(block, "us", label, us, rates, factor, us_goes, top=2)
        china = _moved(block, "china", label, china, rates, factor, china_goes, top=3)
    return GateFutures(
        np.stack(us_path), np.stack(china_path), np.stack(tension_path), np.stack(batches), rates
    )


def _rate(block: Streams, values: dict[str, Array], record: GateRecord, gate: str, kind: str) -> Array:
    events, exposure = record.counted(kind)
    counted = drawn_rate(block, f"rate:{gate}.{kind}", events, exposure)
    chosen = values[f"{gate}.hazard.{kind}"]
    return np.where(chosen < 0.0, counted * values["gates.hazard_factor"], chosen)


def _destinations(block: Streams, record: GateRecord, gate: str, states: tuple[str, ...]) -> dict[str, Array]:
    # A closing never leads to the most open state, an opening never to the shut one.
    return {
        "close": drawn_shares(block, f"closed_to:{gate}", record.closed_to, states[:-1]),
        "open": drawn_shares(block, f"opened_to:{gate}", record.opened_to, states[1:]),
    }


def _moved(
    block: Streams,
    gate: str,
    label: str,
    state: IntArray,
    rates: dict[str, Array],
    tension_factor: Array,
    goes: dict[str, Array],
    top: int,
) -> IntArray:
    """The state in force next month: competing risks of a closing, an opening, a step either way."""
    shut = state == 0
    closing = np.where(shut, 0.0, rates[f"{gate}.close"] * tension_factor)
    opening = np.where(shut, rates[f"{gate}.open"], 0.0)
    # Steps stay among the open states; below the second state only a closing goes further down.
    tightening = np.where(state > 1, rates[f"{gate}.tighten"], 0.0)
    loosening = np.where(shut | (state == top), 0.0, rates[f"{gate}.loosen"])
    total = closing + opening + tightening + loosening
    chance = block.uniform(f"{gate}.move:{label}")
    moves = chance < -np.expm1(-total)
    which = block.uniform(f"{gate}.which:{label}") * total
    where_to = block.uniform(f"{gate}.where:{label}")
    # A closing leads strictly down: the part of the draw that would not is sent to the shut state.
    closed = _pick(goes["close"], where_to)
    closed = np.where(closed < state, closed, 0)
    opened = _pick(goes["open"], where_to) + 1
    moved = np.where(
        which < closing,
        closed,
        np.where(
            which < closing + opening,
            opened,
            np.where(which < closing + opening + tightening, state - 1, state + 1),
        ),
    )
    return np.where(moves, np.clip(moved, 0, top), state).astype(np.int64)


def _pick(shares: Array, chance: Array) -> IntArray:
    picked = np.zeros(chance.shape, dtype=np.int64)
    reached = np.zeros(chance.shape)
    for share in shares[:-1]:
        reached = reached + share
        picked = picked + (chance >= reached)
    return picked


def _forced(state: IntArray, values: dict[str, Array], month: int, gate: str) -> IntArray:
    """The state with a revocation that the scenario decrees, in force from the month after it falls."""
    revoked = values[f"{gate}.revocation"]
    binds = np.isfinite(revoked) & (month > revoked + values[f"{gate}.notice_months"])
    lasts = values[f"{gate}.revocation_months"]
    over = month > revoked + values[f"{gate}.notice_months"] + lasts
    return np.where(binds & ~over, 0, state).astype(np.int64)


def _batch(
    block: Streams, values: dict[str, Array], china: IntArray, wait: Array, label: str
) -> tuple[Array, Array]:
    """Units released this month, and months to wait for the next batch; batches come in state quota."""
    in_quota = china == CHINA_STATES.index("quota")
    due = in_quota & (wait <= 0.0)
    # Each batch varies about the path's own size; the spread is that of the reported first batch.
    size = values["china.batch_units"] * np.exp(
        values["china.batch_spread"] * (2.0 * block.uniform(f"batch:{label}") - 1.0)
    )
    released = np.where(due, size, 0.0)
    wait = np.where(due, np.rint(values["china.batch_interval"]) - 1.0, np.where(in_quota, wait - 1.0, wait))
    return released, wait
