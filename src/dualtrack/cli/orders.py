"""One order, many orders, chips and rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dualtrack.cli.options import AsJson, Facts, app


@app.command(epilog="Example: dualtrack decide --chip H200 --buyer bytedance --units 60000 --declare kyc=yes")
def decide(
    file: Annotated[
        Path | None, typer.Argument(metavar="[ORDER.yaml]", help="A file with the order.")
    ] = None,
    chip: Annotated[str | None, typer.Option(help="Id or alias in the catalogue.")] = None,
    buyer: Annotated[str | None, typer.Option(help="Id in the catalogue.")] = None,
    units: Annotated[str | None, typer.Option(help="How many.")] = None,
    destination: Annotated[
        str | None, typer.Option(help="mainland, hong-kong or offshore; mainland if not given.")
    ] = None,
    end_use: Annotated[
        str | None,
        typer.Option(
            help="commercial, research, government or military; by the class of the buyer if not given."
        ),
    ] = None,
    price: Annotated[str | None, typer.Option(help="USD a unit; the catalogue's if not given.")] = None,
    on: Annotated[str | None, typer.Option(help="Under the law of this day.")] = None,
    declare: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=yes|no", help="A declaration; what is left out is missing. Repeatable."),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            help="CSV of what was licensed and shipped: date, buyer, chip, units, stage, destination."
        ),
    ] = None,
    us_units: Annotated[
        str | None, typer.Option(help="Units of the product shipped for use in the United States.")
    ] = None,
    ratio: Annotated[str | None, typer.Option(help="Domestic chips per imported chip.")] = None,
    batch: Annotated[
        Path | None, typer.Option(help="Decide every row of a CSV or XLSX: chip, buyer, units, and more.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="With --batch: write the decided rows here, as CSV.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page as Markdown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide an order: outcome at each gate, findings, headroom, duty; exit 1 if it may not ship."""
    from dualtrack.commands import deciding

    options = {
        "chip": chip,
        "buyer": buyer,
        "units": units,
        "destination": destination,
        "end_use": end_use,
        "price_usd": price,
        "on": on,
        "ledger": ledger,
        "us_units": us_units,
        "ratio": ratio,
    }
    if batch is not None or out is not None:
        deciding.decide_batch(batch, out, file, options, declare or [], as_json, markdown)
        return
    if not deciding.decide_order(file, options, declare or [], markdown, as_json):
        raise typer.Exit(1)


@app.command(
    epilog="Example: dualtrack allocate orders.csv --stock stock.csv --policy max-min --out allocation.xlsx"
)
def allocate(
    orders: Annotated[
        Path,
        typer.Argument(metavar="ORDERS", help="CSV or XLSX: order, buyer, chip, units, price, and more."),
    ],
    stock: Annotated[Path, typer.Option(help="CSV or XLSX of what comes in: chip, month, units.")],
    limits: Annotated[
        Path | None, typer.Option(help="YAML: limits changed, what is used up already, buyers of your own.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="value, compute, max-min, pro-rata or priority; value if not given.")
    ] = None,
    level: Annotated[
        str | None, typer.Option(help="What max-min raises: share (of what was asked; the default) or units.")
    ] = None,
    lot: Annotated[str | None, typer.Option(help="Deliver whole lots of so many units.")] = None,
    seconds: Annotated[str | None, typer.Option(help="Time for the search for whole lots; 60.")] = None,
    on: Annotated[str | None, typer.Option(help="Under the law of this day.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the tables here: .csv, .xlsx or .json.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw stock to buyers here: .svg or .png.")] = None,
    facts: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Share out a stock among orders: who gets what, what binds, what one more unit is worth; exit 1 if promises clash."""
    from dualtrack.commands.allocating import allocate as share_out

    options = {"policy": policy, "level": level, "lot": lot, "seconds": seconds, "on": on}
    if not share_out(
        orders,
        stock,
        limits,
        options=options,
        facts=tuple(facts or ()),
        out=out,
        plot=plot,
        as_json=as_json,
    ):
        raise typer.Exit(1)


@app.command(epilog="Example: dualtrack classify H20 L20 mychips.yaml --on 2024-06-01")
def classify(
    chips: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CHIP ...]", help="Ids, aliases, or YAML files of your own; the whole catalogue if none."
        ),
    ] = None,
    on: Annotated[str | None, typer.Option(help="Under the law of this day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Hold chips against every threshold: paragraph, exception, window with margins, duty band, letters."""
    from dualtrack.commands import classifying

    classifying.classify_chips(chips or [], on, as_json)


@app.command(epilog="Example: dualtrack explain us.review.case_by_case")
def explain(
    rule: Annotated[
        str | None, typer.Argument(help="The id of a rule or limit; a list of all if none.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page as Markdown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say a rule as a sentence, with its parameters, dates, sources, amendments and a worked example."""
    from dualtrack.commands import explaining

    explaining.explain(rule, markdown, as_json)
