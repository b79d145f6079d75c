"""The states of the two gates, and each state as an amendment of the rulebook."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from typing import Any

from dualtrack.rules.arrays import Array, lifted, nothing_true
from dualtrack.rules.rulebook import Amendment
from dualtrack.rules.terms import lesser, param

US_STATES = ("barred", "narrow", "review")
CHINA_STATES = ("blocked", "rationed", "quota", "open")
US_BARRED, US_NARROW, US_REVIEW = range(3)
CHINA_BLOCKED, CHINA_RATIONED, CHINA_QUOTA, CHINA_OPEN = range(4)

Choose = Callable[[Any, Any, Any], Array]


def gate_amendments() -> Mapping[str, tuple[Amendment, ...]]:
    """For each gate, one amendment per state, from shut to open."""
    us = (
        Amendment(
            "us.barred",
            {"us.review.in_force": 0.0},
            "the review rule is withdrawn; a presumption of denial returns",
            ("export.rule_2023_10.review_policy",),
        ),
        Amendment(
            "us.narrow",
            {
                "us.share.limit": param("us.share.limit") * param("us.narrow.share_factor"),
                "us.buyer_cap.units": lesser(param("us.buyer_cap.units"), param("us.narrow.buyer_cap")),
            },
            "review goes on, with a lower share limit and a cap on each buyer",
        ),
        Amendment("us.review", {}, "the rule of January 2026 as published", ("export.rule_2026_01.header",)),
    )
    hold = "china.customs_hold.in_force"
    china = (
        Amendment("china.blocked", {hold: 1.0}, "customs let nothing in", ("import.h200.customs_block",)),
        Amendment("china.rationed", {hold: 0.0}, "each purchase is cleared, in small tranches per firm"),
        Amendment(
            "china.quota",
            {hold: 0.0},
            "batches are released, with a domestic purchase ratio",
            ("import.h200.first_batch",),
        ),
        Amendment("china.open", {hold: 0.0}, "imports are free"),
    )
    return {"us": us, "china": china}


def state_parameters(
    parameters: Mapping[str, Any], us_gate: Array, china_gate: Array, choose: Choose
) -> Mapping[str, Any]:
    """The parameters with both gates' amendments laid over them, path by path.

    Args:
        parameters: The numbers of a day, plain or as arrays that broadcast with the gates.
        us_gate: Index into US_STATES, per path.
        china_gate: Index into CHINA_STATES, per path.
        choose: `np.where` or `jnp.where`.

    The values of `narrow` are read only where some path is in that state; traced jax arrays may be,
    so there they must be given.
    """
    amendments = gate_amendments()
    chosen: dict[str, Any] = {}
    for gate, states in ((us_gate, amendments["us"]), (china_gate, amendments["china"])):
        for index, amendment in enumerate(states):
            here = lifted(gate == index)
            if nothing_true(here):
                continue
            for name, value in amendment.values(parameters).items():
                chosen[name] = choose(here, value, chosen.get(name, parameters[name]))
    return ChainMap(chosen, parameters)  # type: ignore[arg-type]
