"""The decisions of one path's month as linear programs, built from the rulebook's limits one path at a time.

Nothing here reads what the vectorised step worked out on its way to the same decisions, only what the steps before
left: papers held, appetite, budget, credit, stock. Rows come from the limits themselves, asked for this path alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from dualtrack.allocate.book import FloatArray
from dualtrack.allocate.linear import Linear, maximise
from dualtrack.allocate.max_min import fill
from dualtrack.audit.replay import Case
from dualtrack.rules.environment import Environment
from dualtrack.rules.states import CHINA_BLOCKED, US_BARRED, US_NARROW
from dualtrack.rules.us_export import US_CASE_BY_CASE
from dualtrack.simulate.model import H100_TPP
from dualtrack.simulate.permits import HARDLY_A_UNIT, LEAST_ACCEPTANCE

BEFORE, WITH, WITHIN = range(3)  # options of china.ratio_timing


@dataclass
class Rows:
    """Named rows in units, coefficients · x ≤ room, over variables of zero or more."""

    variables: int
    names: list[str] = field(default_factory=list)
    coefficients: list[FloatArray] = field(default_factory=list)
    rooms: list[float] = field(default_factory=list)

    def add(self, name: str, room: float, more: Iterable[int], less: Iterable[int] = ()) -> None:
        """`more` less `less` may be no more than the room; nothing where there is no end to it."""
        if not np.isfinite(room):
            return
        row = np.zeros(self.variables)
        row[list(more)] = 1.0
        row[list(less)] = -1.0
        self.names.append(name)
        self.coefficients.append(row)
        self.rooms.append(float(room))

    def linear(self) -> Linear:
        return Linear(
            sparse.csr_matrix(np.array(self.coefficients).reshape(-1, self.variables)),
            np.array(self.rooms),
            sparse.csr_matrix((0, self.variables)),
            np.zeros(0),
            np.zeros(self.variables),
            np.full(self.variables, np.inf),
        )

    def most(self, gain: FloatArray) -> float:
        """The greatest gain · x."""
        return maximise(self.linear(), gain).value if gain.any() else 0.0

    def overrun(self, x: FloatArray) -> tuple[float, str]:
        """By how much x exceeds the row that it exceeds most, or lies below zero; and that row's name."""
        over = np.array(self.coefficients) @ x - np.array(self.rooms)
        worst = int(np.argmax(over))
        if -float(x.min()) > over[worst]:
            return -float(x.min()), "zero"
        return max(float(over[worst]), 0.0), self.names[worst]


class State:
    """What a path's month decides from, in plain numbers and numbers by buyer."""

    def __init__(self, case: Case) -> None:
        decided = case.decided
        self.case = case
        self.month = case.alone
        self.buyers = range(len(case.month.model.buyers))
        for name in ("valid", "clear", "firm", "test", "shipped", "granted", "cleared_net", "credit"):
            setattr(self, name, case.by_buyer(decided.state[name]))
        self.want = case.by_buyer(decided.asked.want)
        self.budget = case.by_buyer(decided.for_imports)
        self.price = float(case.pick(decided.price))
        self.stock = float(case.pick(decided.stocked.stock))
        self.us, self.china = int(case.alone.us), int(case.alone.china)

    valid: FloatArray
    clear: FloatArray
    firm: FloatArray
    test: FloatArray
    shipped: FloatArray
    granted: FloatArray
    cleared_net: FloatArray
    credit: FloatArray

    def room(self, limit: str, **fields: float) -> float:
        """Units that still fit under a limit, asked for this path and, where it is by buyer, one buyer."""
        return float(self.month.headroom(limit, **fields))

    def rooms(self, limit: str, name: str, values: FloatArray) -> FloatArray:
        """The same for each buyer, whose field of that name is given."""
        return np.array([self.room(limit, **{name: float(value)}) for value in values])

    def share_room(self, committed: float) -> float:
        return self.room(
            "us.share_limit", us__committed_units=committed, us__domestic_units=float(self.month.us_units)
        )

    def may_be_shipped(self) -> FloatArray:
        """Units that each buyer may be shipped this month under tranche and cap."""
        tranche = self.rooms("china.tranche", "buyer__cleared_this_month", np.zeros(len(self.buyers)))
        return np.minimum(tranche, self.rooms("us.buyer_cap", "buyer__committed_units", self.shipped))

    def barred(self) -> list[bool]:
        """Buyers that China refuses whatever the gate."""
        answers = []
        rules = [
            self.month.model.rulebook.rule(name) for name in ("china.barred_class", "china.state_funded")
        ]
        names = [name for rule in rules for name in rule.condition.fields() if name.startswith("buyer.")]
        for buyer in self.month.model.buyers:
            of_buyer = {name: getattr(buyer, name.removeprefix("buyer.")) for name in names}
            fields = {**self.month.environment.fields, **of_buyer}
            environment = Environment(fields, self.month.environment.parameters)
            answers.append(any(bool(rule.holds(environment)) for rule in rules))
        return answers


@dataclass(frozen=True)
class Sharing:
    """Stock to be shared out among firm orders.

    Attributes:
        rows: Limits over all buyers together.
        firm: Units each buyer has on order.
        wanted: The part of them that it may be shipped this month.
    """

    rows: Rows
    firm: FloatArray
    wanted: FloatArray
    priority: list[float]

    def by_policy(self, policy: str) -> FloatArray:
        """Units that each buyer gets."""
        return share_out(self.rows, self.wanted, policy, self.priority)

    def by_orders(self) -> FloatArray:
        """The same pro rata of all that is on order, as `dualtrack allocate` takes it."""
        return share_out(self.rows, self.wanted, "pro-rata", self.priority, self.firm)


def sharing(case: Case) -> Sharing:
    """The month's stock, and who asks for it."""
    state = State(case)
    flows = state.us != US_BARRED and state.china != CHINA_BLOCKED
    firm = (state.firm + case.by_buyer(case.decided.papers.ordered)) * flows
    wanted = np.maximum(np.minimum(firm, state.may_be_shipped() - state.test), 0.0)
    rows = Rows(len(wanted))
    rows.add("stock", state.stock, state.buyers)
    rows.add("us.share_limit", state.share_room(float((state.shipped + state.test).sum())), state.buyers)
    return Sharing(rows, firm, wanted, [float(buyer.priority) for buyer in case.month.model.buyers])


def share_out(
    rows: Rows, wanted: FloatArray, policy: str, priority: list[float], claim: FloatArray | None = None
) -> FloatArray:
    """What each buyer gets of what it wants, under rows over all buyers and a policy.

    Args:
        claim: What `pro-rata` and `priority` count parts of; what is wanted if not given.
    """
    claim = wanted if claim is None else claim
    out = np.zeros(len(wanted))
    asking = np.flatnonzero(wanted > 0.0)
    if not len(asking):
        return out
    few = Rows(len(asking))
    for name, row, room in zip(rows.names, rows.coefficients, rows.rooms, strict=True):
        few.add(name, room, np.flatnonzero(row[asking]))
    linear = few.linear()
    linear = Linear(linear.matrix, linear.room, linear.equal, linear.level, linear.lower, wanted[asking])
    claims = sparse.identity(len(asking), format="csr")
    if policy == "value":
        # The vendor's price is one for all; what a buyer is worth to it goes by the same order as priority.
        worth = 1.0 + max(priority) - np.array(priority)
        out[asking] = maximise(linear, worth[asking]).x
        return out
    together = [np.arange(len(asking))]
    in_turn = [np.array([turn]) for turn in np.argsort(np.array(priority)[asking], kind="stable")]
    size = np.ones(len(asking)) if policy == "max-min" else claim[asking]
    filled = fill(linear, claims, size, in_turn if policy == "priority" else together)
    out[asking] = filled.level * size
    return out


@dataclass(frozen=True)
class Orders:
    """A month's papers and orders as a program: accepted licences, clearances, orders, each by buyer."""

    rows: Rows
    gain: FloatArray

    def most(self) -> float:
        """The most units that could be ordered this month."""
        return self.rows.most(self.gain)


def orders(case: Case) -> Orders:
    """The program of all that could be licensed, cleared and ordered in the month."""
    state = State(case)
    buyers = len(state.buyers)
    rows = Rows(3 * buyers)
    _licence_rows(rows, state)
    _clearance_rows(rows, state, _ratio_rooms(state))
    _order_rows(rows, state)
    return Orders(rows, np.repeat([0.0, 0.0, 1.0], buyers))


def orders_with_domestic(case: Case) -> Orders:
    """The same where this month's domestic chips also go where they let most be ordered.

    Each buyer takes no more of them than it set money aside for, and as many are delivered in all. Where what
    was cleared before is not covered, that debt is forgiven, so the program can only give too much.
    """
    state = State(case)
    buyers = len(state.buyers)
    rows = Rows(4 * buyers)
    _licence_rows(rows, state)
    _order_rows(rows, state)
    bought, made = case.decided.bought, case.decided.made
    chips = range(3 * buyers, 4 * buyers)
    cost = float(case.pick(made.cost))
    for buyer, room in zip(chips, case.by_buyer(bought.set_aside) / cost, strict=True):
        rows.add("domestic chips paid for", room, [buyer])
    rows.add("domestic chips", float(case.by_buyer(bought.units).sum()), chips)
    counted_now = state.case.value("china.ratio_timing") == WITH
    weights = (1.0, cost, float(case.pick(made.h100e)) * H100_TPP)
    weight = weights[int(case.value("china.ratio_basis"))]
    rooms, per_unit = _ratio_rooms(state, state.credit if counted_now else None), _ratio_weight(state)
    _clearance_rows(rows, state, rooms)
    if counted_now and per_unit > 0.0:
        for buyer in state.buyers:
            place = [n for n, name in enumerate(rows.names) if name == f"china.domestic_ratio {buyer}"]
            for row in place:
                rows.coefficients[row][3 * buyers + buyer] = -weight / per_unit
    return Orders(rows, np.repeat([0.0, 0.0, 1.0, 0.0], buyers))


def _licence_rows(rows: Rows, state: State) -> None:
    case, buyers = state.case, state.buyers
    accepted = list(buyers)
    acceptance = max(case.value("demand.acceptance"), LEAST_ACCEPTANCE)
    willing = case.value("demand.acceptance") > 0.0
    slower = 1.0 / case.value("us.narrow.delay_factor") if state.us == US_NARROW else 1.0
    reviewed = bool(US_CASE_BY_CASE.holds(state.month.environment))
    committed = state.valid + state.firm + state.test + state.shipped
    caps = state.rooms("us.buyer_cap", "buyer__committed_units", committed)
    barred = state.barred()
    for buyer, waiting in enumerate(_waiting(state)):
        asks = reviewed and willing and not barred[buyer]
        rows.add("applications", waiting * slower * acceptance * asks, [accepted[buyer]])
        rows.add("us.buyer_cap", caps[buyer], [accepted[buyer]])
    rows.add("licences a month", case.value("us.licence_throughput") * slower * acceptance, accepted)
    rows.add("us.share_limit", state.share_room(float(committed.sum())), accepted)


def _waiting(state: State) -> list[float]:
    """Applications of each buyer old enough to be decided, no more than what it still lacks a licence for."""
    case = state.case
    lag = round(case.value("us.licence_delay_months"))
    history = [case.by_buyer(filed) for filed in case.decided.state["filed"]]
    lacking = np.maximum(state.want - state.valid, 0.0)
    history = [*history[1:], np.maximum(history[-1], state.granted + lacking)]
    filed = history[-1 - min(max(lag, 0), len(history) - 1)]
    return [float(units) for units in np.maximum(np.minimum(filed - state.granted, lacking), 0.0)]


def _ratio_weight(state: State) -> float:
    weight = float(state.month.ratio_weights[0])
    _, per_unit = state.month.row(
        "china.domestic_ratio",
        order__ratio_weight=weight,
        buyer__ratio_cleared=0.0,
        buyer__ratio_credit=0.0,
    )
    return float(per_unit)


def _ratio_rooms(state: State, credit: FloatArray | None = None) -> FloatArray:
    """Units that each buyer may be cleared for under the ratio."""
    case = state.case
    timing = case.value("china.ratio_timing")
    weight = float(state.month.ratio_weights[0])
    cleared = (
        case.by_buyer(case.decided.state["cleared_history"][0]) if timing == WITHIN else state.cleared_net
    )
    if credit is None:
        credit = state.credit if timing == BEFORE else case.by_buyer(case.decided.bought.credit)
    rooms = []
    for buyer in state.buyers:
        room, per_unit = state.month.row(
            "china.domestic_ratio",
            order__ratio_weight=weight,
            buyer__ratio_cleared=float(cleared[buyer]) * weight,
            buyer__ratio_credit=float(credit[buyer]),
        )
        if timing == WITHIN:
            rooms.append(0.0 if room < -HARDLY_A_UNIT * weight else np.inf)
        else:
            rooms.append(max(float(room), 0.0) / float(per_unit) if per_unit > 0.0 else np.inf)
    return np.array(rooms)


def _clearance_rows(rows: Rows, state: State, ratio_rooms: FloatArray) -> None:
    buyers = len(state.buyers)
    cleared = list(range(buyers, 2 * buyers))
    barred = state.barred()
    tranches = state.rooms("china.tranche", "buyer__cleared_this_month", np.zeros(buyers))
    for buyer in state.buyers:
        if barred[buyer] or state.china == CHINA_BLOCKED:
            rows.add("china.gate", 0.0, [cleared[buyer]])
        rows.add("china.tranche", tranches[buyer], [cleared[buyer]])
        rows.add(f"china.domestic_ratio {buyer}", ratio_rooms[buyer], [cleared[buyer]])
    decided = state.case.decided.state
    released = float(state.case.pick(decided["batches_released"])) + float(state.month.batch_units)
    batches = state.room(
        "china.batch_quota",
        china__cleared_of_batches=float(state.case.pick(decided["batches_used"])),
        china__batches_released_units=released,
    )
    rows.add("china.batch_quota", batches, cleared)


def _order_rows(rows: Rows, state: State) -> None:
    buyers = len(state.buyers)
    may_be_shipped = state.may_be_shipped() - state.firm - state.test
    for buyer in state.buyers:
        order = [2 * buyers + buyer]
        rows.add("valid licences", state.valid[buyer], order, [buyer])
        rows.add("clearances", state.clear[buyer], order, [buyers + buyer])
        rows.add("appetite", state.want[buyer], order)
        rows.add("budget", max(state.budget[buyer], 0.0) / state.price, order)
        rows.add("tranche and cap on what is shipped", max(may_be_shipped[buyer], 0.0), order)
