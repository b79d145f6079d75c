"""Where the labels of points stand so that none covers another, in pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

STEP = 6.0  # pixels between the rings on which a place is looked for
FARTHEST = 30  # rings
PATIENCE = 5  # rings
DIRECTIONS = 16
GAP = 7.0  # from a point to its own label
MARK = 5.0  # half a point's size


class Box(NamedTuple):
    """A rectangle; `top` is less than `bottom`."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        return (
            other.left <= self.left
            and other.top <= self.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


def label_places(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    frame: Box,
    taken: Sequence[Box] = (),
) -> list[Box]:
    """A box for the label of each point, as near to it as there is room; the most crowded point chooses first.

    Args:
        sizes: Width and height of each label.
        frame: What the labels stay within.
        taken: What they keep clear of, besides the points.

    Where all places are taken, a label stands to the right of its point, over others.

    >>> label_places([(50, 50)], [(20, 10)], Box(0, 0, 100, 100))
    [Box(left=57.0, top=45.0, right=77.0, bottom=55.0)]
    """
    occupied = [Box(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in points]
    leaders: list[Box] = []
    found: dict[int, Box] = {}
    for index in sorted(range(len(points)), key=lambda index: -_crowding(points[index], points)):
        point, chosen, first = points[index], None, 0
        for place, box in enumerate(_tried(point, sizes[index])):
            if chosen and place > first + PATIENCE * DIRECTIONS:
                break
            if not box.within(frame) or _hits(box, occupied) or _hits(box, taken):
                continue
            # A place to which no clear line leads is taken only where there is no other near by.
            chosen, first = (chosen, first) if chosen else (box, place)
            leader = _leader(point, box)
            if not _hits(box, leaders) and not any(_hits(part, occupied) for part in leader):
                chosen = box
                break
        found[index] = chosen or next(_tried(point, sizes[index]))
        occupied.append(found[index])
        leaders += _leader(point, found[index])
    return [found[index] for index in range(len(points))]


def nearest_edge(point: tuple[float, float], box: Box) -> tuple[float, float]:
    """The place on a label that is nearest to its point."""
    return min(max(point[0], box.left), box.right), min(max(point[1], box.top), box.bottom)


def _hits(box: Box, others: Sequence[Box]) -> bool:
    return any(box.overlaps(other) for other in others)


def _leader(point: tuple[float, float], box: Box) -> list[Box]:
    """The line from a point to its label as small boxes, without its ends, which touch both."""
    edge = nearest_edge(point, box)
    parts = int(math.dist(point, edge) // MARK)
    between = [
        (point[0] + (edge[0] - point[0]) * n / parts, point[1] + (edge[1] - point[1]) * n / parts)
        for n in range(2, parts)
    ]
    return [Box(x - 1, y - 1, x + 1, y + 1) for x, y in between]


def _tried(point: tuple[float, float], size: tuple[float, float]) -> Iterator[Box]:
    """Places around a point, the nearest first, to the right before the others."""
    (x, y), (width, height) = point, size
    for ring in range(FARTHEST):
        distance = GAP + STEP * ring
        for turn in range(DIRECTIONS):
            # Right, left, then above and below by turns.
            angle = math.pi * (turn // 2) / (DIRECTIONS / 2) * (1 if turn % 2 else -1)
            across, down = round(math.cos(angle), 6), round(math.sin(angle), 6)
            middle_x = x + across * (distance + width / 2)
            middle_y = y + down * (distance + height / 2)
            yield Box(
                middle_x - width / 2, middle_y - height / 2, middle_x + width / 2, middle_y + height / 2
            )


def _crowding(point: tuple[float, float], points: Sequence[tuple[float, float]]) -> float:
    return sum(1 / (20 + math.dist(point, other)) for other in points)
