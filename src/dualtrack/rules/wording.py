"""A rule's tree as a plain English sentence."""

from __future__ import annotations

from dualtrack.rules.conditions import Condition, Either, Joined, Leaf, Named, Not
from dualtrack.rules.environment import Parameters, Tree
from dualtrack.rules.rulebook import Limit, Rule


def sentence(condition: Condition, parameters: Parameters | None = None) -> str:
    """The condition in words.

    Args:
        condition: Any tree.
        parameters: The numbers of a day, to be quoted beside their names; names alone otherwise.

    >>> from dualtrack.rules import field, param
    >>> sentence(field("chip.tpp") < param("us.review.tpp_ceiling"), {"us.review.tpp_ceiling": 21000})
    "The chip's total processing performance is below 21,000 (us.review.tpp_ceiling)."
    """
    return _finished(_clause(condition, parameters)) + _definitions((condition,), parameters)


def rule_sentence(rule: Rule, parameters: Parameters | None = None) -> str:
    """The rule in words: when it is in force, what it asks, what follows."""
    asked = _clause(rule.condition, parameters)
    outcome = rule.outcome.replace("_", " ")
    condition = f"if {asked}, " if asked else ""
    said = _finished(f"{_while(rule.in_force, parameters)}{condition}the outcome is {outcome}")
    return said + _definitions((rule.in_force, rule.condition), parameters)


def limit_sentence(limit: Limit, parameters: Parameters | None = None) -> str:
    """The limit in words: what is counted, over whom and how long, up to what."""
    scope = {"total": "over all buyers", "buyer": "for each buyer"}[limit.scope]
    span = {"cumulative": "since the start", "month": "in the month"}[limit.per]
    used, ceiling = limit.used.text(parameters), limit.ceiling.text(parameters)
    grown = f"{used} plus {limit.weight.text(parameters)} for each further unit"
    said = f"{_while(limit.in_force, parameters)}{scope} and {span}, {grown} stays at or below {ceiling}"
    return _finished(said) + _definitions((limit.in_force,), parameters)


def _while(in_force: Condition, parameters: Parameters | None) -> str:
    clause = _clause(in_force, parameters)
    return f"while {clause}: " if clause else ""


def _clause(condition: Condition, parameters: Parameters | None, nested: bool = False) -> str:
    if isinstance(condition, Leaf):
        return condition.text(parameters)
    if isinstance(condition, Not):
        if isinstance(condition.inner, Leaf):
            return condition.inner.text(parameters, negated=True)
        if isinstance(condition.inner, Named):
            return condition.inner.no
        return f"it is not so that ({_clause(condition.inner, parameters)})"
    if isinstance(condition, Named):
        return condition.yes
    if isinstance(condition, Joined):
        word = " or " if isinstance(condition, Either) else " and "
        text = word.join(_clause(part, parameters, nested=True) for part in condition.parts)
        return f"({text})" if nested and len(condition.parts) > 1 else text
    raise TypeError(f"A {type(condition).__name__} has no words. Teach wording.py to say it.")


def _definitions(trees: tuple[Condition, ...], parameters: Parameters | None) -> str:
    named = dict.fromkeys(found for tree in trees for found in _named(tree))
    return "".join(f" {_finished(f'{each.yes} if {_clause(each.inner, parameters)}')}" for each in named)


def _named(tree: Tree) -> list[Named]:
    below = [found for child in tree.children() for found in _named(child)]
    return [tree, *below] if isinstance(tree, Named) else below


def sentence_case(text: str) -> str:
    """The text with its first letter raised."""
    return f"{text[:1].upper()}{text[1:]}"


def _finished(text: str) -> str:
    return f"{sentence_case(text)}."
