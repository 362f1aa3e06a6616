"""What the files of one ZIP archive say, joined into one Statement.

In: Statements by the name of their file, in the archive's order. Out: one Statement. Never: a line twice
because two files overlap, an account in two kinds of file.
"""

from __future__ import annotations

import polars as pl

from recon.errors import DataRefused
from recon.schema import Statement, finding, findings_frame


def joined(read: list[tuple[str, Statement]], name: str) -> Statement:
    """The Statements of an archive's files as one, in their order.

    A line that two files tell (they overlap) is there once, as when the files were imported one by one, and a
    finding says so. Raises DataRefused where one account comes in two kinds of file, in which the same entry
    looks like two.
    """
    _refuse_mixed(read, name)
    findings = [
        one.findings.with_columns(where=pl.format("{}, {}", pl.lit(member), "where")) for member, one in read
    ]
    lines = pl.concat([one.lines.with_columns(member=pl.lit(nth)) for nth, (_, one) in enumerate(read)])
    kept = lines.unique("line_id", keep="first", maintain_order=True)
    again = lines.filter(~pl.col("line_id").is_first_distinct())
    if again.height:
        findings.append(_told_twice(again, [member for member, _ in read]))
    own = kept.select("line_id", "member")
    parts = pl.concat([one.parts.with_columns(member=pl.lit(nth)) for nth, (_, one) in enumerate(read)])
    refs = pl.concat([one.bank_refs for _, one in read])
    return Statement(
        lines=kept.drop("member"),
        parts=parts.join(own, on=["line_id", "member"], how="semi", maintain_order="left").drop("member"),
        expected=pl.concat([one.expected for _, one in read]),
        balances=pl.concat([one.balances for _, one in read]).unique(maintain_order=True),
        findings=pl.concat(findings),
        accounts=pl.concat([one.accounts for _, one in read]).unique(
            "account_id", keep="first", maintain_order=True
        ),
        format=", ".join(dict.fromkeys(one.format for _, one in read)),
        bank_refs=refs.unique("line_id", keep="first", maintain_order=True),
    )


def _refuse_mixed(read: list[tuple[str, Statement]], name: str) -> None:
    formats: dict[str, str] = {}
    for _, one in read:
        for account in one.accounts["account_id"]:
            if formats.setdefault(account, one.format) != one.format:
                raise _no(
                    name,
                    f"holds one account as {formats[account]} and as {one.format}, in which an entry would "
                    "count twice; import the files one after the other",
                )


def _told_twice(again: pl.DataFrame, members: list[str]) -> pl.DataFrame:
    rows: list[dict[str, object]] = []
    for nth, lines in sorted(again.group_by("member"), key=lambda group: group[0]):
        words = (
            f"{lines.height:,} of its lines stand in an earlier file of the archive too and count once. Two "
            "payments alike in every word of one day would look the same: compare the balances."
        )
        rows.append(
            finding(
                "warning", "lines_told_twice", members[nth[0]], words, sum(lines["amount_minor"].to_list())
            )
        )
    return findings_frame(rows)


def _no(name: str, why: str) -> DataRefused:
    return DataRefused(f"“{name}” {why}. Nothing was imported.", file=name)
