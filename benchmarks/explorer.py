"""The explorer as its users have it: first paint, a slider's answer, and twenty users at once.

Starts `dualtrack serve` with two workers and a headless Chromium; needs the extras web and dev. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "web"))
from browser import browsing, served, watched

EVERY_SECONDS = 3.0
MOVES = 15
PAINTS = 10
WARM_SECONDS = 10  # the workers import and build in the meantime, as they do before a user has found the page
SEED = 20261126
# What a user moves: keys with the ends of their sliders.
SLIDERS = {
    "us.share_limit": (0.05, 2.0),
    "china.ratio": (0.0, 5.0),
    "us.levy_rate": (0.0, 1.0),
    "china.batch_units": (50_000, 1_000_000),
    "demand.realism": (0.05, 1.0),
}
FRAGMENT = {"HX-Request": "true"}
# From the input to the first new answer in the page, and until its charts are drawn.
WATCH = """
(value) => new Promise((resolve) => {
  const field = document.getElementsByName("us.share_limit")[0];
  const began = performance.now();
  let answered = 0;
  const look = () => {
    const shown = document.querySelector("#results .changes")?.textContent ?? "";
    if (!answered && shown.includes(`us.share_limit=${value}`)) answered = performance.now() - began;
    const charts = [...document.querySelectorAll("#results .chart")];
    const source = document.querySelector("#results script.spec")?.textContent;
    if (answered && charts.length && window.drawnFor !== source && charts.every((chart) => chart.querySelector("svg"))) {
      requestAnimationFrame(() => resolve([answered, performance.now() - began]));
      window.drawnFor = source;
      return;
    }
    requestAnimationFrame(look);
  };
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  look();
})
"""


@dataclass
class Load:
    """What the users of the load met."""

    waits: list[float] = field(default_factory=list)
    refined: int = 0
    errors: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with served("--workers", "2") as address:
        time.sleep(WARM_SECONDS)
        paints, answers, drawn = in_browser(address)
        load = asyncio.run(crowd(address, options.users, options.seconds))
    terminal = at_terminal()
    print("| what | measured | wanted |\n|---|---|---|")
    print(f"| first paint of /explore, cold browser | {spread(paints)} | under 1 s |")
    for name, times in (("the first answer is in the page", answers), ("its charts are drawn", drawn)):
        print(f"| a slider moves, until {name} | {spread(times)} | under 0.5 s |")
    print(
        f"| {options.users} users, each a move every {EVERY_SECONDS:.0f} s for {options.seconds:.0f} s: {len(load.waits)} first answers, "
        f"{load.refined} refined | {spread(load.waits)} | p95 under 3 s |"
    )
    print(f"| errors among them | {len(load.errors)} | 0 |")
    print(
        f"| the same first answer at the terminal: `dualtrack run --paths 512 --json` | {spread(terminal)} | |"
    )
    ratio = statistics.median(terminal) / statistics.median(answers)
    print(f"\nA slider's first answer is there {ratio:.1f} times as soon as the command's.")
    for error in load.errors[:10]:
        print(error)


def in_browser(address: str) -> tuple[list[float], list[float], list[float]]:
    """Seconds to first paint, to a slider's first answer, and to its charts."""
    paints, answers, drawn = [], [], []
    with browsing() as browser:
        for _ in range(PAINTS):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page, _ = watched(context)
            page.goto(f"{address}/explore")
            page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            paints.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") / 1000
            )
            context.close()
        page, watch = watched(browser.new_context(viewport={"width": 1440, "height": 900}))
        page.goto(f"{address}/explore")
        page.wait_for_selector("#results .chart svg")
        for move in range(MOVES):
            page.wait_for_timeout(1500)
            answered, shown = page.evaluate(WATCH, str(round(0.11 + 0.1 * move, 2)))
            answers.append(answered / 1000)
            drawn.append(shown / 1000)
        assert not watch.errors, watch.errors
    return paints, answers, drawn


async def crowd(address: str, users: int, seconds: float) -> Load:
    """Many users at once, each with a browser's requests: the first answer, then the refined one until the next move."""
    load = Load()
    end = time.monotonic() + seconds
    await asyncio.gather(*(_user(address, number, end, load) for number in range(users)))
    return load


async def _user(address: str, number: int, end: float, load: Load) -> None:
    luck = random.Random(SEED + number)
    await asyncio.sleep(luck.uniform(0, EVERY_SECONDS))
    async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
        await _asked(load, lambda: client.get("/explore"))
        while time.monotonic() < end:
            began = time.monotonic()
            key = luck.choice(list(SLIDERS))
            state = {"scenario": "h200-truce", key: f"{luck.uniform(*SLIDERS[key]):.4g}"}
            if await _asked(load, lambda state=state: client.get("/explore", params=state, headers=FRAGMENT)):
                load.waits.append(time.monotonic() - began)
            left = max(0.0, began + EVERY_SECONDS - time.monotonic())
            try:
                fine = {**state, "refine": "1"}
                await asyncio.wait_for(
                    _asked(load, lambda fine=fine: client.get("/explore", params=fine, headers=FRAGMENT)),
                    left,
                )
                load.refined += 1
            except TimeoutError:
                continue  # the next move comes first, as it does in the browser
            await asyncio.sleep(max(0.0, began + EVERY_SECONDS - time.monotonic()))


async def _asked(load: Load, ask: Callable[[], Awaitable[httpx2.Response]]) -> bool:
    try:
        response = await ask()
    except httpx2.HTTPError as error:
        load.errors.append(repr(error))
        return False
    if response.status_code != 200:
        load.errors.append(f"{response.status_code}: {response.text[:200]}")
    return response.status_code == 200


def at_terminal() -> list[float]:
    """Seconds of the command with as many paths."""
    times = []
    for number in range(3):
        began = time.monotonic()
        command = [sys.executable, "-m", "dualtrack", "run", "--paths", "512", "--json"]
        subprocess.run([*command, "--set", f"us.share_limit=0.{number + 3}"], check=True, capture_output=True)
        times.append(time.monotonic() - began)
    return times


def spread(times: list[float]) -> str:
    """Median, 95th percentile and largest, in seconds."""
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"median {statistics.median(ordered):.2f} s, p95 {p95:.2f} s, most {ordered[-1]:.2f} s"


if __name__ == "__main__":
    main()
