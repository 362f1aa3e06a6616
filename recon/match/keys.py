"""Numbers that lines and documents share: references, document numbers, customer numbers.

In: a Book. Out: hits – `l i key trust role open` – and `l p` by customer number. A key says only that the same
characters stand on both sides; recon.match.evidence says what that is worth.
"""

from __future__ import annotations

import polars as pl

from recon.match.book import Book
from recon.references import JOINED, national_key, reference_key

ROLES = pl.Enum(["reference", "document", "tail"])
SAME_KEY_MAX = 60
"""Documents one reference or number may belong to before it tells nothing."""
SHORTEST = 4
"""Digits of the shortest number taken for a document's when it stands without its letters."""


def line_keys(book: Book) -> pl.DataFrame:
    """`l key trust`: 0 structured, 1 found whole, 2 joined over blanks; the best trust of each key."""
    structured = (
        book.lines.select("l", key="creditor_reference")
        .drop_nulls()
        .select("l", key=reference_key(pl.col("key")), trust=pl.lit(0, pl.Int8))
    )
    listed = pl.concat([book.lines.select("l", "references"), book.parts.select("l", "references")]).explode(
        "references", empty_as_null=False, keep_nulls=False
    )
    joined = pl.col("references").str.starts_with(JOINED)
    found = listed.select("l", key=_canonical(), trust=joined.cast(pl.Int8) + 1)
    keys = pl.concat([structured, found]).drop_nulls()
    inside = keys.filter(pl.col("key").str.starts_with("RF")).with_columns(key=national_key(pl.col("key")))
    return pl.concat([keys, inside.drop_nulls()]).group_by("l", "key").agg(pl.col("trust").min())


def _canonical() -> pl.Expr:
    """Keys as normalising makes them are taken as they are; only others are worked on."""
    bare = pl.col("references").str.strip_prefix(JOINED)
    return pl.when(bare.str.contains(r"^[1-9A-Z][0-9A-Z]*$")).then(bare).otherwise(reference_key(bare))


def item_keys(book: Book) -> pl.DataFrame:
    """`i key role open`: reference, document (its whole number or digits) or tail (its last group of digits)."""
    number = pl.col("document_no")
    some = [
        book.items.select("i", key=reference_key(pl.col("payment_reference")), role=_role("reference")),
        book.items.select("i", key=reference_key(number), role=_role("document")),
        book.items.select("i", key=_long(number.str.replace_all(r"[^0-9]", "")), role=_role("document")),
        book.items.select("i", key=_long(number.str.extract(r"[^0-9]([0-9]{4,})$", 1)), role=_role("tail")),
    ]
    national = some[0].filter(pl.col("key").str.starts_with("RF"))
    some.insert(1, national.with_columns(key=national_key(pl.col("key"))))
    keys = pl.concat([one.drop_nulls() for one in some]).filter(pl.col("key") != "")
    best = keys.group_by("i", "key").agg(pl.col("role").min())
    return best.join(book.items.select("i", "open"), on="i")


def _role(name: str) -> pl.Expr:
    return pl.lit(name, dtype=ROLES)


def _long(digits: pl.Expr) -> pl.Expr:
    bare = digits.str.strip_chars_start("0")
    return pl.when(bare.str.len_chars() >= SHORTEST).then(bare)


def key_hits(book: Book, ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Where a key of a line is a key of a document, settled ones too, unless too many documents have it:
    `l i key trust role open length numbers`, the last how many document numbers of that length there are.

    ours: item_keys. theirs: line_keys. Joined by hash, for texts are slow to join; the hash orders nothing.
    """
    hashed = ours.with_columns(hash=pl.col("key").hash())
    met = hashed.join(theirs.select(hash=pl.col("key").hash()).unique(), on="hash", how="semi")
    few = met.filter(pl.len().over("hash") <= SAME_KEY_MAX)
    hits = theirs.with_columns(hash=pl.col("key").hash()).join(few.drop("key"), on="hash").drop("hash")
    sized = hits.with_columns(length=pl.col("key").str.len_chars())
    lengths = book.whole.lengths if book.whole else numbers_by_length(ours)
    counted = sized.join(lengths, on="length", how="left", maintain_order="left")
    return counted.sort("l", "i", "key")


def numbers_by_length(keys: pl.DataFrame) -> pl.DataFrame:
    """`length numbers`: how many numbers of each length are documents' here. keys: of item_keys."""
    digits = keys.filter(
        pl.col("role") == pl.lit("document", dtype=ROLES), pl.col("key").str.contains(r"^[0-9]+$")
    )
    sized = digits.select("key", length=pl.col("key").str.len_chars()).unique()
    return sized.group_by("length").agg(numbers=pl.len())


def customer_hits(book: Book, theirs: pl.DataFrame) -> pl.DataFrame:
    """`l p dense`: lines that show a party's own number; `dense` where many numbers of its length are in use."""
    keys = book.whole.customers if book.whole else customer_keys(book.parties)
    found = theirs.filter(pl.col("trust") < 2).join(keys, on="key").join(book.parties, on="party")
    return found.group_by("l", "p").agg(pl.col("dense").all()).sort("l", "p")


def customer_keys(parties: pl.DataFrame) -> pl.DataFrame:
    """`key party dense`: numbers that are one party's own. parties: `party`."""
    ids = parties.select("party", key=reference_key(pl.col("party"))).drop_nulls()
    ids = ids.filter(pl.col("key").str.len_chars() >= SHORTEST, ~pl.col("key").str.starts_with("NAME"))
    digits = ids.with_columns(key=_long(pl.col("key").str.replace_all(r"[^0-9]", ""))).drop_nulls()
    keys = pl.concat([ids, digits]).unique().filter(pl.len().over("key") == 1)
    keys = keys.with_columns(length=pl.col("key").str.len_chars())
    room = 9.0 * pl.lit(10.0).pow(pl.col("length").cast(pl.Float64) - 1.0)
    dense = (pl.len().over("length") / room > DENSE) & pl.col("key").str.contains(r"^[0-9]+$")
    return keys.select("key", "party", dense=dense)


DENSE = 0.02
"""Share of all numbers of a length in use, from which one is easily met by chance."""
