"""Lexicographic max-min: raise those served least as high as they can go, then the next, and so on.

Who can rise no further is told by proof, not by comparing levels. In the program "raise the common level" a
claimant whose row has a price stands at that level in every optimum (complementary slackness). Where a level
is met again, prices may be too few to name all who are stuck at it; then the program "raise the sum of those
left, one unit each at most" names those who are not, until its optimum is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from dualtrack.allocate.book import BoolArray, FloatArray, IntArray
from dualtrack.allocate.linear import NO_PRICE, Infeasible, Linear, Solution, maximise

# The prices of all claimants together are 1, so the greatest is at least 1 by their number. One that is
# smaller than this part of 1 waits for a later round, which raises nobody, and is found there.
PROOF = 1e-7
# A level so near the one at which a claimant has all it asked for, or to the level before, is that level.
ROUNDING = 1e-12
# Parts by which levels reached before may give way, where rounding leaves no point that holds them all.
GIVES_WAY = (0.0, 1e-12, 1e-11, 1e-10)
# Units by which a claimant must be able to rise: HiGHS holds rows to 1e-7.
HARDLY_A_UNIT = 1e-6


@dataclass(frozen=True)
class Filled:
    """What a filling came to.

    Attributes:
        level: Level at which each claimant stopped.
        x: A point of the program with these levels.
        stopped: The rows that stopped each claimant, by index; empty where only its own size did.
        price: Rise of the level of those that a row was the first to stop, per unit of its room.
        rounds: How many programs were solved.
    """

    level: FloatArray
    x: FloatArray
    stopped: tuple[IntArray, ...]
    price: FloatArray
    rounds: int


def fill(linear: Linear, claims: Any, size: FloatArray, turns: Sequence[IntArray]) -> Filled:
    """Levels of all claimants: those of a turn rise together until each is stopped, then those of the next.

    Args:
        claims: What counts for a claimant, shape (claimant, variable); a variable counts for one at most.
        size: Units that a claimant has at level 1.
        turns: Claimants by turn, each in one.

    Raises:
        Infeasible: The program has no point.
    """
    filling = _Filling(linear, sparse.csr_matrix(claims), size)
    for turn in turns:
        filling.fill(turn)
    return Filled(filling.level, filling.x, tuple(filling.stopped), filling.price, filling.rounds)


class _Filling:
    """The levels reached so far; `done` are the claimants that are stuck at theirs."""

    def __init__(self, linear: Linear, claims: Any, size: FloatArray) -> None:
        self.linear, self.claims, self.size = linear, claims, size
        count, self.rows = len(size), linear.matrix.shape[0]
        self.level, self.price = np.zeros(count), np.zeros(self.rows)
        self.stopped: list[IntArray] = [np.zeros(0, dtype=int)] * count
        self.done = np.zeros(count, dtype=bool)
        counted = np.diff(claims.tocsc().indptr) > 0
        self.most = (claims @ np.where(counted, linear.upper, 0.0)) / size
        self.alone = np.flatnonzero(np.diff(claims.indptr) == 1)
        self.variable = claims.indices[claims.indptr[:-1][self.alone]]
        self.x, self.rounds = np.zeros(linear.variables), 0

    def fill(self, turn: IntArray) -> None:
        """Raise the claimants of a turn until each is stuck."""
        active = np.zeros(len(self.size), dtype=bool)
        active[turn] = True
        before = 0.0
        while active.any():
            self.x, common, proof, price = self._raise_together(active)
            served = active & (common >= self.most * (1.0 - ROUNDING))
            stuck = active & (proof >= PROOF)
            if not (stuck | served).any():
                stuck = active & (proof >= float(proof.max()))
            self._stop(stuck & ~served, price, True)
            if common <= before * (1.0 + ROUNDING) + ROUNDING:
                others, price = self._without_way_up(active & ~served & ~stuck, active, common)
                self._stop(others, price, False)
                stuck |= others
            stuck |= served
            self.level[stuck] = np.minimum(common, self.most[stuck])
            active &= ~stuck
            self.done |= stuck
            before = common

    def _stop(self, claimants: BoolArray, price: FloatArray, priced: bool) -> None:
        """Note the rows that stop these claimants, and what these rows are worth where that is their level's rise."""
        rows = np.flatnonzero(price > NO_PRICE * (float(price.max(initial=0.0)) or 1.0))
        for claimant in np.flatnonzero(claimants):
            self.stopped[claimant] = rows
        if priced:
            first_time = rows[self.price[rows] == 0]
            self.price[first_time] = price[first_time]

    def _raise_together(self, active: BoolArray) -> tuple[FloatArray, float, FloatArray, FloatArray]:
        """The common level of the active ones as high as it goes.

        What a claimant of one variable has is its level by its size, so these variables are put in terms of the
        level. No weight is below zero, so those whose turn comes later are left at what they were promised.

        Returns:
            The point, the level, how far each claimant holds the level down (in sum 1 at most), and the rise
            of the level per unit of room of each row.
        """
        linear, size = self.linear, self.size
        promised = np.zeros(len(size), dtype=bool)
        promised[self.alone] = linear.lower[self.variable] > 0
        start, slope = linear.lower.copy(), np.zeros(linear.variables)
        held, rising = self.done[self.alone], (active & ~promised)[self.alone]
        start[self.variable[held]] = (self.level * size)[self.alone[held]]
        slope[self.variable[rising]] = size[self.alone[rising]]
        kept = np.ones(linear.variables, dtype=bool)
        kept[self.variable[~(active & promised)[self.alone]]] = False
        start[kept] = 0.0

        def in_terms_of_level(matrix: Any) -> Any:
            return sparse.hstack(
                [matrix[:, kept], sparse.csr_matrix((matrix @ slope)[:, None])], format="csr"
            )

        by_row = active.copy()
        by_row[self.alone[rising]] = False
        several = self.done.copy()
        several[self.alone] = False
        most = self.most[self.alone[rising]].min(initial=np.inf)
        problem = Linear(
            sparse.vstack(
                [
                    in_terms_of_level(linear.matrix),
                    sparse.hstack([-self.claims[by_row][:, kept], sparse.csr_matrix(size[by_row][:, None])]),
                    _wider(-self.claims[several][:, kept], 1),
                ],
                format="csr",
            ),
            np.concatenate(
                [
                    _without_dust(linear.room - linear.matrix @ start, linear.room),
                    np.zeros(int(by_row.sum())),
                    -(self.level * size)[several],
                ]
            ),
            in_terms_of_level(linear.equal),
            linear.level - linear.equal @ start,
            np.append(linear.lower[kept], 0.0),
            np.append(linear.upper[kept], most),
        )
        # In units of all claims together, prices are near 1 and far above the solver's tolerance.
        together = float(size[active].sum())
        gain = np.zeros(problem.variables)
        gain[-1] = together
        _, solution = maximise_above(problem, gain, int(several.sum()))
        self.rounds += 1
        common = float(solution.x[-1])
        x = start + slope * common
        x[kept] = solution.x[:-1]
        price = solution.price[: self.rows]
        cost = linear.matrix.T @ price + linear.equal.T @ solution.equal_price
        proof = np.zeros(len(size))
        proof[by_row] = solution.price[self.rows : self.rows + int(by_row.sum())]
        proof[self.alone[rising]] = cost[self.variable[rising]]
        return x, common, proof * size / together, price / together

    def _without_way_up(
        self, claimants: BoolArray, active: BoolArray, common: float
    ) -> tuple[BoolArray, FloatArray]:
        """Which of these claimants cannot rise above the common level, and the price of the rows that stop them."""
        left = claimants.copy()
        price = np.zeros(self.rows)
        while left.any():
            asked = np.flatnonzero(active)
            rise = sparse.csr_matrix(
                (np.ones(left.sum()), (np.searchsorted(asked, np.flatnonzero(left)), np.arange(left.sum()))),
                shape=(len(asked), int(left.sum())),
            )
            rows = sparse.hstack([-self.claims[active], rise], format="csr")
            problem = self._kept(int(left.sum()), 1.0).with_rows(rows, -common * self.size[active])
            problem = self._with_floors(problem, int(left.sum()))
            gain = np.zeros(problem.variables)
            gain[self.linear.variables :] = 1.0
            _, solution = maximise_above(
                problem, gain, int(self.done.sum()) - int(self.done[self.alone].sum())
            )
            self.rounds += 1
            risen = solution.x[self.linear.variables :] > HARDLY_A_UNIT
            if not risen.any():
                return left, solution.price[: self.rows]
            left[np.flatnonzero(left)[risen]] = False
        return left, price

    def _kept(self, more: int, most: float = np.inf) -> Linear:
        """The program with claimants of one variable held at their levels, and further variables below `most`."""
        linear = self.linear
        held = self.done[self.alone]
        alone, variable = self.alone[held], self.variable[held]
        lower, upper = linear.lower.copy(), linear.upper.copy()
        lower[variable] = upper[variable] = np.clip(
            self.level[alone] * self.size[alone], linear.lower[variable], linear.upper[variable]
        )
        return replace(
            linear,
            matrix=_wider(linear.matrix, more),
            equal=_wider(linear.equal, more),
            lower=np.concatenate([lower, np.zeros(more)]),
            upper=np.concatenate([upper, np.full(more, most)]),
        )

    def _with_floors(self, problem: Linear, more: int) -> Linear:
        """The program with rows that hold the claimants of several variables at their levels."""
        several = self.done.copy()
        several[self.alone] = False
        return problem.with_rows(
            _wider(-self.claims[several], more), -self.level[several] * self.size[several]
        )


def maximise_above(problem: Linear, gain: FloatArray, floors: int) -> tuple[Linear, Solution]:
    """The optimum of a program whose last rows hold levels that were reached before, and the program solved.

    Raises:
        Infeasible: There is no point, though the levels give way by more than rounding.
    """
    for part in GIVES_WAY:
        room = problem.room.copy()
        room[len(room) - floors :] *= 1.0 - part
        eased = replace(problem, room=room)
        try:
            return eased, maximise(eased, gain)
        except Infeasible:
            if part == GIVES_WAY[-1] or not floors:
                raise
    raise Infeasible


def _without_dust(left: FloatArray, room: FloatArray) -> FloatArray:
    """What is left of the room; zero where levels taken together overrun it by rounding."""
    return np.where((left < 0) & (left > -(HARDLY_A_UNIT + ROUNDING * room)), 0.0, left)


def _wider(matrix: Any, more: int) -> Any:
    return sparse.hstack([matrix, sparse.csr_matrix((matrix.shape[0], more))], format="csr")
