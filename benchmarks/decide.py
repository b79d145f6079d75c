"""Deciding a million orders: seconds and memory, and what the same orders cost one at a time.

python benchmarks/decide.py [ROWS]
"""

from __future__ import annotations

import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dualtrack.decide.batch import decide_rows
from dualtrack.decide.decision import decide
from dualtrack.decide.document import decision_document
from dualtrack.decide.question import law_on
from dualtrack.entities import Order, find_buyer, find_chip, load_buyers, load_chips
from dualtrack.facts.book import load_book
from dualtrack.rules import load_rulebook
from dualtrack.rules.fields import DESTINATIONS

ONE_BY_ONE = 300
HEADER = ("order", "chip", "buyer", "units", "destination", "price_usd", "kyc", "third_party_test")


def write_orders(path: Path, rows: int) -> None:
    """Random orders: any chip that passes a gate, any buyer, a third of the declarations blank."""
    rng = random.Random(1)
    chips = [chip.id for chip in load_chips().values() if chip.country != "CN"]
    buyers = [buyer.id for buyer in load_buyers()]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            writer.writerow(
                (
                    f"o{number}",
                    rng.choice(chips),
                    rng.choice(buyers),
                    rng.randint(1, 90_000),
                    rng.choice(DESTINATIONS),
                    rng.choice(("", "27000")),
                    rng.choice(("yes", "no", "")),
                    rng.choice(("yes", "no", "")),
                )
            )


def one_by_one(path: Path, count: int) -> float:
    """Seconds for one order, each decided in full as `dualtrack decide` does."""
    book = load_book()
    law = law_on(load_rulebook(book), book)
    with path.open() as file:
        rows = [row for _, row in zip(range(count), csv.DictReader(file), strict=False)]
    began = time.perf_counter()
    for row in rows:
        said = {f"order.{name}": row[name] == "yes" for name in ("kyc", "third_party_test") if row[name]}
        price = float(row["price_usd"]) if row["price_usd"] else None
        chip, buyer = find_chip(row["chip"]), find_buyer(row["buyer"])
        order = Order(chip, buyer, int(row["units"]), row["destination"], "commercial", price, said)
        decision_document(decide(order, law))
    return (time.perf_counter() - began) / count


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "orders.csv", Path(folder) / "decided.csv"
        write_orders(path, rows)
        command = [
            str(Path(sys.executable).parent / "dualtrack"),
            "decide",
            "--batch",
            str(path),
            "--out",
            str(out),
        ]
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        whole = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        book = load_book()
        law = law_on(load_rulebook(book), book)
        began = time.perf_counter()
        decided = decide_rows(path, law, {})
        inside = time.perf_counter() - began
        single = one_by_one(path, min(ONE_BY_ONE, rows))
    print(f"| {rows:,} rows, {len(decided.together):,} different questions | seconds | rows/s |")
    print("|---|---|---|")
    print(f"| `decide --batch --out`, start to file | {whole:.2f} | {rows / whole:,.0f} |")
    print(f"| reading and deciding alone | {inside:.2f} | {rows / inside:,.0f} |")
    print(
        f"| one at a time, all reasons given | {single * rows:,.0f} (by {ONE_BY_ONE}) | {1 / single:,.0f} |"
    )
    print(
        f"\nPeak memory of the command: {memory:,.0f} MB. In a batch {single * rows / whole:,.0f} times as fast."
    )


if __name__ == "__main__":
    main()
