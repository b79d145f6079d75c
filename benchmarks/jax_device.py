"""Time the jitted months on whatever device jax has, beside numpy, and hold the two together.

Usage: python benchmarks/jax_device.py [PATHS ...]

Draws are made by numpy outside the kernel on every backend, so they are timed apart. "Months on the
device" starts with the inputs there and ends when the outputs are ready there.
"""

from __future__ import annotations

import sys
import time

import numpy as np

NUMPY_PATHS = 8192


def main() -> None:
    import jax

    jax.config.update("jax_enable_x64", True)
    from dualtrack.facts.book import load_book
    from dualtrack.scenarios.scenario import load_scenario
    from dualtrack.simulate.inputs import draw
    from dualtrack.simulate.kernel import compiled, given_by_month, run_jax, run_numpy
    from dualtrack.simulate.run import prepare

    sizes = [int(text) for text in sys.argv[1:]] or [8192, 65536, 262144]
    book = load_book()
    task = prepare(load_scenario("h200-truce", book), book)
    device = jax.devices()[0]
    print(f"device: {device.platform} {device.device_kind}, jax {jax.__version__}\n")

    drawn = draw(task.model, task.model.block(0, 1024))
    ours, theirs = run_numpy(task.model, drawn), run_jax(task.model, drawn)
    worst = max(
        float(np.max(np.abs(ours[name] - theirs[name])) / max(np.max(np.abs(ours[name])), 1e-300))
        for name in ours
        if name != "binding"
    )
    named = float(np.mean(ours["binding"] != theirs["binding"]))
    print(f"path-months whose binding limit is named differently (exact ties): {named:.1e}")
    print(
        f"largest difference from numpy on 1,024 paths, relative to each output's largest value: {worst:.1e}\n"
    )

    began = time.perf_counter()
    run_numpy(task.model, draw(task.model, task.model.block(0, 2048)))
    began = time.perf_counter()
    for start in range(0, NUMPY_PATHS, 2048):
        drawn = draw(task.model, task.model.block(start, 2048))
    draws = (time.perf_counter() - began) / NUMPY_PATHS
    began = time.perf_counter()
    for _ in range(NUMPY_PATHS // 2048):
        run_numpy(task.model, drawn)
    months = (time.perf_counter() - began) / NUMPY_PATHS
    print(f"numpy, one core: draws {1 / draws:,.0f} paths/s, months {1 / months:,.0f} paths/s\n")

    print(
        "| paths in a block | compile, s | months on the device, s | paths/s | times numpy | with transfers, paths/s |"
    )
    print("|---|---|---|---|---|---|")
    for paths in sizes:
        drawn = draw(task.model, task.model.block(0, paths))
        given = (drawn.values, drawn.law, given_by_month(task.model, drawn))
        there = jax.device_put(given)
        began = time.perf_counter()
        jax.block_until_ready(compiled(task.model)(*there))
        compiling = time.perf_counter() - began
        began = time.perf_counter()
        jax.block_until_ready(compiled(task.model)(*there))
        on_device = time.perf_counter() - began
        began = time.perf_counter()
        run_jax(task.model, drawn)
        whole = time.perf_counter() - began
        rate = paths / on_device
        print(
            f"| {paths:,} | {compiling - on_device:.1f} | {on_device:.3f} | {rate:,.0f} | {rate * months:,.0f} "
            f"| {paths / whole:,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
