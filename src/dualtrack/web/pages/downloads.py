"""Downloads: the files of a run of the settings in the address."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from dualtrack.web.files import start_files
from dualtrack.web.jobs.files import SCENARIO
from dualtrack.web.pages.tasks import task_strip
from dualtrack.web.reading import reading_of, told, with_paths
from dualtrack.web.requests import service_of
from dualtrack.web.service.faults import WRONG_INPUT
from dualtrack.web.templating import page

router = APIRouter()

# What each file is for; in the order of the page.
FILES = (
    ("brief.html", "The report: one self-contained page with every chart, number, assumption and source."),
    ("brief.md", "The same as Markdown."),
    ("quarterly.xlsx", "Headline outcomes by quarter, with intervals, as a workbook."),
    ("quarterly.csv", "The same as CSV."),
    ("result.nc", "Every outcome by month and path, labelled, as NetCDF; open it with xarray."),
    ("summary.json", "Quantiles and probabilities, as the command prints them with --json."),
    (SCENARIO, "The settings as a scenario file, for dualtrack run."),
)


@router.get("/downloads")
async def downloads(request: Request) -> Response:
    """What there is to have, with a button that starts the run."""
    reading = reading_of(request)
    limits = service_of(request).limits
    return page(
        request,
        "downloads.html.j2",
        status=WRONG_INPUT if reading.faults else 200,
        page="downloads",
        state=with_paths(reading.state, limits),
        faults=told(reading),
        files=FILES,
        most_paths=limits.most_paths,
    )


@router.post("/downloads")
async def start(request: Request) -> Response:
    """Start the run, and show how far it is."""
    return task_strip(request, start_files(request, reading_of(request).checked()))


@router.get("/downloads/scenario.yaml")
async def scenario(request: Request) -> PlainTextResponse:
    """The settings as a scenario file, at once."""
    state = reading_of(request).checked()
    return PlainTextResponse(
        state.yaml(),
        media_type="application/yaml",
        headers={"Content-Disposition": f'attachment; filename="{SCENARIO}"'},
    )
