from __future__ import annotations

from datetime import date

from dualtrack.rules import (
    Rulebook,
    constant,
    declared,
    field,
    limit_sentence,
    param,
    rule_sentence,
    sentence,
    switched_on,
)
from dualtrack.rules.labels import label_of, labels

DAYS = (date(2023, 6, 1), date(2026, 2, 1))


def mentioned(name: str, said: str) -> bool:
    label = label_of(name)
    words = (label.yes, label.no) if label.yes else (label.label,)
    return any(word.lower() in said.lower() for word in words)


def test_a_threshold_is_said_with_its_value_and_name(rulebook: Rulebook):
    said = sentence(field("chip.tpp") < param("us.review.tpp_ceiling"), rulebook.parameters_on(DAYS[1]))
    assert said == "The chip's total processing performance is below 21,000 (us.review.tpp_ceiling)."


def test_not_and_or_are_said_plainly():
    tree = ~declared("order.kyc") | ~(
        (field("china.gate") == constant(2)) & switched_on("us.review.in_force")
    )
    assert sentence(tree) == (
        "The consignee does not screen its customers for unauthorised remote access or it is not so that "
        "(the Chinese gate is in quota and case-by-case review is in force (us.review.in_force))."
    )


def test_a_product_of_a_sum_keeps_its_brackets():
    assert sentence(field("x") * (field("y") + 1) < 2) == "X times (y plus 1) is below 2."


def test_every_rule_mentions_every_field_and_parameter_of_its_tree(rulebook: Rulebook):
    for rule in rulebook.rules:
        trees = (rule.in_force, rule.condition)
        parameters = [name for tree in trees for name in tree.parameters()]
        for values in (None, *(rulebook.parameters_on(day) for day in DAYS)):
            if values is not None and not all(name in values for name in parameters):
                continue
            said = rule_sentence(rule, values)
            for tree in trees:
                assert all(mentioned(name, said) for name in tree.fields()), rule.id
            assert all(name in said for name in parameters), rule.id


def test_every_limit_mentions_every_field_and_parameter(rulebook: Rulebook):
    for limit in rulebook.limits:
        said = limit_sentence(limit)
        for tree in (limit.in_force, limit.weight, limit.used, limit.ceiling):
            assert all(mentioned(name, said) for name in tree.fields()), limit.id
            assert all(name in said for name in tree.parameters()), limit.id


def test_every_field_of_the_rulebook_has_words(rulebook: Rulebook):
    trees = [tree for rule in rulebook.rules for tree in (rule.in_force, rule.condition)]
    for limit in rulebook.limits:
        trees += [limit.in_force, limit.applies, limit.weight, limit.used, limit.ceiling]  # type: ignore[list-item]
    used = {name for tree in trees for name in tree.fields()}
    assert used <= set(labels())
    steps = {name for rule in rulebook.rules for name in rule.steps}
    assert steps <= set(labels())
    known = used | steps | set(rulebook.parameters)
    assert set(labels()) <= known, "labels that no rule uses"
