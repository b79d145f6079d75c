"""Time a study of drivers: `N` base points over all inputs, `N` x (inputs + 2) rows.

Usage: python benchmarks/drivers.py [N] [WORKERS]
"""

from __future__ import annotations

import resource
import sys
import time


def measured(base: int, workers: int) -> dict[str, float]:
    """Rows, seconds of simulation and of estimation, and peak memory of this process in MB."""
    from dualtrack.facts.book import load_book
    from dualtrack.parallel import Where
    from dualtrack.scenarios.scenario import load_scenario
    from dualtrack.simulate.run import prepare
    from dualtrack.study.drivers import asked_of, simulate_drivers
    from dualtrack.study.drivers_document import drivers_document

    book = load_book()
    scenario = load_scenario("h200-truce", book)
    asked = asked_of(scenario.month_labels, base=base)
    began = time.perf_counter()
    simulated = simulate_drivers(prepare(scenario, book), asked, where=Where(workers))
    simulation = time.perf_counter() - began
    drivers_document(simulated, "")
    return {
        "inputs": len(simulated.factors),
        "rows": simulated.design.rows,
        "simulation_s": simulation,
        "estimates_s": time.perf_counter() - began - simulation,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    base, workers = (int(word) for word in [*sys.argv[1:3], *("1024", "2")[len(sys.argv[1:3]) :]])
    found = measured(base, workers)
    print(
        f"drivers, N = {base:,}, {workers} workers: {found['inputs']:.0f} inputs, {found['rows']:,.0f} rows"
    )
    print(
        f"simulation {found['simulation_s']:.1f} s, estimates {found['estimates_s']:.1f} s, {found['memory_mb']:.0f} MB"
    )


if __name__ == "__main__":
    main()
