"""The law as values: conditions, dated parameters, rules, limits, and the amendments of a scenario."""

from dualtrack.rules.conditions import ALWAYS, Bounds, Condition, declared, switched_on
from dualtrack.rules.environment import Environment, Finding, Span
from dualtrack.rules.load import load_rulebook
from dualtrack.rules.parameters import Dated, NoValueInForce, Parameter, ParameterValues, Unpublished
from dualtrack.rules.rulebook import Amendment, Limit, Row, Rule, Rulebook, Subject
from dualtrack.rules.states import CHINA_STATES, US_STATES, gate_amendments, state_parameters
from dualtrack.rules.terms import Term, constant, field, param
from dualtrack.rules.us_tariff import levy_rate
from dualtrack.rules.wording import limit_sentence, rule_sentence, sentence

__all__ = [
    "ALWAYS",
    "CHINA_STATES",
    "US_STATES",
    "Amendment",
    "Bounds",
    "Condition",
    "Dated",
    "Environment",
    "Finding",
    "Limit",
    "NoValueInForce",
    "Parameter",
    "ParameterValues",
    "Row",
    "Rule",
    "Rulebook",
    "Span",
    "Subject",
    "Term",
    "Unpublished",
    "constant",
    "declared",
    "field",
    "gate_amendments",
    "levy_rate",
    "limit_sentence",
    "load_rulebook",
    "param",
    "rule_sentence",
    "sentence",
    "state_parameters",
    "switched_on",
]
