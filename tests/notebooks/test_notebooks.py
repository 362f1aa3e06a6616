"""The notebooks run from top to bottom on an empty state, without a network, and show what they promise."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from recon.statements.accounts import is_iban

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
VEGA_LITE = "application/vnd.vegalite.v5+json"
ALONE = """
import socket

def _no_network(*_, **__):
    raise OSError("a notebook asked for the network")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = _no_network
"""
RUNTIME_ONLY = """
import sys

sys.modules["vl_convert"] = None  # as where only requirements.lock is installed
"""

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*Kernel is running over TCP"),
    pytest.mark.filterwarnings("ignore:.*pyzmq.*"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


class Ran:
    """A notebook after its run: what its cells show, by mimetype and as text."""

    def __init__(self, notebook: nbformat.NotebookNode) -> None:
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.outputs: list[Any] = [output for cell in code for output in cell.outputs]

    def shown(self, mimetype: str) -> list[Any]:
        return [one["data"][mimetype] for one in self.outputs if mimetype in one.get("data", {})]

    @property
    def text(self) -> str:
        printed = [
            one["text"] for one in self.outputs if one.output_type == "stream" and one.name == "stdout"
        ]
        return "\n".join([*printed, *self.shown("text/plain")])

    @property
    def everything(self) -> str:
        return json.dumps(self.outputs, ensure_ascii=False)


def run(name: str, *before: str, where: Path = FOLDER) -> Ran:
    """Run a notebook in a fresh kernel, these cells first. Raises where a cell fails."""
    notebook = nbformat.read(FOLDER / name, as_version=4)
    notebook.cells[:0] = [nbformat.v4.new_code_cell(cell) for cell in before]
    kernel = {"metadata": {"path": str(where)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=kernel).execute()
    return Ran(notebook)


@pytest.fixture(scope="module", autouse=True)
def untouched_settings(tmp_path_factory: pytest.TempPathFactory):
    """No setting of this machine reaches the kernels, and none of theirs this machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "LANGUAGE", "CLOCK", "VIIA_BASE_URL", "VAULT_KEY"):
            patch.delenv(f"RECON_{name}", raising=False)
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path_factory.mktemp("jupyter")))
        yield


@pytest.fixture(scope="module")
def first_look(untouched_settings: None) -> Ran:
    return run("01_first_look.ipynb", ALONE)


@pytest.fixture(scope="module")
def review(untouched_settings: None) -> Ran:
    return run("02_review_from_python.ipynb", ALONE, RUNTIME_ONLY, where=FOLDER.parent)


@pytest.fixture(scope="module")
def matching(untouched_settings: None) -> Ran:
    return run("03_matching.ipynb", ALONE)


def test_first_look_tells_balances_proposals_and_reasons(first_look: Ran) -> None:
    said = first_look.text
    assert re.search(r"716,031\.82 DKK ┆ true", said), "the statement's own closing balance, and that it ties"
    assert re.search(r"\d+ of 182 lines have a proposal, \d+ have none", said)
    assert "not yet calibrated" in said
    assert re.search(r"-\d\.\d  before any evidence", said) and re.search(r"\+\d+\.\d  together", said)
    assert "nothing_fits" in said and "needs_rule" in said


def test_the_sure_proposals_of_the_demonstration_are_right(first_look: Ran) -> None:
    """The last table: of the lines said over 99.9 %, which only a reference reaches, how many were right. An alarm."""
    found = re.search(r"over 99\.9 %\s*┆ (\d+)\s*┆ (\d+)", first_look.text)
    assert found and int(found[1]) > 30
    assert found[1] == found[2]


def test_charts_show_without_network_as_svg_and_for_jupyterlab(first_look: Ran) -> None:
    drawn, described = first_look.shown("image/svg+xml"), first_look.shown(VEGA_LITE)
    assert len(drawn) == len(described) == 3
    assert all(svg.startswith("<svg") and svg.count("<path") > 5 for svg in drawn)
    assert all(chart["$schema"].endswith("/v5.json") for chart in described)


def test_charts_need_only_what_the_program_itself_needs(review: Ran) -> None:
    [chart] = review.shown(VEGA_LITE)
    values = [row for rows in chart["datasets"].values() for row in rows]
    assert {row["state"] for row in values} == {"settled", "open"}
    assert sum(row["lines"] for row in values) == 182
    assert not review.shown("image/svg+xml")


def test_review_decides_and_is_refused_in_words(review: Ran) -> None:
    said = review.text
    assert re.search(r"\d+ proposals accepted, \d+ still wait", said)
    assert re.search(r"anna decided this on .* Nothing was changed", said)
    assert re.search(r"999,999\.00 (DKK|EUR) was to be given\. Nothing was booked", said)
    assert "proposed 0 times now" in said
    assert "Reversal of" in said


def test_review_ends_with_a_balanced_journal_the_same_bytes_and_a_proof(review: Ran) -> None:
    said = review.text
    assert len(re.findall(r"(\d+)\s*┆ \1\s*┆ true", said)) == 2, "debit is credit in DKK and in EUR"
    assert "Dato;Bilagsnr;Type;" in said
    assert "\nTrue\n" in said, "exported again: the same bytes"
    assert "(True, [])" in said, "check finds nothing"


def test_matching_tells_what_blocking_keeps_and_what_a_ledger_teaches(matching: Ran) -> None:
    said = matching.text
    report = {name: int(pairs) for name, pairs in re.findall(r"│ (\w+) +┆ (\d+) +│", said)}
    assert 0 < report["all"] < sum(report[name] for name in ("reference", "number", "party", "amount"))
    found = re.search(r"(\d+\.\d)% of [\d,]+ true pairs are among them, at (\d+\.\d) pairs a line", said)
    assert found and float(found[1]) > 90 and float(found[2]) < 20
    moved = re.search(r"│ amount +┆ \w+ +┆ (-?\d+\.\d+) +┆ (-?\d+\.\d+) +┆ \d+", said)
    assert moved and moved[1] != moved[2], "a weight the ledger moved by itself"


def test_matching_shows_a_tie_an_explanation_and_what_decisions_did(matching: Ran) -> None:
    said = matching.text
    assert "choosing between them is yours" in said and "Also possible: " in said
    rows = re.findall(r"│ (?:before|after) +┆ (\d+\.\d+)% +┆ (\d+\.\d+)% ", said)
    assert len(rows) == 2 and all(float(share) > 80 for row in rows for share in row), "precision and recall"
    assert re.search(r"all ways: .*decided lines", said)
    assert len(matching.shown(VEGA_LITE)) == 4


def test_matching_tunes_refits_and_previews(matching: Ran) -> None:
    said = matching.text
    assert re.search(r"\d+ lines: \d+% proposed, \d+\.\d% of these as decided", said)
    assert re.search(r"│ ten days after the due day ┆ \d+", said)
    assert re.search(r"The new model is (used from now on|no better)", said)
    assert re.search(r"m_[0-9a-f]{12} taught again: True", said)
    assert "'hits': 3, 'agree': 3" in said and "'hits': 3, 'agree': 0, 'open': 0, 'conflicts': 3" in said
    assert "A rule of yours says" in said


@pytest.mark.parametrize("name", ["first_look", "review", "matching"])
def test_no_whole_account_number_and_no_token_is_shown(name: str, request: pytest.FixtureRequest) -> None:
    everything = request.getfixturevalue(name).everything
    numbers = re.findall(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}", everything)
    assert not [number for number in numbers if is_iban(number)]
    assert "eyJ" not in everything and "Bearer" not in everything


def test_the_search_for_account_numbers_finds_one() -> None:
    found = re.findall(
        r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}", 'x "DK8398760012345678" y DK83 9876 0012 3456 78'
    )
    assert [is_iban(number) for number in found] == [True, True]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.name)
def test_what_is_committed_holds_no_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
            assert not cell.metadata
