"""Small camt files for tests: what is not asked for is left out."""

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02d}"
OUR_IBAN = "DK8398760012345678"


def entry(
    amount: str,
    day: str | None = "2026-03-02",
    side: str = "CRDT",
    ref: str | None = None,
    status: str = "<Sts>BOOK</Sts>",
    details: str = "",
    currency: str = "DKK",
    extra: str = "",
) -> str:
    booking = f"<BookgDt><Dt>{day}</Dt></BookgDt>" if day else ""
    reference = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{status}{booking}{reference}'
        f"{extra}<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def balance(
    kind: str, amount: str, day: str = "2026-03-02", side: str = "CRDT", currency: str = "DKK"
) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>'
    )


def statement(
    *inside: str, account: str = f"<IBAN>{OUR_IBAN}</IBAN>", currency: str = "<Ccy>DKK</Ccy>"
) -> str:
    acct = f"<Acct><Id>{account}</Id>{currency}</Acct>" if account else ""
    return f"<Stmt><Id>S1</Id><LglSeqNb>7</LglSeqNb>{acct}{''.join(inside)}</Stmt>"


def camt(*statements: str, version: int = 2, namespace: bool = True) -> bytes:
    space = f' xmlns="{NAMESPACE.format(version=version)}"' if namespace else ""
    body = f"<Document{space}><BkToCstmrStmt>{''.join(statements)}</BkToCstmrStmt></Document>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{body}'.encode()


def payment(amount: str = "", inside: str = "", currency: str = "DKK", charges: str = "") -> str:
    money = f'<AmtDtls><TxAmt><Amt Ccy="{currency}">{amount}</Amt></TxAmt></AmtDtls>' if amount else ""
    return f"<TxDtls>{money}{charges}{inside}</TxDtls>"
