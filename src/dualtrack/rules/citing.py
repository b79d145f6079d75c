"""What a rule or limit is made of: the names in its trees, and the facts it stands on."""

from __future__ import annotations

from typing import Literal

from dualtrack.rules.environment import Tree
from dualtrack.rules.labels import label_of
from dualtrack.rules.rulebook import Limit, Rule, Rulebook


def names_in(item: Rule | Limit, kind: Literal["fields", "parameters"]) -> tuple[str, ...]:
    """Names that the trees of a rule or limit use, each once."""
    if isinstance(item, Rule):
        trees: tuple[Tree, ...] = (item.in_force, item.condition)
    else:
        trees = (item.in_force, item.applies, item.weight, item.used, item.ceiling)
    return tuple(dict.fromkeys(name for tree in trees for name in getattr(tree, kind)()))


def facts_of(item: Rule | Limit, rulebook: Rulebook) -> tuple[str, ...]:
    """Ids of the facts behind a rule or limit: its own, those of its numbers, those of its conditions."""
    histories = [rulebook.parameters[name].history for name in names_in(item, "parameters")]
    numbers = [fact for history in histories for entry in history for fact in entry.facts]
    conditions = [fact for name in names_in(item, "fields") for fact in label_of(name).facts]
    return tuple(dict.fromkeys((*item.facts, *numbers, *conditions)))


def citing(fact_id: str, rulebook: Rulebook) -> tuple[str, ...]:
    """Ids of the rules and limits that stand on a fact."""
    return tuple(item.id for item in rulebook.items if fact_id in facts_of(item, rulebook))
