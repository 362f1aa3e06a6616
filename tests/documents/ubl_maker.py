"""Electronic invoices for tests, as small as the standard lets them be."""

from __future__ import annotations

HEAD = (
    'xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" '
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
)
WE = "Havnens Bageri ApS"
OUR_CVR = "13585628"


def party(name: str = "Mølle & Søn A/S", number: str = "25313763", more: str = "") -> str:
    name = name.replace("&", "&amp;")
    return (
        f"<cac:Party>{more}<cac:PartyName><cbc:Name>Trade name of {name}</cbc:Name></cac:PartyName>"
        f"<cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName>"
        f'<cbc:CompanyID schemeID="0184">{number}</cbc:CompanyID></cac:PartyLegalEntity></cac:Party>'
    )


US = party(WE, OUR_CVR)


def totals(
    payable: str = "1250.00", total: str | None = "1250.00", more: str = "", currency: str = "DKK"
) -> str:
    inclusive = (
        f'<cbc:TaxInclusiveAmount currencyID="{currency}">{total}</cbc:TaxInclusiveAmount>' if total else ""
    )
    return (
        f"<cac:LegalMonetaryTotal>{inclusive}{more}"
        f'<cbc:PayableAmount currencyID="{currency}">{payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>'
    )


def prepaid(amount: str) -> str:
    return f'<cbc:PrepaidAmount currencyID="DKK">{amount}</cbc:PrepaidAmount>'


def means(code: str, payment_id: str = "", account: str = "", more: str = "", branch: str = "") -> str:
    told = f"<cbc:PaymentID>{payment_id}</cbc:PaymentID>" if payment_id else ""
    inside = (
        f"<cac:FinancialInstitutionBranch><cbc:ID>{branch}</cbc:ID></cac:FinancialInstitutionBranch>"
        if branch
        else ""
    )
    to = (
        f"<cac:PayeeFinancialAccount><cbc:ID>{account}</cbc:ID>{inside}</cac:PayeeFinancialAccount>"
        if account
        else ""
    )
    return f"<cac:PaymentMeans><cbc:PaymentMeansCode>{code}</cbc:PaymentMeansCode>{told}{more}{to}</cac:PaymentMeans>"


def oioubl_slip(card: str, payment_id: str, creditor: str) -> str:
    """Means 93 as OIOUBL 2.1 writes it."""
    told = f"<cbc:InstructionID>{payment_id}</cbc:InstructionID>" if payment_id else ""
    to = f"<cac:CreditAccount><cbc:AccountID>{creditor}</cbc:AccountID></cac:CreditAccount>"
    return means("93", card, more=told + to)


def invoice(
    *,
    supplier: str = "",
    customer: str = US,
    number: str = "1001",
    root: str = "Invoice",
    money: str = "",
    head: str = "",
    body: str = "",
    currency: str = "<cbc:DocumentCurrencyCode>DKK</cbc:DocumentCurrencyCode>",
) -> str:
    """A document received by us from Mølle & Søn over 1,250.00 DKK, unless told otherwise."""
    return (
        f"<{root} {HEAD.format(root=root)}><cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-10-01</cbc:IssueDate>"
        f"{head}{currency}"
        f"<cac:AccountingSupplierParty>{supplier or party()}</cac:AccountingSupplierParty>"
        f"<cac:AccountingCustomerParty>{customer}</cac:AccountingCustomerParty>"
        f"{body}{money or totals()}</{root}>"
    )


def envelope(*documents: str) -> str:
    """A StandardBusinessDocument around them, its header before."""
    space = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    header = "<sbd:HeaderVersion>1.0</sbd:HeaderVersion>"
    head = f"<sbd:StandardBusinessDocumentHeader>{header}</sbd:StandardBusinessDocumentHeader>"
    root = "sbd:StandardBusinessDocument"
    return f'<{root} xmlns:sbd="{space}">{head}{"".join(documents)}</{root}>'
