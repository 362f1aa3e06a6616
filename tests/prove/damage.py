"""One damaged place in database, WAL, anchor or vault: refused or reported, never silent.

A workspace is copied, something in one of its files is flipped, zeroed, overwritten or cut off, and `check`
looks at it. What it does not report must be without effect: everything that can be read is as it was.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from recon.errors import ReconError
from recon.flow.check import check
from recon.flow.files import import_files
from recon.flow.review import accept
from recon.store.connection import lease
from tests.prove.books import statement_file
from tests.prove.company import CONSENT, Company
from tests.prove.deeds import Accept, Sync
from tests.prove.forks import apart, start, tried
from tests.prove.outcome import Outcome
from tests.prove.seams import Seams, installed

DATABASE, LOG, ANCHOR, VAULT = "recon.duckdb", "recon.duckdb.wal", "anchor", "tokens.enc"
CLOSED, OPEN = "closed", "open"
"""A workspace that everybody left, and one whose writer was killed before its log was merged."""
PLACES = ((CLOSED, DATABASE), (OPEN, DATABASE), (OPEN, LOG), (CLOSED, ANCHOR), (CLOSED, VAULT))

State = dict[str, str]
"""For each table and the vault a hash of everything in it."""


def prove(count: int, seed: int) -> Outcome:
    """Damage `count` workspaces; case `seed + k` is `prove(1, seed + k)`."""
    with tempfile.TemporaryDirectory() as folder:
        templates = Path(folder)
        apart(lambda: _prepare(templates / CLOSED))
        _leave_open(templates)
        whole = {one: apart(lambda one=one: _whole(templates / one)) for one in (CLOSED, OPEN)}
        failures = tried(range(seed, seed + count), lambda case: _case(case, templates, whole))
    return Outcome(count, failures)


def _case(case: int, templates: Path, whole: dict[str, State]) -> list[str]:
    draw = random.Random(case)
    template, name = PLACES[case % len(PLACES)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(templates / template, Path(folder) / "home"))
        what = harm(home / name, draw)
        try:
            if not check(Company(home).store).ok:
                return []
            state = _state(home)
        except ReconError as error:
            return [] if error.words else [f"{name} {what}: refused without a word"]
        except Exception as error:
            return [f"{name} {what}: no error of ours: {type(error).__name__}: {error}"]
    if state in _allowed(template, templates, whole):
        return []
    gone = sorted(table for table in whole[template] if state.get(table) != whole[template][table])
    return [f"{name} {what}: nobody noticed, and these differ: {', '.join(gone)}"]


def _allowed(template: str, templates: Path, whole: dict[str, State]) -> list[State]:
    """As it was; and as it was before the killed writer's last step, where the anchor never heard of that.

    Then nobody was told that the step was stored, and a crash alone may lose it too.
    """
    unheard = (templates / OPEN / ANCHOR).read_bytes() == (templates / CLOSED / ANCHOR).read_bytes()
    return [whole[template], whole[CLOSED]] if unheard else [whole[template]]


def harm(path: Path, draw: random.Random) -> str:
    """Damage a file in one place; returns what was done."""
    content = bytearray(path.read_bytes())
    place = draw.randrange(len(content))
    kind = draw.choice(sorted(_HARM))
    changed = _HARM[kind](content, place, draw)
    if changed == content:  # zeros over zeros
        kind, changed = "flipped", _flip(content, place, draw)
    path.write_bytes(changed)
    return f"{kind} at byte {place} of {len(content)}"


def _flip(content: bytearray, place: int, draw: random.Random) -> bytes:
    return (
        bytes(content[:place])
        + bytes([content[place] ^ 1 << draw.randrange(8)])
        + bytes(content[place + 1 :])
    )


def _zero(content: bytearray, place: int, draw: random.Random) -> bytes:
    end = min(len(content), place + draw.choice((1, 8, 512, 4096)))
    return bytes(content[:place]) + bytes(end - place) + bytes(content[end:])


def _scribble(content: bytearray, place: int, draw: random.Random) -> bytes:
    end = min(len(content), place + draw.choice((1, 8, 512)))
    return bytes(content[:place]) + draw.randbytes(end - place) + bytes(content[end:])


def _cut(content: bytearray, place: int, draw: random.Random) -> bytes:
    return bytes(content[:place])


def _lose_tail(content: bytearray, place: int, draw: random.Random) -> bytes:
    return bytes(content[: max(0, len(content) - draw.randrange(1, 5000))])


_HARM: dict[str, Callable[[bytearray, int, random.Random], bytes]] = {
    "flipped": _flip,
    "zeroed": _zero,
    "overwritten": _scribble,
    "cut off": _cut,
    "tail lost": _lose_tail,
}


def _prepare(home: Path) -> None:
    """A company with lines of two sources, documents, decisions and access to a bank."""
    Accept().prepare(home)
    for number in (1, 2, 3):
        Accept().do(home, number)
    company = Company(home)
    company.connect()
    for day in (0, 3):
        Sync().do(home, day)
    import_files(company.store, [statement_file(2)], by="anna")


def _leave_open(templates: Path) -> None:
    """The same, with one more match that its writer told the anchor and could not merge into the file."""
    home = Path(shutil.copytree(templates / CLOSED, templates / OPEN))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(home, Path(folder) / "home"))
        names = apart(lambda: _crossings_of_accept(copy))
    last = max(number for number, name in enumerate(names, 1) if name.startswith("DETACH"))
    child = start(lambda tell: _accept_until(home, last))
    child.rest()
    child.end()
    assert (home / LOG).exists(), "the killed writer left no log"


def _crossings_of_accept(home: Path) -> list[str]:
    with installed(Seams()) as seams:
        _one_more(home)
    return seams.passed


def _accept_until(home: Path, at: int) -> None:
    with installed(Seams(at, "kill")):
        _one_more(home)


def _one_more(home: Path) -> None:
    company = Company(home)
    company.go_to(20)
    accept(company.store, "p-7", by="anna", command_id="one more")


def _whole(template: Path) -> State:
    """The state of a copy, since looking at a log merges it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(template, Path(folder) / "home"))
        assert check(Company(home).store).ok
        return _state(home)


def _state(home: Path) -> State:
    state: State = {}
    with lease(home / DATABASE, write=False) as c:
        for row in c.rows("SELECT table_name FROM duckdb_tables() WHERE database_name = 'recon'"):
            rows = c.frame(f'SELECT * FROM "{row["table_name"]}" ORDER BY ALL').rows()
            state[row["table_name"]] = hashlib.sha256(repr(rows).encode()).hexdigest()
    tokens = Company(home).store.vault.load(CONSENT)
    refresh = tokens.refresh.reveal() if tokens and tokens.refresh else ""
    state["vault"] = f"{tokens.generation} {tokens.access.reveal()} {refresh}" if tokens else "nothing"
    return state
