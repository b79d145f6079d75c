"""Random orders, for tests of what holds for all of them."""

from __future__ import annotations

from hypothesis import strategies as st
from tests.decide.orders import LAST_DAY, firm, mine

from dualtrack.decide.declarations import declarable
from dualtrack.entities import load_buyers, load_chips
from dualtrack.rules.fields import DESTINATIONS, END_USES

CHIPS = [chip for chip in load_chips().values() if chip.country != "CN"]
# Band b, a chip beside data centres, and figures that are unknown or straddle a line.
OWN_CHIPS = [
    mine(
        {
            "dense_tflops": {"fp8": 400},
            "die_area_mm2": 800,
            "memory_bandwidth_gbps": 2000,
            "interconnect_gbps": 400,
            "commercially_available_us": True,
        }
    ),
    mine(
        {
            "dense_tflops": {"fp8": 700},
            "die_area_mm2": 600,
            "memory_bandwidth_gbps": 1000,
            "interconnect_gbps": 64,
            "designed_for_data_centre": False,
        }
    ),
    mine({"dense_tflops": {"fp8": 2500}, "memory_bandwidth_gbps": 6000}),
    mine({}),
]
BUYERS = [
    *load_buyers(),
    firm(),
    firm(headquarters="SG"),
    firm(headquarters="SG", military_links=None, listed=None, state_funded=None, state_owned=None),
    firm(listed_owner_share=0.6),
]
DAYS = (
    *("2022-01-01", "2022-08-26", "2022-10-07", "2023-06-01", "2023-11-17", "2024-06-01", "2025-04-09"),
    *("2025-08-11", "2025-08-17", "2025-10-15", "2025-11-10", "2026-01-07", "2026-01-13", "2026-01-15"),
    *("2026-01-28", LAST_DAY),
)

chips = st.sampled_from([*CHIPS, *OWN_CHIPS])
buyers = st.sampled_from(BUYERS)
days = st.sampled_from(DAYS)
destinations = st.sampled_from(DESTINATIONS)
end_uses = st.sampled_from(END_USES)
declarations = st.dictionaries(st.sampled_from(declarable()), st.booleans(), max_size=12)
