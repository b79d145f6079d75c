"""What a month is given: the calendar, the gates, and the law as it stands path by path."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dualtrack.rules.environment import Environment
from dualtrack.rules.fields import chip_fields
from dualtrack.rules.rulebook import Limit
from dualtrack.rules.states import US_REVIEW, state_parameters
from dualtrack.rules.us_export import US_CASE_BY_CASE
from dualtrack.rules.us_tariff import levy_rate
from dualtrack.simulate import dated
from dualtrack.simulate.arrays import Array, Values
from dualtrack.simulate.model import ORDINARY_ORDER, Model

# Parameters of the rules that a run draws, by the keys that say from what.
LAW_BY_KEY = {
    "us.narrow.share_factor": "us.narrow.share_factor",
    "us.narrow.buyer_cap": "us.narrow.buyer_cap",
    "china.tranche_units": "china.tranche.units",
    "china.ratio": "china.ratio.required",
    "china.ratio_everywhere": "china.ratio.everywhere",
}
_BARS = ("military_links", "sensitive_government", "critical_infrastructure", "state_owned", "state_funded")


@dataclass(frozen=True)
class Month:
    """One month as the step sees it.

    Attributes:
        xp: numpy or jax.numpy.
        model: What no draw changes.
        values: Drawn inputs.
        number: Months since year 0, a scalar.
        us, china: Gate states, shape (path,).
        batch_units: Units that batches release this month, shape (path,).
        environment: The law with the gates' and the scenario's amendments, and the fields of the chip.
    """

    xp: Any
    model: Model
    values: Values
    number: Array
    us: Array
    china: Array
    batch_units: Array
    environment: Environment

    def at(self, months: int) -> int:
        """The month that many months after the first of the run, as a number."""
        return self.model.scenario.start + months

    @property
    def years(self) -> Array:
        """Years since the middle of the first year, which is what the yearly figures are about."""
        return (self.number - self.at(dated.FIRST_YEAR_MIDDLE)) / 12.0

    def growth(self, key: str) -> Array:
        """The factor that a yearly growth input has reached."""
        return self.values[key] ** self.years

    def headroom(self, limit_id: str, **fields: Array) -> Array:
        """Units that still fit under a limit of the rulebook; names are given with `__` for the dot."""
        return self._limit(limit_id).headroom(self._with(fields))

    def row(self, limit_id: str, **fields: Array) -> tuple[Array, Array]:
        """What is left under a limit, below zero where it is overrun, and what a unit uses of it."""
        found = self._limit(limit_id).row(self._with(fields))
        return found.room, found.weight

    def _limit(self, limit_id: str) -> Limit:
        return self.model.rulebook.limit(limit_id)

    def _with(self, fields: dict[str, Array]) -> Environment:
        named = {name.replace("__", "."): value for name, value in fields.items()}
        return Environment({**self.environment.fields, **named}, self.environment.parameters)

    @cached_property
    def may_be_reviewed(self) -> Array:
        """Where the US lets an order for this chip pass, by review case by case or without a licence."""
        if self.model.licence_free:
            return self.us > 0
        return US_CASE_BY_CASE.holds(self.environment)

    @cached_property
    def levy_rate(self) -> Array:
        return levy_rate(self.environment)

    @cached_property
    def us_units(self) -> Array:
        """Units of the product shipped for use in the United States so far: the base of the share limit."""
        since = self.number - self.model.scenario.start
        return self.values["us.share_base_units"] + self.values["us.share_base_flow"] * since

    @cached_property
    def ratio_weights(self) -> tuple[Array, Array]:
        """Weight of an imported unit, and of one H100-equivalent of TPP, on each path's basis."""
        basis = self.values["china.ratio_basis"]
        price, tpp = self.values["vendor.price_usd"], float(self.model.chip.tpp or 0.0)
        weight = self.xp.where(basis == 0, 1.0, self.xp.where(basis == 1, price, tpp))
        return weight, basis

    @cached_property
    def refused(self) -> Array:
        """1 for buyers that China refuses whatever the gate, else 0, shape (buyer, 1)."""
        buyers = self.model.buyers
        by_buyer = {f"buyer.{bar}": np.array([[getattr(b, bar)] for b in buyers]) for bar in _BARS}
        fields = {**self.environment.fields, **by_buyer}
        environment = Environment(fields, self.environment.parameters)
        barred = self.model.rulebook.rule("china.barred_class").holds(environment)
        funded = self.model.rulebook.rule("china.state_funded").holds(environment)
        return (barred | funded) * 1.0


def month_of(xp: Any, model: Model, values: Values, law: Values, given: Values) -> Month:
    """Put a month together.

    Args:
        law: Law parameters that the scenario amends, shape (path,).
        given: `number`, `us`, `china`, `batch_units`, and `law.*` with the published law of the month.
    """
    published = {name[4:]: value for name, value in given.items() if name.startswith("law.")}
    chosen = {
        **published,
        **law,
        **{parameter: values[key] for key, parameter in LAW_BY_KEY.items()},
    }
    chip = model.chip
    fields = {name: np.asarray(answer) for name, answer in ORDINARY_ORDER.items()}
    # A figure that is not published is left out: what reads it fails, rather than take it for zero.
    fields |= {name: np.asarray(value) for name, value in chip_fields(chip).items() if value is not None}
    fields["china.gate"] = given["china"]
    # A chip that needs no licence stands outside the review rule: its gate's states amend nothing of that.
    under_review = given["us"] * 0 + US_REVIEW if model.licence_free else given["us"]
    parameters = state_parameters(chosen, under_review, given["china"], xp.where)
    return Month(
        xp,
        model,
        values,
        given["number"],
        given["us"],
        given["china"],
        given["batch_units"],
        Environment(fields, parameters),
    )
