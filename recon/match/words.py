"""Evidence in short sentences a bookkeeper understands, in English and Danish.

In: the kept evidence rows with their figures. Out: `words`. Bank text goes in as text and is never marked up;
whoever shows it escapes it.
"""

from __future__ import annotations

import re

import polars as pl

from recon.money import show

# (feature, level) → English, Danish. {reference} {document} {name} {money} {gap} {days} {count} are filled in.
SENTENCES: dict[tuple[str, str], tuple[str, str]] = {
    ("reference", "structured"): (
        "The bank states reference {reference}, which is that of {document}.",
        "Banken oplyser reference {reference}, som hører til {document}.",
    ),
    ("reference", "printed"): (
        "Reference {reference} in the text is that of {document}.",
        "Reference {reference} i teksten hører til {document}.",
    ),
    ("reference", "digits"): (
        "The text has the digits of reference {reference}, that of {document}.",
        "Teksten har cifrene i reference {reference}, som hører til {document}.",
    ),
    ("reference", "digits_short"): (
        "The text has the few digits of reference {reference}, that of {document}.",
        "Teksten har de få cifre i reference {reference}, som hører til {document}.",
    ),
    ("reference", "joined"): (
        "Digits set apart in the text make reference {reference}, that of {document}.",
        "Adskilte cifre i teksten danner reference {reference}, som hører til {document}.",
    ),
    ("reference", "other"): (
        "The reference on the line is that of another open document.",
        "Referencen på linjen hører til et andet åbent bilag.",
    ),
    ("reference", "settled"): (
        "The reference on the line is that of a document already paid.",
        "Referencen på linjen hører til et bilag, der allerede er betalt.",
    ),
    ("reference", "foreign"): (
        "The line has reference {reference}, which belongs to no document here.",
        "Linjen har reference {reference}, som ikke hører til noget bilag her.",
    ),
    ("document_no", "exact"): ("The text names {document}.", "Teksten nævner {document}."),
    ("document_no", "crowded"): (
        "The text names {document}; many numbers are like it.",
        "Teksten nævner {document}; mange numre ligner.",
    ),
    ("document_no", "dense"): (
        "The text has the digits of {document}, which may be chance.",
        "Teksten har cifrene i {document}, hvilket kan være tilfældigt.",
    ),
    ("document_no", "tail"): (
        "The text has the last digits of {document}.",
        "Teksten har de sidste cifre i {document}.",
    ),
    ("document_no", "joined"): (
        "Digits set apart in the text make the number of {document}.",
        "Adskilte cifre i teksten danner nummeret på {document}.",
    ),
    ("document_no", "all_named"): (
        "The text names all {count} documents: {document}.",
        "Teksten nævner alle {count} bilag: {document}.",
    ),
    ("document_no", "other"): ("The text names another document.", "Teksten nævner et andet bilag."),
    ("amount", "exact_rare"): (
        "Amount is exactly the {money} open, as on no other open document.",
        "Beløbet er præcis de åbne {money}, som intet andet åbent bilag har.",
    ),
    ("amount", "exact_unique"): (
        "Amount is exactly the {money} open, a round figure no other open document has.",
        "Beløbet er præcis de åbne {money}, et rundt tal intet andet åbent bilag har.",
    ),
    ("amount", "exact_few"): (
        "Amount is exactly the {money} open, as on {count} open documents.",
        "Beløbet er præcis de åbne {money}, som {count} åbne bilag har.",
    ),
    ("amount", "exact_common"): (
        "Amount is exactly the {money} open, as on {count} open documents.",
        "Beløbet er præcis de åbne {money}, som {count} åbne bilag har.",
    ),
    ("amount", "tolerance"): (
        "Amount differs by {gap}, within the tolerance.",
        "Beløbet afviger {gap}, inden for tolerancen.",
    ),
    ("amount", "fee"): ("Amount differs by {gap} (bank fee?).", "Beløbet afviger {gap} (bankgebyr?)."),
    ("amount", "fx_stated"): (
        "The bank states the document's own amount, {money}.",
        "Banken oplyser bilagets eget beløb, {money}.",
    ),
    ("amount", "fx_rate"): (
        "Amount is near {money} at the day's rate.",
        "Beløbet ligger nær {money} til dagens kurs.",
    ),
    ("amount", "partial"): (
        "Amount is {gap} less than the {money} open: a part payment.",
        "Beløbet er {gap} mindre end de åbne {money}: en delbetaling.",
    ),
    ("amount", "overpaid"): (
        "Amount is {gap} more than the {money} open.",
        "Beløbet er {gap} mere end de åbne {money}.",
    ),
    ("amount", "sum_named"): (
        "{count} documents add up to exactly {money}.",
        "{count} bilag giver tilsammen præcis {money}.",
    ),
    ("amount", "sum_fee"): (
        "{count} documents add up to {money}; the line differs by {gap} (bank fee?).",
        "{count} bilag giver tilsammen {money}; linjen afviger {gap} (bankgebyr?).",
    ),
    ("amount", "sum_all"): (
        "All {count} open documents of the party add up to exactly {money}.",
        "Alle modpartens {count} åbne bilag giver tilsammen præcis {money}.",
    ),
    ("amount", "sum_run"): (
        "{count} documents in due order add up to exactly {money}.",
        "{count} bilag i forfaldsorden giver tilsammen præcis {money}.",
    ),
    ("amount", "sum_some"): (
        "{count} of the party's open documents add up to exactly {money}.",
        "{count} af modpartens åbne bilag giver tilsammen præcis {money}.",
    ),
    ("amount", "sum_instalments"): (
        "{count} lines add up to exactly the {money} open.",
        "{count} linjer giver tilsammen præcis de åbne {money}.",
    ),
    ("amount", "opposite_unique"): (
        "{money} left one account and reached the other; no other lines fit.",
        "{money} forlod den ene konto og nåede den anden; ingen andre linjer passer.",
    ),
    ("amount", "opposite_common"): (
        "{money} left one account and reached the other; other lines fit too.",
        "{money} forlod den ene konto og nåede den anden; andre linjer passer også.",
    ),
    ("name", "exact"): ("Name is that of {name}.", "Navnet er {name}."),
    ("name", "prefix"): (
        "Name is the beginning of {name}, cut short.",
        "Navnet er begyndelsen af {name}, afkortet.",
    ),
    ("name", "in_text"): ("The text has the name {name}.", "Teksten indeholder navnet {name}."),
    ("name", "close"): ("Name is nearly {name}.", "Navnet ligner {name}."),
    ("name", "partial"): ("Words of the name {name} are there.", "Dele af navnet {name} genfindes."),
    ("name", "memory"): (
        "This name paid for {name} before.",
        "Dette navn har før betalt for {name}.",
    ),
    ("name", "differs"): ("Name is not that of {name}.", "Navnet er ikke {name}."),
    ("account", "same"): ("Account is that of {name}.", "Kontoen tilhører {name}."),
    ("account", "memory"): (
        "This account paid for {name} before.",
        "Denne konto har før betalt for {name}.",
    ),
    ("account", "own"): ("The other account is our own.", "Modkontoen er vores egen."),
    ("account", "stranger"): (
        "The other account is not known as ours.",
        "Modkontoen er ikke kendt som vores.",
    ),
    ("date", "on_day"): ("Booked within three days of the due day.", "Bogført højst tre dage fra forfald."),
    ("date", "near"): ("Booked {days} days from the due day.", "Bogført {days} dage fra forfald."),
    ("date", "early"): ("Booked {days} days before the due day.", "Bogført {days} dage før forfald."),
    ("date", "late"): ("Booked {days} days after the due day.", "Bogført {days} dage efter forfald."),
    ("date", "very_late"): ("Booked {days} days after the due day.", "Bogført {days} dage efter forfald."),
    ("date", "before_issue"): (
        "Booked before the document was issued.",
        "Bogført før bilaget blev udstedt.",
    ),
    ("date", "same_days"): ("Both ends within a day.", "Begge ender inden for en dag."),
    ("kind", "fits"): ("The bank's kind of movement fits.", "Bankens bevægelsestype passer."),
    ("kind", "against"): (
        "The bank's kind of movement speaks against it.",
        "Bankens bevægelsestype taler imod.",
    ),
    ("parts", "all_named"): (
        "Each of the {count} parts of the batch finds one document.",
        "Hver af samlepostens {count} dele finder ét bilag.",
    ),
    ("order", "later"): (
        "An earlier line pays {document} in full; this may be a double payment.",
        "En tidligere linje betaler {document} fuldt ud; dette kan være en dobbeltbetaling.",
    ),
}

_FILLED = re.compile(r"\{(\w+)\}")
_COLUMNS = {"reference": "reference_text", "document": "document_words", "name": "name_text",
            "money": "money_words", "gap": "gap_words", "days": "days_words", "count": "count"}  # fmt: skip


def with_words(rows: pl.DataFrame, language: str) -> pl.DataFrame:
    """Adds `words` to evidence rows that have `feature level currency` and the figures of drafts."""
    ready = _with_shown(rows, language)
    written = [
        ready.filter(pl.col("feature") == feature, pl.col("level") == level).with_columns(
            words=_sentence(texts[language == "da"])
        )
        for (feature, level), texts in SENTENCES.items()
    ]
    known = pl.struct("feature", "level").is_in([{"feature": f, "level": n} for f, n in SENTENCES])
    plain = pl.format("{}: {}", "feature", "level")
    return pl.concat([*written, ready.filter(~known).with_columns(words=plain)])


def _sentence(template: str) -> pl.Expr:
    columns = [pl.col(_COLUMNS[name]).cast(pl.String).fill_null("?") for name in _FILLED.findall(template)]
    return pl.format(_FILLED.sub("{}", template), *columns) if columns else pl.lit(template)


def _with_shown(rows: pl.DataFrame, language: str) -> pl.DataFrame:
    shown = rows.with_columns(
        document_words=pl.col("document_text"),
        days_words=pl.col("days").abs(),
    )
    for column, words in (("money_minor", "money_words"), ("gap_minor", "gap_words")):
        # Each distinct amount is written once.
        distinct = rows.select(column, "item_currency").drop_nulls().unique()
        texts = [show(abs(minor), currency, language) for minor, currency in distinct.iter_rows()]
        named = distinct.with_columns(pl.Series(words, texts, dtype=pl.String))
        shown = shown.join(named, on=[column, "item_currency"], how="left", maintain_order="left")
    return shown
