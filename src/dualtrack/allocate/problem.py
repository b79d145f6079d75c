"""All that an allocation is asked about, from a user's files: book, stock, law by month, and what is used up already."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from dualtrack.allocate.bars import Verdict, verdicts
from dualtrack.allocate.book import AllocationFault, BoolArray, FloatArray, OrderBook, Stock
from dualtrack.allocate.counts import Counts
from dualtrack.allocate.limits_file import Given, Limits, read_limits
from dualtrack.allocate.reading import Orders, read_tables
from dualtrack.decide.headroom import BATCH_FACT, US_CEILING_CHIP, US_CEILING_FACT
from dualtrack.entities import Buyer, Chip, Order
from dualtrack.errors import DataFault
from dualtrack.facts.book import FactBook, load_book
from dualtrack.months import parse_month
from dualtrack.rules import (
    CHINA_STATES,
    US_STATES,
    Amendment,
    Rulebook,
    Unpublished,
    gate_amendments,
    load_rulebook,
)

PAPERS_NOTE: Final = (
    "Certificates, licences and clearances, which an order book does not name, are taken to be in hand."
)


@dataclass(frozen=True)
class Problem:
    """What `allocate` is called with, and where its numbers come from.

    Attributes:
        on: The day asked about; `law_on` is the last day up to it whose law is known.
        laws: Numbers of the rules by month.
        buyers: Those of the book, in its order.
        given: Numbers beside the rules: the user's, and defaults.
        facts: Facts behind the numbers, limits and bars, each once.
        notes: What was taken for granted, in words.
    """

    on: date
    law_on: date
    book: OrderBook
    stock: Stock
    rulebook: Rulebook
    laws: tuple[Mapping[str, Any], ...]
    counts: Counts
    buyers: tuple[Buyer, ...]
    given: tuple[Given, ...]
    facts: tuple[str, ...]
    notes: tuple[str, ...]


def read_problem(
    orders: Path,
    stock: Path,
    limits: Path | None = None,
    on: date | None = None,
    facts: FactBook | None = None,
) -> Problem:
    """The problem that the files put.

    Args:
        limits: What differs from the law in force, and what is used up already; the facts' own figures if None.
        on: The day of the law; the last known day if None. A later day has the last law known.

    Raises:
        TableFault: The orders or the stock do not fit.
        AllocationFault: The limits file does not fit.
        NoValueInForce: The day lies before the law that is covered.
    """
    facts = facts or load_book()
    asked = on or facts.last_date
    law_on = min(asked, facts.last_date)
    published = load_rulebook(facts)
    published.parameters_on(law_on)
    said = read_limits(limits, facts, published, law_on) if limits else Limits()
    found, months = read_tables(orders, stock, said.buyers, asked, _last_month(said))
    return _Assembly(found, months, said, facts, published, asked, law_on).problem()


def _last_month(limits: Limits) -> int | None:
    """The last month that the limits file speaks of."""
    named = [month for states in limits.gates.values() for month in states if month is not None]
    return max([*named, *(limits.batches or {})], default=None)


class _Assembly:
    """Everything put together; what was taken for granted is noted on the way."""

    def __init__(
        self,
        orders: Orders,
        stock: Stock,
        limits: Limits,
        facts: FactBook,
        published: Rulebook,
        asked: date,
        law_on: date,
    ) -> None:
        self.orders, self.stock, self.limits, self.facts = orders, stock, limits, facts
        self.asked, self.law_on = asked, law_on
        self.months = [parse_month(month) for month in stock.months]
        self.published = published
        self.rulebook = published
        if limits.parameters:
            why = "the limits file of the allocation"
            self.rulebook = published.amended(Amendment("limits file", limits.parameters, why))
        self.given = list(limits.given)
        self.notes: list[str] = []
        if asked > law_on:
            self.notes.append(f"{asked} lies after the last law that is known, so it is that of {law_on}.")

    def problem(self) -> Problem:
        china = self._china_gate()
        laws = tuple(self._law(month) for month in self.months)
        barred, shut = self._bars(laws, china)
        orders = self.orders
        book = OrderBook(
            order_ids=orders.order_ids,
            buyers=tuple(buyer.id for buyer in orders.buyers),
            chips=orders.chips,
            buyer=orders.buyer,
            chip=orders.chip,
            units=orders.units,
            price=orders.price,
            priority=orders.priority,
            promised=orders.promised,
            domestic=orders.domestic,
            destination=tuple(orders.destination.values()),
            first_month=orders.first_month,
            last_month=orders.last_month,
            barred=barred,
            lines=orders.rows,
        )
        counts = self._counts(china, shut)
        self._note_prices()
        self._note_buyers()
        self._note_stock()
        self.notes.append(PAPERS_NOTE)
        return Problem(
            self.asked,
            self.law_on,
            book,
            self.stock,
            self.rulebook,
            laws,
            counts,
            orders.buyers,
            tuple(self.given),
            self._facts(barred, shut),
            tuple(self.notes),
        )

    def _state(self, gate: str, month: int) -> str | None:
        """The state of a gate that the user gave for a month; None where nothing was said."""
        states = self.limits.gates.get(gate, {})
        begun = [start for start in states if start is None or start <= month]
        return states[max(begun, key=lambda start: -1 if start is None else start)] if begun else None

    def _china_gate(self) -> tuple[int, ...]:
        """State of the Chinese gate by month: the user's, else that of the reports."""
        reported = int(self.rulebook.parameters_on(self.law_on)["china.gate.reported"])
        states = [self._state("china", month) for month in self.months]
        if None in states:
            fact = next(iter(self._facts_behind("china.gate.reported")), None)
            self.given.append(Given("gates.china", CHINA_STATES[reported], fact, by="default"))
        return tuple(reported if state is None else CHINA_STATES.index(state) for state in states)

    def _law(self, month: int) -> Mapping[str, Any]:
        """The numbers of the rules in a month: those of the day, and what a gate's given state amends."""
        law = self.rulebook.parameters_on(self.law_on)
        chosen: dict[str, Any] = {}
        for gate, names in (("us", US_STATES), ("china", CHINA_STATES)):
            state = self._state(gate, month)
            if state is None:
                continue
            try:
                chosen |= gate_amendments()[gate][names.index(state)].values(law)
            except Unpublished as error:
                why = str(error).splitlines()[0]
                raise AllocationFault(
                    f"The {gate} gate cannot be {state}: {why}\n  Give it a number in the limits file, under `set:`."
                ) from error
        return ChainMap(chosen, law)  # type: ignore[arg-type]

    def _bars(
        self, laws: Sequence[Mapping[str, Any]], china: Sequence[int]
    ) -> tuple[tuple[str | None, ...], dict[str, BoolArray]]:
        """The rule that bars each order in every month, and those that do in some, shape (order, month)."""
        orders = self.orders
        columns = (orders.chip, orders.buyer, orders.destination.codes, orders.end_use.codes)
        different, kind = np.unique(np.stack(columns), axis=1, return_inverse=True)
        kinds = [
            Order(
                orders.chips[chip],
                orders.buyers[buyer],
                1,
                orders.destination.labels[place],
                orders.end_use.labels[use],
            )
            for chip, buyer, place, use in different.T.tolist()
        ]
        found: dict[tuple[Any, ...], tuple[Verdict, ...]] = {}
        by_month = []
        for month, law, gate in zip(self.months, laws, china, strict=True):
            key = (self._state("us", month), self._state("china", month), gate)
            if key not in found:
                found[key] = verdicts(self.rulebook, kinds, law, gate, self.law_on)
            by_month.append(found[key])
        self._note_open(kinds, by_month)
        rules = np.array([[verdict.barred_by or "" for verdict in month] for month in by_month], dtype=object)
        always = [one[0] if one[0] and (one == one[0]).all() else None for one in rules.T]
        shut = {}
        for name in sorted(set(rules.ravel()) - {""}):
            sometimes = (rules == name) & np.array([rule is None for rule in always])
            if sometimes.any():
                shut[str(name)] = sometimes.T[kind.ravel()]
        return tuple(always[n] for n in kind.ravel()), shut

    def _counts(self, china: tuple[int, ...], shut: Mapping[str, BoolArray]) -> Counts:
        limits, weight = self.limits, self._domestic_weight()
        return Counts(
            us_committed=self._by_chip(limits.sent_to_china),
            us_domestic=self._us_units(),
            buyer_committed=self._by_buyer(limits.sent_to_buyer),
            cleared_this_month=self._by_buyer(limits.cleared_this_month),
            cleared_of_batches=limits.cleared_of_batches,
            batches_released=self._batches(china),
            ratio_cleared=self._by_buyer(limits.cleared_for_ratio),
            ratio_credit=self._by_buyer(limits.domestic_chips) * weight,
            ratio_basis=limits.ratio_basis,
            domestic_weight=weight,
            china_gate=np.array(china, dtype=np.int64),
            shut=shut,
        )

    def _by_chip(self, given: Mapping[str, float]) -> FloatArray:
        return np.array([given.get(chip.id, 0.0) for chip in self.orders.chips])

    def _by_buyer(self, given: Mapping[str, float]) -> FloatArray:
        return np.array([given.get(buyer.id, 0.0) for buyer in self.orders.buyers])

    def _us_units(self) -> FloatArray:
        """Units shipped for use in the United States up to each month's end; NaN where they are not known."""
        passed = np.arange(1, len(self.months) + 1)
        given = self.limits.us_units
        starts = [given[c.id] if c.id in given else (self._us_estimate(c), 0.0) for c in self.orders.chips]
        return np.array([so_far + per_month * passed for so_far, per_month in starts])

    def _us_estimate(self, chip: Chip) -> float:
        """The estimate for a chip of which the user says nothing; NaN where there is none."""
        if chip.id != US_CEILING_CHIP:
            return float("nan")
        try:
            ceiling = self.facts.get(US_CEILING_FACT, self.law_on).number
            units = ceiling / float(self.published.parameters_on(self.law_on)["us.share.limit"])
        except DataFault:
            return float("nan")
        why = "the fact estimates the ceiling; over the share limit it gives the units shipped in the United States"
        self.given.append(Given(f"counts.us_units.{chip.id}", units, US_CEILING_FACT, why, "default"))
        return units

    def _batches(self, china: Sequence[int]) -> FloatArray:
        """Units in the batches released up to each month's end; NaN where they are not known."""
        given = self.limits.batches
        if given is not None:
            return np.array([sum(n for start, n in given.items() if start <= month) for month in self.months])
        if CHINA_STATES.index("quota") not in china:
            return np.zeros(len(self.months))
        try:
            first = self.facts.get(BATCH_FACT, self.law_on).number
        except DataFault:
            return np.full(len(self.months), np.nan)
        why = "the only batch that was reported, released in the first month"
        self.given.append(Given("counts.batches", first, BATCH_FACT, why, "default"))
        return np.full(len(self.months), first)

    def _domestic_weight(self) -> float:
        """What one chip bought at home weighs on the ratio's basis."""
        chip = self.limits.domestic_chip
        if self.limits.ratio_basis == "spend" and chip is not None and chip.price_usd is not None:
            return chip.price_usd.mid
        if self.limits.ratio_basis == "compute" and chip is not None and chip.tpp is not None:
            return chip.tpp
        return 1.0

    def _note_prices(self) -> None:
        for place in np.unique(self.orders.chip[~self.orders.priced]):
            chip = self.orders.chips[place]
            if chip.price_usd is not None:
                why = f"middle price of the catalogue ({chip.price_usd.on}), for orders that name none"
                self.given.append(Given(f"price.{chip.id}", chip.price_usd.mid, None, why, "default"))

    def _note_buyers(self) -> None:
        names = ("military_links", "listed", "sensitive_government", "critical_infrastructure",
                 "state_owned", "state_funded")  # fmt: skip
        for buyer in self.orders.buyers:
            unsaid = [name for name in names if getattr(buyer, name) is None]
            if unsaid:
                self.notes.append(f"Of {buyer.id} nothing is said on {', '.join(unsaid)}; taken as no.")

    def _note_stock(self) -> None:
        stocked = {
            chip.id for chip, units in zip(self.stock.chips, self.stock.units, strict=True) if units.any()
        }
        for place, chip in enumerate(self.orders.chips):
            if chip.id not in stocked:
                asked = self.orders.units[self.orders.chip == place].sum()
                self.notes.append(
                    f"There is no stock of {chip.id}: none of {asked:,.0f} units ordered is served."
                )

    def _note_open(self, kinds: Sequence[Order], by_month: Sequence[Sequence[Verdict]]) -> None:
        is_open = {
            kind.chip.id
            for month in by_month
            for kind, verdict in zip(kinds, month, strict=True)
            if verdict.is_open
        }
        for chip in sorted(is_open):
            self.notes.append(
                f"Figures of {chip} that rules ask for are not published; it is taken as free to go."
            )

    def _facts(self, barred: Sequence[str | None], shut: Mapping[str, BoolArray]) -> tuple[str, ...]:
        found = [given.fact for given in self.given if given.fact]
        for limit in self.rulebook.limits:
            found += limit.facts
            for tree in (limit.weight, limit.used, limit.ceiling, limit.in_force, limit.applies):
                for name in tree.parameters():
                    found += self._facts_behind(name)
        for name in sorted({*(rule for rule in barred if rule), *shut}):
            found += self.rulebook.rule(name).facts
        return tuple(dict.fromkeys(found))

    def _facts_behind(self, parameter: str) -> tuple[str, ...]:
        """The facts of the value that a parameter has on the day, before what the user changed."""
        history = self.published.parameters[parameter].history
        return next((entry.facts for entry in history if entry.covers(self.law_on)), ())
