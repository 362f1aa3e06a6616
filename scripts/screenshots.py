"""`make screenshots`: the README's pictures, taken from the demo as it really runs.

Writes docs/images/*.png, together at most 1 MB.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from recon.flow.matching import match
from recon.flow.review import accept
from recon.flow.workspace import open_store
from recon.settings import Settings
from scripts.app_walk import ROOT, Walk, demo, walk

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 1_000_000
COLOURS = 128


def main() -> None:
    """Walk through the demo and keep a picture of each page."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "workspace"
        with demo(home) as address, walk(address) as visitor:
            take(visitor, home)
    sizes = {path.name: path.stat().st_size for path in sorted(IMAGES.glob("*.png"))}
    if sum(sizes.values()) > MOST_BYTES:
        raise SystemExit(
            f"The pictures have {sum(sizes.values()):,} bytes together, more than {MOST_BYTES:,}: {sizes}"
        )
    sys.stdout.write(f"{len(sizes)} pictures, {sum(sizes.values()):,} bytes in {IMAGES.relative_to(ROOT)}\n")


def take(visitor: Walk, home: Path) -> None:
    """The pages in the order a newcomer sees them."""
    visitor.begin_connecting()
    picture(visitor, "new-bank-account")
    visitor.log_in("DK_Havbanken")
    picture(visitor, "confirm-accounts")
    visitor.link("5820", "5830")
    settle_most(home)
    for page, name in (
        ("", "home"),
        ("bank_accounts", "bank-accounts"),
        ("documents", "documents"),
        ("review", "review"),
        ("reconciliation", "reconciliation"),
        ("postings", "postings"),
        ("activity", "activity"),
    ):
        visitor.open(page)
        picture(visitor, name)


def settle_most(home: Path) -> None:
    """Accept what is most certain, as a person would with the keyboard; a picture of nothing says nothing."""
    store = open_store(home, Settings())
    match(store, by="screenshots")
    best = store.proposals().filter(rank=1).sort("probability", "proposal_id", descending=[True, False])
    accept(store, best["proposal_id"].head(240).to_list(), by="anna")


def picture(visitor: Walk, name: str) -> None:
    """One picture, in few colours, since a page has few."""
    path = IMAGES / f"{name}.png"
    visitor.settle(1500)
    visitor.shot(path)
    with Image.open(path) as image:
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
