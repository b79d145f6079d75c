"""What varies from path to path: every uncertain input, hazards, where gates go, and event luck as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from dualtrack.futures.draws import Array, Streams
from dualtrack.futures.gates import JEFFREYS
from dualtrack.scenarios.keys import load_keys
from dualtrack.scenarios.scenario import Scenario
from dualtrack.scenarios.specs import Alternatives, Fixed, Spec
from dualtrack.simulate.inputs import draw, scenario_uniforms
from dualtrack.simulate.model import Model

LUCK = "luck"
LUCK_WORDS = "Event luck: every draw made month by month, as moves of the gates, tension and batches"
GATE_WORDS = {"us": "US", "china": "Chinese"}
_RATE = "rate:"
_DESTINATIONS = ("closed_to:", "opened_to:")


@dataclass(frozen=True)
class Counted:
    """A hazard counted from events: Gamma(events + 1/2, months of exposure)."""

    events: int
    exposure_months: float

    def sample(self, uniform: Array) -> Array:
        rate: Array = gammaincinv(self.events + JEFFREYS, uniform) / self.exposure_months
        return rate


@dataclass(frozen=True)
class Member:
    """One uncertain number.

    Attributes:
        key: Its key in a scenario.
        spec: What turns its uniform into its value.
        stream: The stream of a counted hazard; None for an input, whose uniform may be correlated with others.
    """

    key: str
    what: str
    unit: str
    spec: Spec | Counted
    stream: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The reports it is drawn between; empty where it is a range."""
        return self.spec.names if isinstance(self.spec, Alternatives) else ()

    def edges(self) -> Array:
        """Where on the unit interval each of its reports begins and the last ends."""
        assert isinstance(self.spec, Alternatives)
        weights = np.array(self.spec.weights)
        return np.concatenate([[0.0], np.cumsum(weights / weights.sum())])

    def values(self, uniform: Array) -> Array:
        """Its values at probabilities, shape as given; NaN for the name of a chip or a month that is none."""
        return self.spec.sample(np.asarray(uniform, dtype=np.float64))


@dataclass(frozen=True)
class Factor:
    """An input of the study: one number, or several that vary together.

    Attributes:
        members: The numbers in it; none for luck and for where gates go.
        streams: The streams of random numbers that it stands for; none for luck, which is all others.
    """

    name: str
    what: str
    members: tuple[Member, ...]
    streams: tuple[str, ...]


def factors_of(model: Model) -> tuple[Factor, ...]:
    """Everything that varies in a scenario, luck last.

    Correlated inputs are one factor: of one of them alone an index would depend on which is thought to lead.
    """
    scenario, keys = model.scenario, load_keys()
    streams = _streams(model)
    hazards = _hazards(streams)
    members = _members(model, hazards)
    out = []
    seen: set[str] = set()
    components = _components(scenario)
    for key in members:
        if key in seen:
            continue
        together = components.get(key, (key,))
        seen.update(together)
        held = tuple(members[name] for name in together if name in members)
        # A fixed input that is correlated with another still has its number mixed into the other's.
        used = [keys[name].stream for name in together] + [
            hazards[name] for name in together if name in hazards
        ]
        out.append(
            Factor(
                " + ".join(member.key for member in held),
                "; ".join(member.what for member in held),
                held,
                tuple(name for name in used if name in streams),
            )
        )
    for gate, words in GATE_WORDS.items():
        goes = tuple(name for name in streams if name.startswith(tuple(d + gate for d in _DESTINATIONS)))
        what = f"Where the {words} gate goes when it closes or opens: shares drawn from the states seen"
        out.append(Factor(f"{gate}.destinations", what, (), goes))
    return (*out, Factor(LUCK, LUCK_WORDS, (), ()))


def member_uniforms(members: Sequence[Member], scenario: Scenario, block: Streams) -> Array:
    """The uniform behind each member, correlations in it, shape (member, path)."""
    inputs = scenario_uniforms(scenario, block)
    found = np.empty((len(members), block.count))
    for row, member in enumerate(members):
        found[row] = inputs[member.key] if member.stream is None else block.uniform(member.stream)
    return found


class _Listening:
    """Draws that note which streams are asked for."""

    count = 1

    def __init__(self) -> None:
        self.streams: dict[str, None] = {}

    def uniform(self, stream: str) -> Array:
        self.streams[stream] = None
        return np.full(1, 0.5)


def _streams(model: Model) -> tuple[str, ...]:
    listening = _Listening()
    draw(model, listening)
    return tuple(listening.streams)


def _hazards(streams: Iterable[str]) -> dict[str, str]:
    """The stream of each hazard that may be counted from events, by its key."""
    found = {}
    for stream in streams:
        if stream.startswith(_RATE):
            gate, kind = stream.removeprefix(_RATE).split(".")
            found[f"{gate}.hazard.{kind}"] = stream
    return found


def _members(model: Model, hazards: Mapping[str, str]) -> dict[str, Member]:
    keys = load_keys()
    out = {}
    for key, spec in model.scenario.settings.items():
        entry = keys[key].entry
        if spec.is_uncertain:
            out[key] = Member(key, entry.what, entry.unit, spec)
        elif key in hazards and isinstance(spec, Fixed) and spec.value < 0.0:
            gate, _, kind = key.split(".")
            counted = Counted(*model.records[gate].counted(kind))
            if counted.exposure_months > 0.0:
                out[key] = Member(key, entry.what, entry.unit, counted, hazards[key])
    return out


def _components(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Each correlated input, and all that are correlated with it through however many others."""
    found: dict[str, set[str]] = {}
    for pair in scenario.correlations:
        if all(name in scenario.settings for name in pair.between):
            joined = set().union(*(found.get(name, {name}) for name in pair.between))
            found.update(dict.fromkeys(joined, joined))
    order = list(scenario.settings)
    return {name: tuple(sorted(joined, key=order.index)) for name, joined in found.items()}
