"""What a user is told when something is wrong: in words on a page, in a document by the interface."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from python_multipart.exceptions import FormParserError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dualtrack.errors import DualtrackError, Fault
from dualtrack.web.requests import Gone, is_fragment
from dualtrack.web.service.faults import WRONG_INPUT, ServiceFault, status_of
from dualtrack.web.templating import fragment, page

API = "/api/v1"
NO_FORM = 400
CLIENT_CLOSED = 499  # nobody reads it; it stands in the log
OURS = "This failed through a fault of ours. The server's log says where."
WORDS = {404: "There is no such page.", 405: "This address does not take that kind of request."}


def tell_faults(app: FastAPI) -> None:
    """Let every fault end in words; never a traceback in a browser."""
    app.add_exception_handler(DualtrackError, _of_input)
    app.add_exception_handler(RequestValidationError, _of_form)
    app.add_exception_handler(HTTPException, _of_address)
    # Older versions of the framework let it through.
    app.add_exception_handler(FormParserError, _of_body)
    app.add_exception_handler(Gone, _gone)
    app.add_middleware(_Caught)


def fault_response(request: Request, text: str, status: int, faults: Sequence[Fault] = ()) -> Response:
    """The words as a document, a part of a page or a page, whichever was asked for.

    Args:
        faults: What the text gathers; each is shown by the field that it is about.
    """
    if request.url.path.startswith(API):
        listed = [{"about": fault.about, "text": str(fault)} for fault in faults]
        return JSONResponse({"error": text, "faults": listed}, status)
    title = text.partition("\n")[0] if faults else text
    context = {"text": title, "items": [(fault.about or "", str(fault)) for fault in faults]}
    if is_fragment(request):
        return fragment("fault_part.html.j2", status=status, **context)
    return page(request, "fault.html.j2", status=status, page="", **context)


def fault_items(error: DualtrackError, labels: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """The title of an error, and each of its faults with the field that it is about; an empty name where there is none.

    Args:
        labels: What a page calls the fields.
    """
    if not error.faults:
        return str(error), []
    return str(error).partition("\n")[0], [
        (fault.about or "", _told(fault, labels)) for fault in error.faults
    ]


def _told(fault: Fault, labels: Mapping[str, str]) -> str:
    label = labels.get(fault.about or "")
    if label is None or fault.what[:1].isupper():
        return fault.what[:1].upper() + fault.what[1:]
    return f"{label} {fault.what}" if fault.what.startswith("is ") else f"{label}: {fault.what}"


async def _of_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, DualtrackError)
    return fault_response(request, str(error), status_of(error), error.faults)


async def _of_form(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    lines = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    return fault_response(request, "The request cannot be used.\n" + "\n".join(lines), WRONG_INPUT)


async def _of_body(request: Request, error: Exception) -> Response:
    return fault_response(request, f"There was an error parsing the body: {error}.", NO_FORM)


async def _of_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, ServiceFault):
        # A body that was too large is told of by what reads forms as one that cannot be read.
        return await _of_input(request, error.__cause__)
    response = fault_response(request, WORDS.get(error.status_code, str(error.detail)), error.status_code)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=CLIENT_CLOSED)


class _Caught:
    """Tell of faults of ours from inside the other middleware, so that this response too has its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception:
            if scope["type"] != "http" or begun:
                raise
            request = Request(scope, receive)
            logging.getLogger("dualtrack.web").exception("%s %s", request.method, request.url.path)
            await fault_response(request, OURS, 500)(scope, receive, send)
