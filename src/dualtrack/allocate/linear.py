"""A linear program as arrays, solved by HiGHS through scipy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from dualtrack.allocate.book import BoolArray, FloatArray

# Below this part of the largest gain a price is rounding: HiGHS itself works to 1e-7 of a unit of the objective.
NO_PRICE = 1e-9


# So near a whole number an amount is whole: HiGHS holds rows to 1e-7, and to rounding relative to the amount.
WHOLE = 1e-6
WHOLE_PART = 1e-11


def settled(amounts: FloatArray) -> FloatArray:
    """Amounts without the dust that a solver leaves beside whole numbers.

    >>> settled(np.array([-1e-9, 99.9999999, 0.5])).tolist()
    [0.0, 100.0, 0.5]
    """
    whole = np.round(amounts)
    # Adding zero turns -0 into 0.
    return np.where(np.abs(amounts - whole) <= WHOLE + WHOLE_PART * np.abs(whole), whole, amounts) + 0.0


class Infeasible(Exception):
    """The rows of a program contradict each other."""


@dataclass(frozen=True)
class Linear:
    """matrix · x ≤ room, equal · x = level, lower ≤ x ≤ upper."""

    matrix: Any
    room: FloatArray
    equal: Any
    level: FloatArray
    lower: FloatArray
    upper: FloatArray

    @property
    def variables(self) -> int:
        return len(self.lower)

    def with_rows(self, matrix: Any, room: FloatArray) -> Linear:
        """The same with more rows below the others."""
        return replace(
            self,
            matrix=sparse.vstack([self.matrix, matrix], format="csr"),
            room=np.concatenate([self.room, room]),
        )


@dataclass(frozen=True)
class Solution:
    """An optimum.

    Attributes:
        price: Gain for one more unit of room of each row, and `equal_price` for one more unit of level.
        reduced: Gain for one more unit of each variable where it stands at a bound: above zero at its upper one.
    """

    x: FloatArray
    value: float
    price: FloatArray
    equal_price: FloatArray
    reduced: FloatArray


def maximise(problem: Linear, gain: FloatArray) -> Solution:
    """The point of the program with the greatest gain · x.

    Raises:
        Infeasible: There is no point.
    """
    found = linprog(
        -gain,
        A_ub=problem.matrix if problem.matrix.shape[0] else None,
        b_ub=problem.room if problem.matrix.shape[0] else None,
        A_eq=problem.equal if problem.equal.shape[0] else None,
        b_eq=problem.level if problem.equal.shape[0] else None,
        bounds=np.column_stack([problem.lower, problem.upper]),
        method="highs",
    )
    if found.status == 2:
        raise Infeasible
    if found.status != 0:
        raise RuntimeError(f"HiGHS could not solve the program: {found.message}")
    price = -found.ineqlin.marginals if problem.matrix.shape[0] else np.zeros(0)
    equal_price = -found.eqlin.marginals if problem.equal.shape[0] else np.zeros(0)
    reduced = -(found.lower.marginals + found.upper.marginals)
    return Solution(found.x, float(gain @ found.x), price, equal_price, reduced)


def optimal_face(problem: Linear, gain: FloatArray, solution: Solution) -> Linear:
    """The program of all points with the same gain, by complementary slackness.

    A point is optimal exactly where every variable with a reduced gain stands at its bound, and every row
    with a price is full. The solution itself lies on the face to the last digit: bounds and rows are held as
    it meets them.
    """
    least = NO_PRICE * max(float(np.abs(gain).max(initial=0.0)), 1e-300)
    near = WHOLE + WHOLE_PART * np.abs(solution.x)
    at_upper = (solution.reduced > least) & (problem.upper - solution.x <= near)
    at_lower = (solution.reduced < -least) & (solution.x - problem.lower <= near)
    met = problem.matrix @ solution.x
    full = (solution.price > least) & (problem.room - met <= WHOLE + WHOLE_PART * np.abs(problem.room))
    return replace(
        problem,
        matrix=problem.matrix[~full],
        room=np.maximum(problem.room, met)[~full],
        equal=sparse.vstack([problem.equal, problem.matrix[full]], format="csr"),
        level=np.concatenate([problem.equal @ solution.x, met[full]]),
        lower=np.where(at_upper | at_lower, solution.x, problem.lower),
        upper=np.where(at_upper | at_lower, solution.x, problem.upper),
    )


@dataclass(frozen=True)
class WholeSolution:
    """The best point found whose marked variables are whole, and how far from the best it can be.

    Attributes:
        gap: (bound − value) / bound, as the solver states it; 0 where proved best.
    """

    x: FloatArray
    value: float
    gap: float


def maximise_whole(
    problem: Linear, gain: FloatArray, whole: BoolArray, seconds: float
) -> WholeSolution | None:
    """The best point with whole numbers where `whole`; None where none was found in time.

    Raises:
        Infeasible: There is none.
    """
    constraints = [
        LinearConstraint(matrix, low, high)
        for matrix, low, high in (
            (problem.matrix, -np.inf, problem.room),
            (problem.equal, problem.level, problem.level),
        )
        if matrix.shape[0]
    ]
    found = milp(
        -gain,
        integrality=whole.astype(int),
        bounds=Bounds(problem.lower, problem.upper),
        constraints=constraints,
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": 1e-9},
    )
    if found.status == 2:
        raise Infeasible
    if found.x is None:
        return None
    x = np.where(whole, np.round(found.x), found.x)
    value = float(gain @ x)
    bound = -float(found.mip_dual_bound)
    gap = 0.0 if found.status == 0 or bound <= value else (bound - value) / abs(bound)
    return WholeSolution(x, value, gap)
