"""What a page opens that strangers reach: models, dropped files, and files of the folders that were named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from explorer.app import ExplorerPage
from explorer.app.admission import EVERYTHING, Admission
from explorer.models.files.formats import pick
from explorer.session.query import from_query
from explorer.session.source_name import SourceName
from explorer.session.state import default_state
from explorer.session.uploads import is_dropped
from explorer.views.sidebar.open_file import FileOpener

BLANK = Path("assets/models/blank.toml").resolve()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A lattice file outside of every folder that is named."""
    path = tmp_path / "mine.toml"
    path.write_bytes(BLANK.read_bytes())
    return path


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Iterator[ExplorerPage]:
    made = ExplorerPage(default_state("haldane"), admission=Admission.below([BLANK.parent]))
    yield made
    made.close()


def test_on_this_machine_every_path_is_opened(secret: Path) -> None:
    EVERYTHING.check(str(secret))


def test_models_are_opened_and_files_of_named_folders(secret: Path, tmp_path: Path) -> None:
    found = Admission.below([BLANK.parent])
    for source in ("cumnas", "cri3#window=-1:4", str(BLANK), f"{BLANK}#kramers_pairs"):
        found.check(source)
    link = BLANK.parent / ".." / ".." / tmp_path.relative_to("/").parts[0]
    for source in (str(secret), f"{secret}#hermitise", str(link / "passwd"), "/etc/passwd", "~/mine.toml"):
        with pytest.raises(ValueError, match="is not opened"):
            found.check(source)


def test_a_link_out_of_a_folder_is_not_followed(secret: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "mine.toml").symlink_to(secret)
    with pytest.raises(ValueError, match="is not opened"):
        Admission.below([folder]).check(str(folder / "mine.toml"))


def test_it_is_not_told_whether_there_is_such_a_file(secret: Path) -> None:
    said = []
    for name in (secret, secret.with_name("none.toml")):
        with pytest.raises(ValueError, match="is not opened") as refused:
            Admission.below([]).check(str(name))
        said.append(str(refused.value).replace(str(name), ""))
    assert said[0] == said[1]


def test_a_folder_that_is_none_is_refused_at_the_start(secret: Path) -> None:
    with pytest.raises(ValueError, match="no folder"):
        Admission.below([secret])


def piece(name: str, number: int, data: bytes) -> dict[str, Any]:
    return {
        "status": "upload_event",
        "name": name,
        "chunk": number,
        "total_chunks": 2,
        "mime_type": "",
        "data": data,
    }


def test_what_was_dropped_is_opened_and_gone_with_its_page() -> None:
    chosen: list[str] = []
    opener = FileOpener(chosen.append, lambda text: None)
    opener._drop._handle_msg(piece("mine.toml", 1, BLANK.read_bytes()))
    opener._drop._handle_msg({"status": "finished"})
    (path,) = map(Path, chosen)
    for admission in (Admission.below([]), EVERYTHING):
        admission.check(str(path), opener.folder)
        for other in (None, path.parent.parent.parent / "another"):
            with pytest.raises(ValueError, match=r"mine\.toml was dropped on another page"):
                admission.check(str(path), other)
    opener.close()
    assert not path.exists()
    assert not is_dropped(path.parent.parent.parent)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["a.win", "a_hr.dat", "a_centres.xyz"], "a_hr.dat"),
        (["a_hr.dat", "a_tb.dat.gz"], "a_tb.dat.gz"),
        (["POSCAR", "hr.dat"], "hr.dat"),
        (["+hamdata"], "+hamdata"),
        (["a.win", "a.wout"], None),
    ],
)
def test_which_of_the_dropped_files_is_opened(names: list[str], chosen: str | None) -> None:
    assert pick(names) == chosen


def test_a_page_tells_and_keeps_what_it_shows(
    page: ExplorerPage, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(page, "toast", lambda text, kind="warning": told.append(text))
    page.open(str(secret))
    assert page.state == default_state("haldane")
    assert page.refused is None  # or the tab Source file would show what is in it
    assert "is not opened" in told[0]
    page.open(str(BLANK))
    assert SourceName.parse(page.state.source).written == SourceName(str(BLANK))


def test_an_address_cannot_ask_for_more(secret: Path) -> None:
    state, refused = from_query({"model": str(secret)}, None, Admission.below([]).check)
    assert state == default_state()
    assert "is not opened" in refused[0]
