"""The command line: parse, call, print. Exit 0 done, 1 the answer is no, 2 the input is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dualtrack.errors import DualtrackError
from dualtrack.version import __version__

app = typer.Typer(
    name="dualtrack",
    help="The controlled trade in AI accelerators: dated, cited rules, simulated over many futures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Facts = Annotated[
    list[Path] | None,
    typer.Option("--facts", help="A file of your own dated, sourced facts, laid over ours. Repeatable."),
]
KnownBy = Annotated[str | None, typer.Option("--known-by", help="See only what was known on this day.")]


def main() -> None:
    """Run a command; a user's mistake gets its message and exit 2, never a traceback."""
    try:
        app()
    except DualtrackError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    except MemoryError:
        print("Error: the run does not fit in memory. Use fewer --paths or --months.", file=sys.stderr)
        sys.exit(2)


def _interruptible(command: Callable[[], None]) -> None:
    """Run a command that Ctrl-C may end; by then its staging folder is gone."""
    try:
        command()
    except KeyboardInterrupt:
        print("Interrupted. Nothing was written.", file=sys.stderr)
        raise typer.Exit(130) from None


def _version(value: bool) -> None:
    if value:
        print(f"dualtrack {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command(epilog="Example: dualtrack run h200-truce --paths 2000 --set china.ratio=1 --out out")
def run(
    scenario: Annotated[str, typer.Argument(help="A shipped scenario or a YAML file.")] = "h200-truce",
    paths: Annotated[str | None, typer.Option(help="How many futures.")] = None,
    seed: Annotated[str | None, typer.Option(help="Seed of all draws.")] = None,
    months: Annotated[str | None, typer.Option(help="How many months.")] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change anything: a number, low:mid:high, a month, a name. Repeatable, the last of a key holds; see --keys.",
        ),
    ] = None,
    backend: Annotated[str, typer.Option(help="numpy, or jax (extra).")] = "numpy",
    workers: Annotated[str, typer.Option(help="Processes on this machine.")] = "1",
    chunk: Annotated[
        str | None, typer.Option(help="Paths simulated together; never changes a number.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write dataset, summary, tables and brief here.")] = None,
    file_format: Annotated[
        str, typer.Option("--format", help="Dataset as nc (NetCDF) or zarr (extra).")
    ] = "nc",
    exceed: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE[@PERIOD]", help="Give P(outcome > value), in a month or quarter."),
    ] = None,
    buyer: Annotated[str | None, typer.Option(help="Show one buyer.")] = None,
    seal_buyers: Annotated[bool, typer.Option(help="Name no buyer in the brief.")] = False,
    keys: Annotated[bool, typer.Option("--keys", help="List every key with range, unit and source.")] = False,
    facts: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a scenario month by month over many futures."""
    from dualtrack.commands import reference, running

    if keys:
        reference.list_keys(as_json)
        return
    simulate = partial(
        running.run,
        scenario,
        options={"paths": paths, "seed": seed, "months": months},
        changes=changes or [],
        facts=facts or [],
        engine={"backend": backend, "workers": workers, "chunk": chunk},
        out=out,
        file_format=file_format,
        exceed=exceed or [],
        buyer=buyer,
        sealed=seal_buyers,
        as_json=as_json,
    )
    _interruptible(simulate)


@app.command(epilog="Example: dualtrack brief out --out out")
def brief(
    result: Annotated[Path, typer.Argument(help="A saved result: the file, or the folder it lies in.")],
    out: Annotated[Path | None, typer.Option(help="Where to write; beside the result if not given.")] = None,
    seal_buyers: Annotated[bool, typer.Option(help="Name no buyer.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the report of a saved result: one self-contained HTML file, and Markdown."""
    from dualtrack.commands import running

    _interruptible(partial(running.brief, result, out, seal_buyers, as_json))


@app.command(epilog="Example: dualtrack audit out --sample 500")
def audit(
    result: Annotated[Path, typer.Argument(help="A saved result: the file, or the folder it lies in.")],
    sample: Annotated[
        str | None, typer.Option(help="Path-months solved as linear programs; 200 if not given.")
    ] = None,
    seed: Annotated[str, typer.Option(help="Which path-months.")] = "0",
    quick: Annotated[
        bool, typer.Option("--quick", help="Run only the paths of the sample again, not all.")
    ] = False,
    facts: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Compute a saved result a second time, part of it as linear programs; exit 1 if they disagree."""
    from dualtrack.commands.auditing import audit as hold

    def command() -> None:
        if not hold(result, sample=sample, seed=seed, quick=quick, facts=facts or [], as_json=as_json):
            raise typer.Exit(1)

    _interruptible(command)


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


@app.command(epilog="Example: dualtrack facts 'h200 inventory'")
def facts(
    query: Annotated[str, typer.Argument(help="Words to look for; all facts if none.")] = "",
    known_by: KnownBy = None,
    overlay: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Search the fact book."""
    from dualtrack.commands import reference

    reference.search_facts(query, known_by, overlay or [], as_json)


@app.command(epilog="Example: dualtrack cite nvidia.inventory.h200.2025_12")
def cite(
    fact: Annotated[str, typer.Argument(help="The id of a fact.")],
    known_by: KnownBy = None,
    overlay: Facts = None,
    as_json: AsJson = False,
) -> None:
    """Say where a number comes from: value, history, source, confidence, and what uses it."""
    from dualtrack.commands import reference

    reference.cite(fact, known_by, overlay or [], as_json)


@app.command(epilog="Example: dualtrack check --facts mine.yaml")
def check(
    overlay: Facts = None,
    write: Annotated[
        bool, typer.Option("--write", help="Bring the generated parts of the pages up to date.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check that facts, rules, scenarios and pages are sound; exit 1 if they are not."""
    from dualtrack.commands import checking

    if not checking.check(overlay or [], write, as_json):
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
