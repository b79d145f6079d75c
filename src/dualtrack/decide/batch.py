"""Many orders at once: each different question is put to the rules once, and its answer given to every row that asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from dualtrack.decide.answer import GATES
from dualtrack.decide.decision import MAY_NOT_SHIP, MAY_SHIP, NEEDS
from dualtrack.decide.declarations import declarable, short_name
from dualtrack.decide.gates import UNDETERMINED, GateOutcomes, Question, gate_outcomes
from dualtrack.decide.question import Law, barred_use, open_fields, opened_by_use, stacked, stacked_spans
from dualtrack.decide.reading import MOST_UNITS, usual_end_use
from dualtrack.entities import Chip, find_buyer, find_chip
from dualtrack.errors import UnknownLabel
from dualtrack.rules.fields import (
    DESTINATIONS,
    END_USES,
    GOVERNMENT,
    buyer_fields,
    chip_fields,
    destination_fields,
    end_use_fields,
)
from dualtrack.tables import BLANK, Column, Factored, TableFaults, gather_table

Array = np.ndarray[Any, Any]

BASE_COLUMNS: Final = (
    Column("order", "plain", required=False),
    Column("chip"),
    Column("buyer"),
    Column("units", "number", least=1, most=MOST_UNITS - 1, whole=True),
    Column("destination", "choice", required=False, default="mainland", choices=DESTINATIONS),
    Column("end_use", "choice", required=False, choices=END_USES),
    Column("price_usd", "number", required=False, least=0),
)
OUTCOMES: Final = (MAY_SHIP, NEEDS, MAY_NOT_SHIP)
HEADER: Final = (
    "order",
    "chip",
    "buyer",
    "units",
    "us",
    "china",
    "together",
    "needs",
    "levy_rate",
    "levy_usd",
)


@dataclass(frozen=True)
class Decided:
    """Every row of a file decided, without limits on quantity, which hang on the order in which rows ship.

    Attributes:
        answer: For each row the place of its answer among the different ones.
        gates: Outcome of each answer by gate.
        together: may_ship, needs or may_not_ship of each answer.
        needs: What each answer's orders lack.
        levy_rate: Part of the customs value that is due, NaN where a figure of the chip leaves it open.
        levy_usd: By row; NaN where no price is known.
    """

    order_ids: Sequence[str] | None
    chips: Sequence[str]
    buyers: Sequence[str]
    chip: Array
    buyer: Array
    units: Array
    answer: Array
    gates: Mapping[str, Sequence[str]]
    together: Sequence[str]
    needs: Sequence[tuple[str, ...]]
    levy_rate: Array
    levy_usd: Array

    def counts(self) -> dict[str, int]:
        """Rows by what holds together."""
        by_answer = np.bincount(self.answer, minlength=len(self.together))
        named = np.asarray(self.together)
        return {outcome: int(by_answer[named == outcome].sum()) for outcome in OUTCOMES}

    def lines(self) -> Iterator[str]:
        """The rows as lines of CSV, header first."""
        yield ",".join(HEADER)
        named = zip(self.gates["us"], self.gates["china"], self.together, self.needs, strict=True)
        answers = [f",{us},{china},{together},{' '.join(needs)}" for us, china, together, needs in named]
        rates = ["" if np.isnan(rate) else f",{rate:g}" for rate in self.levy_rate]
        tails = [answer + (rate or ",") for answer, rate in zip(answers, rates, strict=True)]
        # Chip and buyer are part of the question, so rows with one answer have them in common.
        chips, buyers = [_quoted(name) for name in self.chips], [_quoted(name) for name in self.buyers]
        heads = [""] * len(answers)
        for answer, row in enumerate(_first_rows(self.answer, len(answers)).tolist()):
            heads[answer] = f",{chips[self.chip[row]]},{buyers[self.buyer[row]]},"
        rows = zip(
            range(1, len(self.answer) + 1) if self.order_ids is None else _all_quoted(self.order_ids),
            self.units.astype(np.int64).tolist(),
            self.answer.tolist(),
            self.levy_usd.tolist(),
            strict=True,
        )
        # A number that is not itself is NaN: no price is known.
        yield from (
            f"{number}{heads[answer]}{units}{tails[answer]},{levy if levy == levy else ''}"
            for number, units, answer, levy in rows
        )


def decide_rows(path: Path, law: Law, declared: Mapping[str, bool]) -> Decided:
    """Decide every row of a CSV or XLSX under the law of a day.

    Args:
        declared: Answers by field for rows that leave them blank.

    Raises:
        TableFault: The file does not fit, or names an unknown chip or buyer; all faults are listed.
    """
    answers = {short_name(name): name for name in declarable()}
    columns = (
        *BASE_COLUMNS,
        *(Column(name, "yes_no", required=False) for name in answers if name not in _BASE),
    )
    table, faults = gather_table(path, columns, "batch of orders")
    chips, chip = _found(table.labels("chip"), "chip", find_chip, faults)
    buyers, buyer = _found(table.labels("buyer"), "buyer", find_buyer, faults)
    made_in_china = np.array([item.country == "CN" for item in chips], dtype=bool)
    if made_in_china.any():
        at_home = np.flatnonzero(made_in_china[chip] & (chip >= 0))
        faults.add_rows(
            "chip", at_home, "is made in China, so the order passes neither gate. Leave such rows out."
        )
    faults.raise_any()
    destination = table.labels("destination").codes
    usual = np.array([END_USES.index(usual_end_use(item)) for item in buyers])
    use = np.where(table.labels("end_use").codes == BLANK, usual[buyer], table.labels("end_use").codes)
    parts = [chip, buyer, destination, use]
    said = {}
    for name, field in answers.items():
        if name not in _BASE and name in table.given:
            said[field] = table.labels(name).codes
            parts.append(said[field] + 1)
    key, different = _different(parts)
    rows = different
    fields: dict[str, Any] = dict(open_fields(law))
    fields |= stacked([chip_fields(item) for item in chips], chip[rows])
    fields |= stacked([buyer_fields(item, law.on) for item in buyers], buyer[rows])
    fields |= stacked([destination_fields(name) for name in DESTINATIONS], destination[rows])
    fields |= stacked([end_use_fields(name) for name in END_USES], use[rows])
    by_government = use[rows] == END_USES.index(GOVERNMENT)
    fields["buyer.sensitive_government"] = opened_by_use(fields["buyer.sensitive_government"], by_government)
    fields |= dict(declared)
    for field, codes in said.items():
        labels = _truths(table, field)
        given = np.append(labels, np.nan)[codes[rows]]
        before = fields[field]
        fields[field] = np.where(np.isnan(given), np.nan if before is None else before, given)
    fields["order.end_use_barred"] = barred_use(fields["order.end_use_permitted"])
    question = Question(fields, stacked_spans(chips, chip[rows]), law.parameters)
    found = {
        subject.id: gate_outcomes(law.rulebook, subject.id, question) for subject in law.rulebook.subjects
    }
    return _decided(table, law, found, chips, [item.id for item in buyers], chip, buyer, key, rows)


_MARKS: Final = ',"\n\r'
_BASE: Final = frozenset(column.name for column in BASE_COLUMNS)


def _decided(
    table: Any,
    law: Law,
    found: Mapping[str, GateOutcomes],
    chips: Sequence[Chip],
    buyers: Sequence[str],
    chip: Array,
    buyer: Array,
    key: Array,
    rows: Array,
) -> Decided:
    count = rows.size
    gates = {name: _named_outcomes(law, subject, found[subject], count) for name, subject in GATES.items()}
    missing: dict[str, Array] = {}
    for subject in GATES.values():
        for name, where in found[subject].missing.items():
            missing[short_name(name)] = missing.get(short_name(name), np.asarray(False)) | where
    masks = {name: np.broadcast_to(where, count) for name, where in missing.items()}
    barred = np.broadcast_to(found[GATES["us"]].barred | found[GATES["china"]].barred, count)
    lacking = np.any(np.stack([*masks.values(), np.zeros(count, dtype=bool)]), axis=0)
    place = np.where(barred, 2, np.where(lacking, 1, 0))
    needs = [
        () if barred[row] else tuple(name for name, where in masks.items() if where[row])
        for row in range(count)
    ]
    due = np.broadcast_to(found["us.tariff"].rank, count)
    rate = np.where(due == UNDETERMINED, np.nan, np.where(due == 1, law.parameters["us.levy.rate"], 0.0))
    catalogue = np.array([item.price_usd.mid if item.price_usd else np.nan for item in chips])
    given = table.numbers("price_usd")
    base = table.numbers("units") * np.where(np.isnan(given), catalogue[chip], given)
    levy = np.where(rate[key] == 0.0, 0.0, rate[key] * base)
    ids = table.plain("order").tolist() if "order" in table.given else None
    return Decided(
        ids,
        [item.id for item in chips],
        buyers,
        chip,
        buyer,
        table.numbers("units"),
        key,
        gates,
        [OUTCOMES[number] for number in place],
        needs,
        rate,
        levy,
    )


def _named_outcomes(law: Law, subject: str, found: GateOutcomes, count: int) -> list[str]:
    names = (*law.rulebook.subject(subject).outcomes, "undetermined")
    return [names[rank] for rank in np.broadcast_to(found.rank, count)]


def _found(
    column: Factored, name: str, find: Callable[[str], Any], faults: TableFaults
) -> tuple[list[Any], Array]:
    """What the labels name, each thing once, and its place for every row."""
    places: dict[str, int] = {}
    things: list[Any] = []
    by_label, unknown = [], {}
    for code, label in enumerate(column.labels):
        try:
            thing = find(label)
        except UnknownLabel as error:
            unknown[code] = str(error).replace("\n ", "")
            by_label.append(BLANK)
            continue
        if thing.id not in places:
            places[thing.id] = len(things)
            things.append(thing)
        by_label.append(places[thing.id])
    faults.add_labels(name, column.codes, np.array(list(unknown), dtype=np.int64), lambda n: unknown[n])
    return things, np.array([*by_label, BLANK], dtype=np.int64)[column.codes]


def _truths(table: Any, field: str) -> Array:
    return np.array([float(bool(label)) for label in table.labels(short_name(field)).labels])


def _different(parts: Sequence[Array]) -> tuple[Array, Array]:
    """For each row the place of its combination, and a row that has it, for every combination."""
    key = np.zeros(parts[0].size, dtype=np.int64)
    for part in parts:
        size = int(part.max(initial=0)) + 1
        if key.max(initial=0) > np.iinfo(np.int64).max // max(size, 1) - 1:
            key = np.unique(key, return_inverse=True)[1]
        key = key * size + part
    import pandas

    # Factored by hashing: sorting a million keys would cost more than deciding them.
    places, different = pandas.factorize(key)
    return places, _first_rows(places, different.size)


def _first_rows(places: Array, count: int) -> Array:
    """The first row of each place."""
    rows = np.empty(count, dtype=np.int64)
    rows[places[::-1]] = np.arange(places.size)[::-1]
    return rows


def _all_quoted(texts: Sequence[str]) -> Sequence[str]:
    # One look at all of them is far cheaper than a look at each, and names seldom need quotes.
    return [_quoted(text) for text in texts] if any(mark in "".join(texts) for mark in _MARKS) else texts


def _quoted(text: str) -> str:
    if any(mark in text for mark in _MARKS):
        return '"' + text.replace('"', '""') + '"'
    return text
