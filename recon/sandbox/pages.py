"""HTML of the bank's own pages: choose a bank, log in, choose accounts. Self-contained, marked as made up.

In: an attempt and what to show. Out: a whole page as text; everything that came from outside is escaped.
Never: a script, a font or a picture from elsewhere.
"""

from __future__ import annotations

from html import escape

from recon.money import show
from recon.sandbox.figures import OwnAccount
from recon.sandbox.grants import Attempt
from recon.sandbox.habits import House

_WORDS = {
    "Choose your bank": "Vælg din bank",
    "recon would like to read your accounts.": "recon vil gerne læse dine konti.",
    "Log in to": "Log ind hos",
    "User name": "Brugernavn",
    "Password": "Adgangskode",
    "Any name and any digits will do.": "Et hvilket som helst navn og cifre duer.",
    "Log in": "Log ind",
    "Cancel": "Annullér",
    "Choose accounts": "Vælg konti",
    "Share these accounts": "Del disse konti",
    "recon may then": "recon må derefter",
    "see accounts and balances": "se konti og saldi",
    "read statement lines": "læse posteringer",
    "fetch news without you, until you withdraw": "hente nyt uden dig, indtil du siger fra",
    "It can never move money.": "Det kan aldrig flytte penge.",
    "Sandbox bank: everything here is made up. Never type a real password.": (
        "Sandkassebank: alt her er opdigtet. Skriv aldrig en rigtig adgangskode."
    ),
    "Choose at least one account.": "Vælg mindst én konto.",
    "The password is digits only.": "Adgangskoden er kun cifre.",
    "Renew your login": "Forny dit login",
    "Your bank wants to see you again before it gives out more.": (
        "Din bank vil se dig igen, før den giver mere."
    ),
    "Full details on every line": "Alle detaljer på hver postering",
    "Short texts in capitals, nothing else": "Korte tekster med store bogstaver, intet andet",
    "Wants you at every update": "Vil se dig ved hver opdatering",
}

_STYLE = """
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:#eef1f4;color:#17212b;
  font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.mark{background:#ffd84d;color:#3a2f00;text-align:center;padding:.5rem 1rem;font-size:.875rem;font-weight:600}
main{max-width:27rem;margin:2.5rem auto;background:#fff;border-radius:16px;overflow:hidden;
  box-shadow:0 1px 2px #0001,0 12px 40px #0b203318}
header{background:var(--own);color:#fff;padding:1.5rem 1.75rem}
header .house{font-size:.875rem;opacity:.85;letter-spacing:.02em}
h1{font-size:1.375rem;line-height:1.25;margin:.15rem 0 0;font-weight:650}
section{padding:1.5rem 1.75rem 1.75rem}
p{margin:0 0 1rem}
.quiet{color:#5a6773;font-size:.875rem}
label.field{display:block;font-size:.875rem;font-weight:600;margin:0 0 .35rem}
input[type=text],input[type=password]{width:100%;font:inherit;padding:.65rem .8rem;margin:0 0 1rem;
  border:1px solid #b8c2cc;border-radius:9px;background:#fff;color:inherit}
input:focus-visible,button:focus-visible,.row:focus-within{outline:3px solid #6db3ff;outline-offset:1px}
button{font:inherit;font-weight:600;border-radius:9px;padding:.7rem 1.1rem;border:1px solid transparent;
  cursor:pointer}
.main{background:var(--own);color:#fff;flex:1}
.main:hover{filter:brightness(1.12)}
.other{background:#fff;color:#3d4a56;border-color:#c6ced6}
.other:hover{background:#f3f5f7}
.foot{display:flex;gap:.75rem;margin-top:1.25rem}
.bank{display:flex;align-items:center;gap:.9rem;width:100%;text-align:left;background:#fff;border-color:#d5dce2;
  margin:0 0 .65rem;padding:.85rem 1rem}
.bank:hover{border-color:#17212b;background:#fafbfc}
.badge{flex:none;width:2.5rem;height:2.5rem;border-radius:10px;color:#fff;display:grid;place-items:center;
  font-weight:700;font-size:1.1rem}
.bank small{display:block;font-weight:400;color:#5a6773}
.row{display:flex;gap:.8rem;align-items:center;padding:.8rem .9rem;border:1px solid #d5dce2;border-radius:9px;
  margin:0 0 .6rem;cursor:pointer}
.row:hover{background:#fafbfc}
.row input{width:1.15rem;height:1.15rem;accent-color:var(--own);flex:none}
.who{flex:1}
.row b{display:flex;justify-content:space-between;gap:1rem;font-weight:600}
.row i{font-style:normal;white-space:nowrap;font-variant-numeric:tabular-nums}
.row small{color:#5a6773;font-variant-numeric:tabular-nums}
ul{margin:.25rem 0 1rem;padding-left:1.2rem;color:#3d4a56;font-size:.9375rem}
.wrong{background:#fdecea;color:#8c1d13;border-radius:9px;padding:.6rem .85rem;font-size:.9375rem;
  font-weight:600}
@media(max-width:30rem){main{margin:0;border-radius:0;min-height:100vh}}
"""


def bank_page(attempt: Attempt) -> str:
    """The list of banks, one button each."""
    rows = "".join(
        f'<button class="bank" id="bank-{house.id}" name="provider" value="{house.id}">'
        f'<span class="badge" style="background:{house.colour}">{escape(house.name[0])}</span>'
        f"<span>{escape(house.name)} <small>{_say(house.words, attempt)}</small></span></button>"
        for house in attempt.houses
    )
    body = (
        f"<p>{_say('recon would like to read your accounts.', attempt)}</p>"
        f'<form method="post">{rows}</form>{_cancel_form(attempt)}'
    )
    return _page(attempt, "Choose your bank", body)


def login_page(attempt: Attempt, action: str, wrong: str = "") -> str:
    """User name and password, filled in already; also the page of a renewed login."""
    renewing = attempt.update_of is not None
    name = escape(attempt.email or "nordlys")
    intro = "Your bank wants to see you again before it gives out more." if renewing else ""
    cancel = "" if renewing else _button("cancel", "Cancel", attempt, action="cancel")
    body = f"""
{f"<p>{_say(intro, attempt)}</p>" if intro else ""}{_wrong(wrong, attempt)}
<form method="post" action="{escape(action)}">
<label class="field" for="username">{_say("User name", attempt)}</label>
<input type="text" id="username" name="username" value="{name}" autocomplete="off">
<label class="field" for="password">{_say("Password", attempt)}</label>
<input type="password" id="password" name="password" value="1234" inputmode="numeric" autocomplete="off">
<p class="quiet">{_say("Any name and any digits will do.", attempt)}</p>
<div class="foot">{_button("login", "Log in", attempt, main=True)}{cancel}</div>
</form>"""
    return _page(attempt, "Renew your login" if renewing else "Log in to", body, named=not renewing)


def accounts_page(
    attempt: Attempt, accounts: list[OwnAccount], balances: dict[str, int], ticked: set[str], wrong: str = ""
) -> str:
    """The accounts with tick boxes, and what sharing them means."""
    language = _language(attempt)
    sums = {own.key: show(balances[own.key], own.currency, language) for own in accounts}
    rows = "".join(
        f'<label class="row"><input type="checkbox" name="account" value="{account.key}"'
        f"{' checked' if account.key in ticked else ''}>"
        f'<span class="who"><b>{escape(account.name)}<i>{escape(sums[account.key])}</i></b>'
        f"<small>{escape(_grouped(account.iban))}</small></span></label>"
        for account in accounts
    )
    rights = ["see accounts and balances", "read statement lines"]
    if "offline_access" in attempt.scopes:
        rights.append("fetch news without you, until you withdraw")
    listed = "".join(f"<li>{_say(right, attempt)}</li>" for right in rights)
    body = f"""{_wrong(wrong, attempt)}
<form method="post">{rows}
<p style="margin:1.1rem 0 0">{_say("recon may then", attempt)}</p><ul>{listed}</ul>
<p class="quiet">{_say("It can never move money.", attempt)}</p>
<div class="foot">{_button("accept", "Share these accounts", attempt, main=True)}
{_button("cancel", "Cancel", attempt, action="cancel")}</div></form>"""
    return _page(attempt, "Choose accounts", body)


def refused_page(words: str) -> str:
    """What a person sees when an address makes no sense."""
    attempt = Attempt("", "")
    return _page(attempt, "This did not work", f'<p class="wrong">{escape(words)}</p>')


def _page(attempt: Attempt, title: str, body: str, *, named: bool = False) -> str:
    house: House | None = attempt.house
    colour = house.colour if house else "#24405c"
    above = house.name if house and not named else "recon sandbox"
    shown = f"{_say(title, attempt)} {escape(house.name)}" if named and house else _say(title, attempt)
    mark = "Sandbox bank: everything here is made up. Never type a real password."
    return f"""<!doctype html>
<html lang="{_language(attempt)}"><head><meta charset="utf-8"><title>{shown}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">
<style>:root{{--own:{colour}}}{_STYLE}</style></head>
<body><div class="mark">{_say(mark, attempt)}</div>
<main><header><div class="house">{escape(above)}</div><h1>{shown}</h1></header>
<section>{body}</section></main>
</body></html>"""


def _button(name: str, words: str, attempt: Attempt, *, main: bool = False, action: str = "") -> str:
    goes = f' formaction="/connect/{escape(attempt.id)}/{action}" formnovalidate' if action else ""
    return f'<button id="{name}" class="{"main" if main else "other"}"{goes}>{_say(words, attempt)}</button>'


def _cancel_form(attempt: Attempt) -> str:
    button = _button("cancel", "Cancel", attempt, action="cancel")
    return f'<form method="post"><div class="foot">{button}</div></form>'


def _wrong(words: str, attempt: Attempt) -> str:
    return f'<p class="wrong" id="wrong">{_say(words, attempt)}</p>' if words else ""


def _say(words: str, attempt: Attempt) -> str:
    return escape(_WORDS.get(words, words) if attempt.danish else words)


def _language(attempt: Attempt) -> str:
    return "da" if attempt.danish else "en"


def _grouped(iban: str) -> str:
    return " ".join(iban[i : i + 4] for i in range(0, len(iban), 4))
