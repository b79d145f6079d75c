"""The explorer's files are whole, licensed and served; its pages hold to a policy without inline scripts and styles."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import jinja2
import markupsafe
import pytest
from starlette.applications import Starlette

from dualtrack.errors import DataFault
from dualtrack.report.sections import Section
from dualtrack.report.theme import PAGE_INK
from dualtrack.web.assets import STATIC, VENDOR, asset_address, check_assets, mount_assets, read_assets

ROOT = Path(__file__).parents[2]
TEMPLATES = STATIC.parent / "templates"
SECTION = Section(
    "Numbers", ("Half of 6.6×10^26.",), ("Name", "Units"), (("a <b>", "12k"), ("c", "3.4M")), (1,)
)
FIGURE = {
    "name": "delivered",
    "title": "Units & more",
    "reading": "Half arrive <late>.",
    "how_to_read": "line: median",
    "spec": {"data": {"values": [{"text": "</script><script>alert(1)</script>"}]}, "mark": "bar"},
}


def environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["raised"] = lambda text: markupsafe.escape(text)
    pages = (("explore", "/explore", "Explore"), ("facts", "/facts", "Facts"))
    made.globals |= {"asset": asset_address, "version": "1.2.3", "pages": pages}
    return made


def rendered(body: str, **context: Any) -> str:
    names = re.findall(r"{% macro ([a-z]\w*)\(", (TEMPLATES / "macros.html.j2").read_text(encoding="utf-8"))
    head = f'{{% extends "base.html.j2" %}}{{% from "macros.html.j2" import {", ".join(names)} %}}{{% block main %}}'
    return environment().from_string(head + body + "{% endblock %}").render(page="facts", **context)


class Parts(HTMLParser):
    """Start tags with their attributes, and the texts inside scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._inside_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside_script = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._inside_script = False

    def handle_data(self, data: str) -> None:
        if self._inside_script:
            self.scripts.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_libraries_are_as_shipped() -> None:
    check_assets()


def test_an_altered_a_missing_and_an_unlicensed_library_are_all_named(tmp_path: Path) -> None:
    copy = tmp_path / "vendor"
    shutil.copytree(VENDOR, copy)
    (copy / "htmx.min.js").write_text("altered", encoding="utf-8")
    (copy / "vega.min.js").unlink()
    (copy / "vega-lite.LICENSE.txt").unlink()
    with pytest.raises(DataFault) as caught:
        check_assets(copy)
    text = str(caught.value)
    assert "(3 faults)" in text
    for name in ("htmx.min.js: has sha256", "vega.min.js: is missing", "vega-lite.LICENSE.txt: is missing"):
        assert name in text


def test_every_library_is_listed_with_its_version_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").lower()
    script = (ROOT / "tools" / "assets.sh").read_text(encoding="utf-8")
    for asset in read_assets():
        assert f"{asset.package.removesuffix('.org')} {asset.version}" in notice
        assert asset.licence_file.lower() in notice
        assert f"={asset.version}\n" in script


def test_nothing_lies_in_the_folder_of_libraries_that_the_list_does_not_name() -> None:
    listed = {name for asset in read_assets() for name in (asset.file, asset.licence_file)}
    assert {path.name for path in VENDOR.iterdir()} == listed | {"assets.json"}


def test_no_file_points_to_a_map_or_needs_eval_of_ours() -> None:
    for path in [*VENDOR.glob("*.js"), *STATIC.glob("*.js")]:
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path.name
    for path in STATIC.glob("*.js"):
        assert not re.search(
            r"\beval\(|new Function|innerHTML\s*=|setAttribute\(\"style\"", path.read_text()
        ), path.name


def test_the_charts_script_replaces_the_ink_of_the_reports_charts() -> None:
    assert f"/{PAGE_INK}/g" in (STATIC / "charts.js").read_text(encoding="utf-8")


def test_scripts_import_only_files_that_are_there() -> None:
    for path in STATIC.glob("*.js"):
        for name in re.findall(r'from "\./([\w.]+)"', path.read_text(encoding="utf-8")):
            assert (STATIC / name).is_file(), f"{path.name} imports {name}"


def responses(*addresses: str) -> list[httpx2.Response]:
    """What a server of the files alone answers."""
    app = Starlette()
    mount_assets(app)

    async def asked() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
            return [await client.get(address) for address in addresses]

    return asyncio.run(asked())


def test_a_file_with_its_checksum_is_kept_for_good_and_without_it_asked_about() -> None:
    address = asset_address("vega.min.js")
    assert address.startswith("/vendor/vega.min.js?")
    kept, asked_about, outside = responses(address, "/static/shown.js", "/static/%2e%2e/assets.py")
    assert kept.status_code == 200
    assert "immutable" in kept.headers["cache-control"]
    assert asked_about.headers["cache-control"] == "no-cache"
    assert outside.status_code == 404


def test_a_file_that_is_not_there_has_no_address() -> None:
    with pytest.raises(DataFault, match=r"no file 'jquery\.js'"):
        asset_address("jquery.js")


def test_the_frame_marks_the_page_and_loads_files_of_this_server_only() -> None:
    parts = Parts(rendered(""))
    assert [link["href"] for link in parts.of("a") if "aria-current" in link] == ["/facts"]
    scripts = [script["src"] for script in parts.of("script")]
    assert len(scripts) == 11
    for address in [*scripts, *(link["href"] for link in parts.of("link"))]:
        assert address is not None and re.match(r"/(static|vendor)/[\w.-]+\?[0-9a-f]{12}$", address)
    [policy] = [
        json.loads(str(meta["content"])) for meta in parts.of("meta") if meta.get("name") == "htmx-config"
    ]
    assert policy["allowEval"] is False
    assert policy["includeIndicatorStyles"] is False


EVERY_MACRO = """
{{ chart(figure) }}
{{ section(section_of_rows, 2, true) }}
{{ faults("No value.\\n  Ask later.", [("us.share_limit", "9 is too much")]) }}
{{ status("Results from 512 paths") }}
{{ number_control("us.share_limit", "Share limit", "Units per unit.", "ratio", (0, 2, 0.05), "linear", 0.5, "as in the scenario: 0.5", "9", "too much") }}
{{ number_control("us.buyer_cap", "Cap", slider=(3, 6, 0.05), scale="log", default=4.7) }}
{{ number_control("seed", "Seed") }}
{{ month_control("us.revocation", "Revocation", slider=(24312, 24371, 1), default=24324) }}
{{ list_control("known_by", "Known by", ["2025-01-01", "2026-01-31"], "2026-01-31") }}
{{ choice_control("china.ratio_basis", "Basis", [("units", "chips"), ("spend", "money")], value="spend") }}
{% call form_field("chip", "Chip", "Its name", "There is none.") %}<input id="chip">{% endcall %}
{{ code("dualtrack run", "command") }}
{% call card("A claim", "no", "fails") %}<p>Because.</p>{% endcall %}
{{ number_control("quoted.value", "A quoted value", value='a "quoted" word') }}
{{ pagination(2, 3, "/facts?page=") }}
"""


@pytest.fixture(scope="module")
def kit() -> str:
    """A page with every macro on it."""
    return rendered(EVERY_MACRO, figure=FIGURE, section_of_rows=SECTION)


def test_the_kit_shows_every_macro() -> None:
    macros = re.findall(r"{% macro ([a-z]\w*)\(", (TEMPLATES / "macros.html.j2").read_text(encoding="utf-8"))
    # Shown by others: a table by a section, a badge by a card.
    assert {name for name in macros if f" {name}(" not in EVERY_MACRO} == {"table", "badge"}


def test_no_macro_writes_a_style_or_a_script_that_the_policy_forbids(kit: str) -> None:
    parts = Parts(kit)
    for tag, attributes in parts.tags:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")], tag
    inline = [script for script in parts.of("script") if "src" not in script]
    assert [script["type"] for script in inline] == ["application/json"]


def test_a_charts_document_cannot_leave_its_element(kit: str) -> None:
    [text] = Parts(kit).scripts
    assert json.loads(text) == FIGURE["spec"]


def test_every_field_has_a_label_and_every_id_is_there_once(kit: str) -> None:
    parts = Parts(kit)
    ids = [attributes["id"] for _, attributes in parts.tags if "id" in attributes]
    # The status line of a fragment changes the frame's.
    assert sorted(set(ids)) == sorted(ids[: ids.index("status")] + ids[ids.index("status") + 1 :])
    labelled = {label["for"] for label in parts.of("label")}
    for field in [*parts.of("input"), *parts.of("select")]:
        assert field.get("id") in labelled or field.get("aria-label"), field
        for name in (field.get("aria-describedby") or "").split():
            assert name in ids


def test_a_slider_is_not_sent_and_a_field_with_a_fault_says_so(kit: str) -> None:
    inputs = Parts(kit).of("input")
    sliders = [field for field in inputs if field.get("type") == "range"]
    assert len(sliders) == 4
    assert not [slider for slider in sliders if "name" in slider]
    assert [field["name"] for field in inputs if field.get("aria-invalid") == "true"] == ["us.share_limit"]


def test_texts_are_escaped(kit: str) -> None:
    assert "<late>" not in kit
    assert "a <b>" not in kit
    assert "a &#34;quoted&#34; word" in kit
