"""The ways to be tricked on the way to the bank and back, one story each.

In every story a bank is connected already. Whatever happens, nothing new is linked, no token changes hands, the
old access stays as it was; and an honest login works afterwards.
"""

from __future__ import annotations

import pytest
from login_stage import OTHER_BANK, Stage, changed, cookie_of, part

from recon.flow.connect import connect_address

# -- the mark that goes along -------------------------------------------------------------------------------


def wrong_state(s: Stage) -> str:
    """Somebody swaps the mark of the victim's return for a guess."""
    back = s.at_bank(s.begin(s.victim))
    return s.come_back(s.victim, changed(back, state="guessed-" + "x" * 40))


def state_of_another_attempt(s: Stage) -> str:
    """The attacker begins a login of their own and hangs its mark on the victim's return."""
    theirs = part(s.begin(s.attacker), "state")
    return s.come_back(s.victim, changed(s.at_bank(s.begin(s.victim)), state=theirs))


def no_state_and_no_cookie(s: Stage) -> str:
    """A return without the mark, in a browser that began nothing."""
    return s.come_back(s.attacker, changed(s.at_bank(s.begin(s.victim)), state=None))


def no_state_for_a_command(s: Stage) -> str:
    """Two commands wait; a return that names neither could be either's."""
    s.begin_command()
    back = s.at_bank(s.begin_command().url)
    return s.command(changed(back, state=None))


def state_named_twice(s: Stage) -> str:
    """A right mark and a wrong one in one address, for whoever reads only the first or only the last."""
    back = s.at_bank(s.begin(s.victim))
    return s.come_back(s.victim, f"{back}&state=another")


# -- the code -----------------------------------------------------------------------------------------------


def code_without_attempt(s: Stage) -> str:
    """A stolen code is brought to an app that sent nobody away."""
    return s.come_back(s.victim, f"/oauth/return?code=AAEC%2BwQF&consentId={s.consent_id}")


def code_of_another_login(s: Stage) -> str:
    """The attacker's own code, put into the victim's return: the victim would book the attacker's account."""
    theirs = s.at_bank(s.begin(s.attacker), username="mallory")
    mine = s.at_bank(s.begin(s.victim))
    return s.come_back(s.victim, changed(mine, code=part(theirs, "code")))


def code_spent_before(s: Stage) -> str:
    """The code of a login that ended well, hung on a fresh attempt."""
    first = s.at_bank(s.begin_command().url, provider="DK_Havbanken")
    del s.bank.codes[part(first, "code")]
    mine = s.at_bank(s.begin(s.victim))
    return s.come_back(s.victim, changed(mine, code=part(first, "code")))


def code_after_a_minute(s: Stage) -> str:
    """The bank's code lives a minute; whoever found it in a history comes later."""
    back = s.at_bank(s.begin(s.victim))
    s.bank.advance(seconds=61)
    return s.come_back(s.victim, back)


def code_without_consent(s: Stage) -> str:
    """Half a return."""
    return s.come_back(s.victim, changed(s.at_bank(s.begin(s.victim)), consentId=None))


def consent_that_is_a_path(s: Stage) -> str:
    """A consent's name that would be a file's."""
    return s.come_back(s.victim, changed(s.at_bank(s.begin(s.victim)), consentId="../../tokens.enc"))


# -- the return ---------------------------------------------------------------------------------------------


def return_replayed_after_a_cancel(s: Stage) -> str:
    """The person cancelled. Later somebody presents an accepted return for the very same attempt."""
    url = s.begin(s.victim)
    cookie = cookie_of(s.victim)
    assert s.come_back(s.victim, s.at_bank(url, accept=False)) == "cancelled"
    s.victim.cookies.set("recon_login", cookie, path="/oauth")
    return s.come_back(s.victim, s.at_bank(url))


def return_in_another_browser(s: Stage) -> str:
    """The attacker logs in as themselves and sends the victim the address they came back on."""
    back = s.at_bank(s.begin(s.attacker), username="mallory")
    return s.come_back(s.victim, back)


def return_after_ten_minutes(s: Stage) -> str:
    """A login page that was left open over lunch."""
    url = s.begin(s.victim)
    s.bank.advance(minutes=11)
    return s.come_back(s.victim, s.at_bank(url))


def return_for_another_consent(s: Stage) -> str:
    """A new bank is connected, and the return claims to be the one that is there already."""
    back = s.at_bank(s.begin(s.victim))
    return s.come_back(s.victim, changed(back, consentId=s.consent_id))


def renewal_with_somebody_elses_accounts(s: Stage) -> str:
    """Renewing Havbanken ends in a login to another bank: other accounts under the old name."""
    s.bank.switches.same_consent_on_reconnect = False
    begun = s.begin_command(purpose="renew", consent_id=s.consent_id)
    attempt = changed(begun.url, providerId=OTHER_BANK)
    return s.command(s.at_bank(attempt, username="mallory"))


def two_attempts_mixed_up(s: Stage) -> str:
    """A second tab begins anew; the first one's return belongs to no cookie any more."""
    first = s.begin(s.victim)
    s.begin(s.victim)
    return s.come_back(s.victim, s.at_bank(first))


def a_command_attempt_in_the_app(s: Stage) -> str:
    """An address made for the command line comes back in a browser."""
    begun = s.begin_command()
    s.victim.cookies.set("recon_login", begun.state.reveal(), path="/oauth")
    return s.come_back(s.victim, s.at_bank(begun.url))


def an_app_attempt_at_the_command(s: Stage) -> str:
    """An address made for a browser is pasted into the command."""
    return s.command(s.at_bank(s.begin(s.victim)))


def an_app_attempt_named_at_the_command(s: Stage) -> str:
    """The same, with the attempt's own name known."""
    back = changed(s.at_bank(s.begin(s.victim)), state=None)
    attempt_id = s.store.events().filter(kind="login_begun")["subject"][0]
    return s.command(back, attempt_id=attempt_id)


def a_login_link_from_last_week(s: Stage) -> str:
    """The address that a sync printed into a mail must not be good for ever."""
    url = connect_address(s.store, s.consent_id, by="schedule")
    s.bank.advance(days=7)
    return s.command(s.at_bank(url))


# -- other doors --------------------------------------------------------------------------------------------


def an_error_with_a_code(s: Stage) -> str:
    """Refused and accepted at once, for whoever looks at one of the two."""
    back = s.at_bank(s.begin(s.victim))
    return s.come_back(s.victim, changed(back, error="access_denied"))


def an_error_from_nowhere(s: Stage) -> str:
    """A forged refusal must not end the access that is there."""
    words = s.come_back(s.victim, "/oauth/return?error=access_denied&error_description=%3Cscript%3E")
    assert "<script>" not in words
    return words


def an_address_to_go_on_to(s: Stage) -> str:
    """`next=` and its sisters lead nobody away: the return goes to our own page, as `told` sees to."""
    back = s.at_bank(s.begin(s.victim))
    away = dict.fromkeys(("next", "redirect_uri", "returnUrl", "login", "problem"), "https://evil.example")
    return s.come_back(s.victim, changed(back, state="wrong", **away))


def another_host_in_the_request(s: Stage) -> str:
    """A forged Host changes neither where the bank sends people back to nor where the app does."""
    answer = s.victim.get(
        "/oauth/start", headers={"host": "evil.example", "x-forwarded-host": "evil.example"}
    )
    url = answer.headers["location"]
    assert "evil" not in url
    assert part(url, "redirect_uri") == "http://127.0.0.1:8501/oauth/return"
    back = changed(s.at_bank(url), state="wrong")
    return s.come_back(s.victim, back, host="evil.example[", **{"x-forwarded-host": "evil.example"})


def a_bank_of_ones_own(s: Stage) -> str:
    """The attacker registers an address of their own at the connect page; the bank refuses to send codes there."""
    url = changed(s.begin(s.attacker), redirect_uri="https://evil.example/steal")
    with pytest.raises(Exception, match="not registered"):
        s.at_bank(url)
    return s.come_back(s.victim, "/oauth/return")


def a_forged_message_of_a_login(s: Stage) -> str:
    """“The person logged in, all is well”, signed with a guess."""
    return s.message("SyncDone", secret="guessed").text


def a_forged_message_of_an_end(s: Stage) -> str:
    """“The consent was revoked”, signed with nothing but hope: access must not end by it."""
    return s.message("ConsentRevoked", secret="").text


STORIES = [
    (wrong_state, "another login's mark"),
    (state_of_another_attempt, "another login's mark"),
    (no_state_and_no_cookie, "no login that was started here"),
    (no_state_for_a_command, "no login that was started here"),
    (state_named_twice, "names the same thing twice"),
    (code_without_attempt, "no login that was started here"),
    (code_of_another_login, "did not accept the login's code"),
    (code_spent_before, "did not accept the login's code"),
    (code_after_a_minute, "did not accept the login's code"),
    (code_without_consent, "a code but no consent"),
    (consent_that_is_a_path, "a code but no consent"),
    (return_replayed_after_a_cancel, "taken already"),
    (return_in_another_browser, "no login that was started here"),
    (return_after_ten_minutes, "within 10 minutes"),
    (return_for_another_consent, "another consent"),
    (renewal_with_somebody_elses_accounts, "other accounts than those"),
    (two_attempts_mixed_up, "another login's mark"),
    (a_command_attempt_in_the_app, "no login that was started here"),
    (an_app_attempt_at_the_command, "no login that was started here"),
    (an_app_attempt_named_at_the_command, "no login that was started here"),
    (a_login_link_from_last_week, "within 10 minutes"),
    (an_error_with_a_code, "a code and an error at once"),
    (an_error_from_nowhere, "no login that was started here"),
    (an_address_to_go_on_to, "another login's mark"),
    (another_host_in_the_request, "another login's mark"),
    (a_bank_of_ones_own, "no login that was started here"),
    (a_forged_message_of_a_login, "refused"),
    (a_forged_message_of_an_end, "refused"),
]


@pytest.mark.parametrize(("attack", "words"), STORIES, ids=[attack.__name__ for attack, _ in STORIES])
def test_nothing_is_linked_and_existing_access_stays(stage, attack, words):
    before = stage.access()
    assert words in attack(stage)
    after = stage.access()
    assert after == before
    fresh = stage.honest_login()
    assert fresh != stage.consent_id or fresh in stage.store.vault.consents()
    assert set(before["tokens"]) < set(stage.access()["tokens"]), "an honest login still works"


def test_every_story_is_told_and_there_are_more_than_fourteen():
    import sys

    told = {name for name, one in vars(sys.modules[__name__]).items() if callable(one) and one.__doc__}
    told = {name for name in told if getattr(globals()[name], "__module__", "") == __name__}
    assert {attack.__name__ for attack, _ in STORIES} == told - {
        one for one in told if one.startswith("test_")
    }
    assert len(STORIES) > 14


# -- and what must go on working ----------------------------------------------------------------------------


def test_a_return_is_taken_once_and_its_repeat_changes_nothing(stage):
    """Reload, back button, a prefetching browser: the second opening of the same address."""
    back = stage.at_bank(stage.begin(stage.victim))
    cookie = cookie_of(stage.victim)
    assert stage.come_back(stage.victim, back) == "connected"
    after = stage.access()
    stage.victim.cookies.set("recon_login", cookie, path="/oauth")
    assert "taken already" in stage.come_back(stage.victim, back)
    assert stage.access() == after


def test_what_came_back_is_not_linked_until_a_person_confirms(stage):
    accounts = stage.store.accounts().to_dicts()
    assert stage.come_back(stage.victim, stage.at_bank(stage.begin(stage.victim))) == "connected"
    assert stage.store.accounts().to_dicts() == accounts
    assert "connecting" in stage.store.consents()["status"].to_list()


def test_a_proven_message_of_a_login_is_not_a_login(stage):
    """Even the bank's own word only makes us look: fresh data is what shows that a person was there."""
    stage.bank.advance(hours=8)
    stage.message("ConsentNeedsUpdate", secret="a webhook secret for proofs only")
    assert stage.store.consents()["status"].to_list() == ["needs_login"]
    assert stage.message("SyncDone", secret="a webhook secret for proofs only").text == "ok"
    assert stage.store.consents()["status"].to_list() == ["needs_login"]
    stage.bank.sync_now()
    stage.world.sync(fresh=False)
    assert stage.store.consents()["status"].to_list() == ["active"]


def test_a_renewal_under_a_new_id_with_the_same_accounts_is_taken(stage):
    """The bank does not promise to keep a consent's id; the accounts say that it is the same access."""
    stage.bank.switches.same_consent_on_reconnect = False
    begun = stage.begin_command(purpose="renew", consent_id=stage.consent_id)
    assert stage.command(stage.at_bank(begun.url, provider="DK_Havbanken")) == "connected"


def test_a_cancelled_renewal_costs_nothing(stage):
    before = stage.access()
    begun = stage.begin_command(purpose="renew", consent_id=stage.consent_id)
    assert stage.command(stage.at_bank(begun.url, accept=False)) == "cancelled"
    assert stage.access() == before
    assert stage.world.sync().exit_code == 0


def test_the_cookie_is_of_this_browser_and_of_nobody_else(stage):
    told = stage.victim.get("/oauth/start").headers["set-cookie"].lower()
    assert "httponly" in told and "samesite=lax" in told and "path=/oauth" in told and "max-age=600" in told


def test_no_secret_of_a_login_is_kept_in_clear(stage):
    url = stage.begin(stage.victim)
    back = stage.at_bank(url)
    assert stage.come_back(stage.victim, back) == "connected"
    secrets = [part(url, "state"), part(back, "code"), *stage.access()["tokens"].values()]
    for path in stage.store.home.rglob("*"):
        if path.is_file():
            kept = path.read_bytes()
            assert not any(secret.encode() in kept for secret in secrets), path.name
