"""The duty through which the United States takes its share of chips bound for China.

Issued by presidential proclamation of 14 January 2026 under section 232 of the Trade Expansion Act.
It takes 25 % of the customs value of chips in two narrow bands that enter the US for other than US use. Uses in the United
States, consumer and civil industrial uses outside data centres are exempt.
Cited: HTSUS 9903.79.01 to .09, US note 39; no drawback on export.
"""

from __future__ import annotations

from dualtrack.rules.arrays import Array
from dualtrack.rules.conditions import ALWAYS, Condition, Named, declared, switched_on
from dualtrack.rules.environment import Environment
from dualtrack.rules.rulebook import Rule, Subject
from dualtrack.rules.terms import field, param

SUBJECT = Subject("us.tariff", ("no_levy", "levy_due"))

_tpp = field("chip.tpp")
_dram_bandwidth = field("chip.dram_bandwidth_gbps")


def _band(name: str) -> Condition:
    return (
        (_tpp > param(f"us.levy.{name}.tpp_above"))
        & (_tpp < param(f"us.levy.{name}.tpp_below"))
        & (_dram_bandwidth > param(f"us.levy.{name}.dram_bandwidth_above"))
        & (_dram_bandwidth < param(f"us.levy.{name}.dram_bandwidth_below"))
    )


# A chip exported from the US has entered for other than US use; from elsewhere it never enters.
BANDS = {1: _band("band_1"), 2: _band("band_2")}
IN_BANDS = Named("the chip is in a duty band", "the chip is in no duty band", BANDS[1] | BANDS[2])
_exported = declared("order.exported_from_us")
_exempt = declared("order.levy_exempt_use")
LEVY_DUE = IN_BANDS & _exported & ~_exempt

_in_force = switched_on("us.levy.in_force")
_CITATION = "Proclamation of 14 January 2026; HTSUS 9903.79.01 to .09, US note 39"

RULES = (
    Rule("us.levy.due", "us.tariff", LEVY_DUE, "levy_due", _CITATION, ("export.s232.header",), _in_force),
    Rule(
        "us.levy.outside",
        "us.tariff",
        ~IN_BANDS | ~_exported | _exempt,
        "no_levy",
        _CITATION,
        ("export.s232.gap", "export.s232.exemptions"),
        _in_force,
    ),
    Rule(
        "us.levy.not_yet",
        "us.tariff",
        ALWAYS,
        "no_levy",
        "no such duty before 15 January 2026",
        ("export.s232.header",),
        ~_in_force,
    ),
)


def levy_rate(environment: Environment) -> Array:
    """Duty as a fraction of customs value; 0 where none is due."""
    due = RULES[0].holds(environment)
    return due * environment.parameter("us.levy.rate")
