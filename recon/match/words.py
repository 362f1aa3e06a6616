"""Evidence in short sentences a bookkeeper understands, in English and Danish.

In: the kept evidence rows with their figures. Out: `words`. Bank text goes in as text and is never marked up;
whoever shows it escapes it.
"""

from __future__ import annotations

import re

import polars as pl

from recon.match.booking_weights import RULE_SENTENCES
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
    ("reference", "near"): (
        "The text has reference {reference} but for one slip, that of {document}.",
        "Teksten har reference {reference} med én fejl, som hører til {document}.",
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
    ("document_no", "near"): (
        "The text has the number of {document} but for one slip.",
        "Teksten har nummeret på {document} med én fejl.",
    ),
    ("document_no", "all_named"): (
        "The text names all {count} documents: {document}.",
        "Teksten nævner alle {count} bilag: {document}.",
    ),
    ("document_no", "first_named"): (
        "The text names the first of {document}.",
        "Teksten nævner det første af {document}.",
    ),
    ("document_no", "weakly_named"): (
        "The text has digits of a document among {document}, which may be chance.",
        "Teksten har cifre fra et bilag blandt {document}, hvilket kan være tilfældigt.",
    ),
    ("document_no", "some_named"): (
        "The text names a document among {document}.",
        "Teksten nævner et bilag blandt {document}.",
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
    ("amount", "exact_some"): (
        "Amount is exactly the {money} open, as on {count} open documents.",
        "Beløbet er præcis de åbne {money}, som {count} åbne bilag har.",
    ),
    ("amount", "exact_common"): (
        "Amount is exactly the {money} open, as on {count} open documents.",
        "Beløbet er præcis de åbne {money}, som {count} åbne bilag har.",
    ),
    ("amount", "exact_dense"): (
        "Amount is exactly the {money} open, as on {count} open documents.",
        "Beløbet er præcis de åbne {money}, som {count} åbne bilag har.",
    ),
    ("amount", "tolerance"): (
        "Amount differs by {gap}, within the tolerance.",
        "Beløbet afviger {gap}, inden for tolerancen.",
    ),
    ("amount", "discount"): (
        "Amount is {gap} less: a usual cash discount.",
        "Beløbet er {gap} mindre: en almindelig kontantrabat.",
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
    ("amount", "fx_loose"): (
        "Amount is not far from {money} at the day's rate.",
        "Beløbet ligger ikke langt fra {money} til dagens kurs.",
    ),
    ("amount", "equal_part"): (
        "Amount is an equal part of the {money} open.",
        "Beløbet er en lige del af de åbne {money}.",
    ),
    ("amount", "equal_part_again"): (
        "Amount is an equal part of the {money} open, as another payment is.",
        "Beløbet er en lige del af de åbne {money}, som en anden betaling også er.",
    ),
    ("amount", "partial_unnamed"): (
        "Amount is {gap} less than the {money} open, and nothing names the document.",
        "Beløbet er {gap} mindre end de åbne {money}, og intet nævner bilaget.",
    ),
    ("amount", "overpaid_unnamed"): (
        "Amount is {gap} more than the {money} open, and nothing names the document.",
        "Beløbet er {gap} mere end de åbne {money}, og intet nævner bilaget.",
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
    ("amount", "sum_discount"): (
        "{count} documents add up to {money}; the line is {gap} less: a usual cash discount.",
        "{count} bilag giver tilsammen {money}; linjen er {gap} mindre: en almindelig kontantrabat.",
    ),
    ("amount", "sum_rate"): (
        "{count} documents add up to {money}, which is near the amount at the day's rate.",
        "{count} bilag giver tilsammen {money}, som ligger nær beløbet til dagens kurs.",
    ),
    ("amount", "sum_all"): (
        "All {count} open documents of the party add up to exactly {money}.",
        "Alle modpartens {count} åbne bilag giver tilsammen præcis {money}.",
    ),
    ("amount", "sum_run"): (
        "{count} documents in due order add up to exactly {money}.",
        "{count} bilag i forfaldsorden giver tilsammen præcis {money}.",
    ),
    ("amount", "sum_netted"): (
        "{count} documents, credit notes taken off, add up to exactly {money}.",
        "{count} bilag giver, med kreditnotaer fratrukket, præcis {money}.",
    ),
    ("amount", "sum_payout"): (
        "{count} documents of the days before add up to {money}, less the usual fee.",
        "{count} bilag fra dagene før giver {money}, fratrukket det sædvanlige gebyr.",
    ),
    ("amount", "sum_few"): (
        "{count} of the party's open documents add up to exactly {money}; hardly any other choice could.",
        "{count} af modpartens åbne bilag giver præcis {money}; næppe noget andet valg kunne.",
    ),
    ("amount", "sum_some"): (
        "{count} of the party's open documents add up to exactly {money}.",
        "{count} af modpartens åbne bilag giver tilsammen præcis {money}.",
    ),
    ("amount", "sum_instalments"): (
        "{count} lines add up to exactly the {money} open.",
        "{count} linjer giver tilsammen præcis de åbne {money}.",
    ),
    ("amount", "sum_rest"): (
        "{count} lines add up to exactly the {money} open, one of them by its amount alone.",
        "{count} linjer giver tilsammen præcis de åbne {money}, en af dem alene ved sit beløb.",
    ),
    ("amount", "sum_parts"): (
        "{count} lines of the party add up to exactly the {money} open; hardly any other choice could.",
        "{count} af modpartens linjer giver tilsammen præcis de åbne {money}; næppe noget andet valg kunne.",
    ),
    ("amount", "opposite_unique"): (
        "{money} left one account and reached the other; no other lines fit.",
        "{money} forlod den ene konto og nåede den anden; ingen andre linjer passer.",
    ),
    ("amount", "opposite_rate"): (
        "{money} left one account, and its worth by the rate reached the other.",
        "{money} forlod den ene konto, og værdien til kursen nåede den anden.",
    ),
    ("amount", "opposite_common"): (
        "{money} left one account and reached the other; other lines fit too.",
        "{money} forlod den ene konto og nåede den anden; andre linjer passer også.",
    ),
    ("name", "exact"): ("Name is that of {name}.", "Navnet er {name}."),
    ("name", "cut"): (
        "Name is the beginning of {name}, cut short.",
        "Navnet er begyndelsen af {name}, afkortet.",
    ),
    ("name", "in_text"): ("The text has the name {name}.", "Teksten indeholder navnet {name}."),
    ("name", "near"): ("Name is much like {name}.", "Navnet ligner {name} en del."),
    ("name", "rule"): ("A rule of yours says it is {name}.", "En af jeres regler siger, at det er {name}."),
    ("name", "channel"): ("{name} pays out for many customers.", "{name} udbetaler for mange kunder."),
    ("name", "refused"): (
        "People took documents of {name} away from this name before.",
        "Bilag fra {name} er før taget fra dette navn.",
    ),
    ("name", "close"): ("Name is nearly {name}.", "Navnet ligner {name}."),
    ("name", "word"): (
        "A word of the name {name} is there, and few documents have this amount with it.",
        "Et ord af navnet {name} er der, og få bilag har dette beløb med det.",
    ),
    ("name", "partial"): ("Words of the name {name} are there.", "Dele af navnet {name} genfindes."),
    ("name", "memory"): (
        "This name has paid for {name}.",
        "Dette navn har betalt for {name}.",
    ),
    ("name", "differs"): ("Name is not that of {name}.", "Navnet er ikke {name}."),
    ("account", "same"): ("Account is that of {name}.", "Kontoen tilhører {name}."),
    ("account", "memory"): (
        "This account has paid for {name}.",
        "Denne konto har betalt for {name}.",
    ),
    ("account", "other"): (
        "Account is not the one known of {name}.",
        "Kontoen er ikke den, vi kender fra {name}.",
    ),
    ("customer", "exact"): (
        "The text has the customer number of {name}.",
        "Teksten har kundenummeret for {name}.",
    ),
    ("customer", "dense"): (
        "The text has digits that may be the customer number of {name}.",
        "Teksten har cifre, der kan være kundenummeret for {name}.",
    ),
    ("habit", "usual"): ("{name} usually pays about then.", "{name} betaler som regel omkring da."),
    ("habit", "unusual"): (
        "{name} usually pays at another time.",
        "{name} betaler som regel på et andet tidspunkt.",
    ),
    ("account", "own"): ("The other account is our own.", "Modkontoen er vores egen."),
    ("account", "stranger"): (
        "The other account is not known as ours.",
        "Modkontoen er ikke kendt som vores.",
    ),
    ("date", "on_day"): ("Booked within two days of the due day.", "Bogført højst to dage fra forfald."),
    ("date", "far_before"): ("Booked {days} days before the due day.", "Bogført {days} dage før forfald."),
    ("date", "early"): ("Booked {days} days before the due day.", "Bogført {days} dage før forfald."),
    ("date", "before"): ("Booked {days} days before the due day.", "Bogført {days} dage før forfald."),
    ("date", "after"): ("Booked {days} days after the due day.", "Bogført {days} dage efter forfald."),
    ("date", "late"): ("Booked {days} days after the due day.", "Bogført {days} dage efter forfald."),
    ("date", "later"): ("Booked {days} days after the due day.", "Bogført {days} dage efter forfald."),
    ("date", "much_later"): ("Booked {days} days after the due day.", "Bogført {days} dage efter forfald."),
    ("date", "very_late"): ("Booked {days} days after the due day.", "Bogført {days} dage efter forfald."),
    ("date", "before_issue"): (
        "Booked before the document was issued.",
        "Bogført før bilaget blev udstedt.",
    ),
    ("date", "same_days"): ("Both ends within a day.", "Begge ender inden for en dag."),
    ("date", "days_apart"): (
        "More than three days lie between the ends.",
        "Der er over tre dage mellem enderne.",
    ),
    ("due", "by_now"): (
        "By the statement's last day {document} should have been paid.",
        "På kontoudtogets sidste dag burde {document} være betalt.",
    ),
    ("due", "hardly"): (
        "On the statement's last day {document} is hardly due.",
        "På kontoudtogets sidste dag er {document} knap forfalden.",
    ),
    ("kind", "fits"): ("The bank's kind of movement fits.", "Bankens bevægelsestype passer."),
    ("kind", "inward"): ("The text speaks of an own transfer.", "Teksten taler om en intern overførsel."),
    ("kind", "against"): (
        "The bank's kind of movement speaks against it.",
        "Bankens bevægelsestype taler imod.",
    ),
    ("parts", "all_named"): (
        "Each of the {count} parts of the batch finds one document.",
        "Hver af samlepostens {count} dele finder ét bilag.",
    ),
    ("parts", "some_named"): (
        "Some of the {count} lines name {document}.",
        "Nogle af de {count} linjer nævner {document}.",
    ),
    ("order", "later"): (
        "An earlier line pays {document} in full; this may be a double payment.",
        "En tidligere linje betaler {document} fuldt ud; dette kan være en dobbeltbetaling.",
    ),
    **RULE_SENTENCES,
}

_FILLED = re.compile(r"\{(\w+)\}")
_COLUMNS = {"reference": "reference_text", "document": "document_words", "name": "name_text",
            "money": "money_words", "gap": "gap_words", "days": "days_words", "count": "count",
            "told": "told"}  # fmt: skip
_KINDS_DA = {
    "invoice": "faktura", "credit_note": "kreditnota", "bill": "regning", "bill_credit": "leverandørkreditnota",
    "payout": "udbetaling",
}  # fmt: skip


def with_words(rows: pl.DataFrame, language: str) -> pl.DataFrame:
    """Adds `words` to evidence rows that have `feature level` and the figures of recon.match.report."""
    ready = _with_shown(rows, language).with_columns(said=pl.concat_str("feature", "level", separator="\x1f"))
    written = [
        group.with_columns(words=_sentence(_template(key[0], language)))
        for key, group in ready.partition_by("said", as_dict=True, maintain_order=True).items()
    ]
    return pl.concat(written) if written else ready.with_columns(words=pl.lit(""))


def _template(said: str, language: str) -> str:
    feature, level = said.split("\x1f")
    return SENTENCES[feature, level][language == "da"]


def _sentence(template: str) -> pl.Expr:
    columns = [pl.col(_COLUMNS[name]).cast(pl.String).fill_null("?") for name in _FILLED.findall(template)]
    return pl.format(_FILLED.sub("{}", template), *columns) if columns else pl.lit(template)


def _with_shown(rows: pl.DataFrame, language: str) -> pl.DataFrame:
    """Figures as words: what is written is written once for each distinct figure."""
    kinds = _KINDS_DA if language == "da" else {name: name.replace("_", " ") for name in _KINDS_DA}
    kind = pl.col("item_kind").replace_strict(kinds, default=None, return_dtype=pl.String)
    named = pl.when(pl.col("documents") == 1).then(pl.concat_str(kind, pl.lit(" "), "document_text"))
    # A stated reference is what a line shows that names no document here.
    elsewhere = pl.col("level") == "foreign"
    shown = rows.with_columns(
        gap_minor=(pl.col("line_minor").abs() - pl.col("money_minor").abs()).abs(),
        document_words=pl.coalesce(named, "document_text"),
        reference_text=pl.when(elsewhere).then("stated_text").otherwise("reference_text"),
        days_words=pl.col("days").abs(),
        count=pl.coalesce("said_count", "count"),
    )
    for column, words in (("money_minor", "money_words"), ("gap_minor", "gap_words")):
        distinct = shown.select(column, "item_currency").drop_nulls().unique().sort(column, "item_currency")
        texts = [show(abs(minor), currency, language) for minor, currency in distinct.iter_rows()]
        written = distinct.with_columns(pl.Series(words, texts, dtype=pl.String))
        shown = shown.join(written, on=[column, "item_currency"], how="left", maintain_order="left")
    return shown
