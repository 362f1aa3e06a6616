"""The keyring of the operating system, asked through its own program: one secret a workspace, named by us.

    Linux   secret-tool (libsecret: GNOME Keyring, KWallet)      macOS   security

In: a name. Out: the secret kept under it. Never: a secret in a process list, a wait for ever on a locked keyring.
"""

from __future__ import annotations

import shutil
import subprocess

from recon.errors import UsageError
from recon.settings import Secret

SERVICE = "recon"
PATIENCE_SECONDS = 30


def keep(name: str, secret: Secret) -> None:
    """Put a secret into the keyring; it travels by standard input. secret: letters and digits. Raises UsageError."""
    text = secret.reveal()
    if _program() == "security":
        order = f"add-generic-password -U -s {SERVICE} -a {name} -w {text}\n"
        _run(["security", "-i"], order)
    else:
        _run(["secret-tool", "store", "--label", f"{SERVICE} {name}", *_attributes(name)], text)


def find(name: str) -> Secret:
    """The secret kept under a name. Raises UsageError where there is none, or the keyring is locked."""
    if _program() == "security":
        told = _run(["security", "find-generic-password", "-s", SERVICE, "-a", name, "-w"], "")
    else:
        told = _run(["secret-tool", "lookup", *_attributes(name)], "")
    if not told.strip():
        raise _refused("it holds no key for this workspace")
    return Secret(told.strip())


def _attributes(name: str) -> list[str]:
    return ["service", SERVICE, "workspace", name]


def _program() -> str:
    found = next((one for one in ("secret-tool", "security") if shutil.which(one)), None)
    if found is None:
        raise _refused("neither secret-tool nor security is installed")
    return found


def _run(command: list[str], given: str) -> str:
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        raise _refused(f"{command[0]} did not answer; unlock it") from None
    if done.returncode != 0:
        raise _refused(f"{command[0]} said no; unlock it, or see that it holds the key of this workspace")
    return done.stdout


def _refused(why: str) -> UsageError:
    return UsageError(
        f"The operating system's keyring cannot be used: {why}. Nothing was changed; or take RECON_VAULT_KEY off to "
        "use a key file for a new workspace."
    )
