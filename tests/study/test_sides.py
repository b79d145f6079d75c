"""What is typed after `compare`, read as scenarios, changed scenarios and saved results."""

import pytest

from dualtrack.errors import ScenarioFault
from dualtrack.study.sides import read_names


@pytest.mark.parametrize(
    ("text", "head", "changes"),
    [
        ("no-imports", "no-imports", ()),
        ("h200-truce:china.ratio=2", "h200-truce", ("china.ratio=2",)),
        ("h200-truce:china.ratio=0.5:1:2", "h200-truce", ("china.ratio=0.5:1:2",)),
        (
            "h200-truce:china.ratio=2,us.share_limit=0.3",
            "h200-truce",
            ("china.ratio=2", "us.share_limit=0.3"),
        ),
        (
            "mine.yaml:china.ratio=1:2:3, us.buyer_cap=5e4",
            "mine.yaml",
            ("china.ratio=1:2:3", "us.buyer_cap=5e4"),
        ),
        ("h200-truce:us.revocation=2026-05..2026-12", "h200-truce", ("us.revocation=2026-05..2026-12",)),
        ("h200-truce:vendor.chip=nvidia.b30a", "h200-truce", ("vendor.chip=nvidia.b30a",)),
    ],
)
def test_a_scenario_with_changes_of_its_own(text, head, changes):
    named, _ = read_names([text, "open-door"])
    assert (named.head, named.changes, named.saved) == (head, changes, None)


def test_a_shipped_name_is_the_scenario_even_beside_a_folder_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "no-imports").mkdir()
    (tmp_path / "out:a=1").mkdir()
    scenario, folder, odd = read_names(["no-imports", "./no-imports", "out:a=1"])
    assert scenario.saved is None
    assert str(folder.saved) == "no-imports"
    assert (str(odd.saved), odd.changes) == ("out:a=1", ())


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["h200-truce"], "1 to compare. Wanted: 2 to 8"),
        ([f"h200-truce:china.ratio={n}" for n in range(9)], "9 to compare"),
        (["h200-truce", "h200-truce"], "(?s)named twice.*h200-truce:china.ratio=2"),
        (["h200-truce:china.ratio=1"] * 2, "h200-truce:china.ratio=1,china.ratio=2"),
        (["h200-truse", "no-imports"], "(?s)h200-truse.*Did you mean 'h200-truce'.*run --out"),
        (["h200-truce:china.ratio", "no-imports"], "no scenario or saved result 'h200-truce:china.ratio'"),
    ],
)
def test_what_cannot_be_compared_is_refused(texts, wanted):
    with pytest.raises(ScenarioFault, match=wanted):
        read_names(texts)


def test_a_list_of_changes_too_long_for_a_file_name_is_read():
    text = "h200-truce:" + ",".join(f"buyer.tencent.appetite={n}" for n in range(40))
    assert len(read_names([text, "no-imports"])[0].changes) == 40


def test_a_saved_result_is_not_changed(tmp_path):
    with pytest.raises(ScenarioFault, match=r"(?s)cannot be changed.*SCENARIO:china.ratio=2"):
        read_names([f"{tmp_path}:china.ratio=2", "no-imports"])
