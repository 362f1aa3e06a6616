"""Ask a bank for fresh data: within the law's quota, and written down before the call.

Reading what the service holds costs no bank access; asking it to look at the bank does, and without a person
there only four times in 24 hours for an account. A person's click is written down as such.
"""

from __future__ import annotations

from dataclasses import dataclass

from recon.bank.client import ViiaClient
from recon.errors import BankError
from recon.flow.workspace import Store
from recon.store import consents, fetching

UNATTENDED_PER_DAY = 4


@dataclass(frozen=True)
class Asked:
    """What came of it. None of this keeps anybody from reading what the service holds already.

    queued: fresh data is on its way. login: where a person must log in first. spent: the quota allowed no
    question. trouble: the question failed.
    """

    queued: bool = False
    login: str | None = None
    spent: bool = False
    trouble: BankError | None = None


def ask(store: Store, client: ViiaClient, consent_id: str, *, by: str, attended: bool) -> Asked:
    """Ask for fresh data of all accounts of a consent, once. Raises LoginRequired where the access is dead."""
    with store.database.write(by) as writer:
        covered = consents.accounts_of(writer.c, consent_id)
        if not attended and fetching.unattended_accesses(writer.c, covered, writer.at) >= UNATTENDED_PER_DAY:
            return Asked(spent=True)
        fetching.add_access(writer.c, consent_id, covered, writer.at, by, attended=attended)
        writer.event("bank_asked", consent_id, attended=attended, accounts=covered)
    try:
        answer = client.request_update(consent_id)
    except BankError as error:
        return Asked(trouble=error)
    return Asked(queued=answer.queued, login=answer.auth_url)
