"""The keys of the books: which they are, and that we hold the ones under which these books were written.

Three keys are part of the books. Under another encryption key the Aadhaar numbers do not open; under another index key
a number is not found again, so that somebody registers twice; under another audit key no earlier seal is right. None of
that is seen at once, so the books keep a check value of each, and whoever opens them with other keys is turned away
before a row is written. The secret of tokens is no key of the books: a new one only ends everybody's session.

Books that have no check value of a key yet (new ones, and those of an earlier version of Kist) get one when the key has
opened what there is: a number of each version, the ends of the index, the last seal.
"""

import hmac
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from app.db.repositories import audit as audit_repository
from app.db.repositories.people import customers as customer_repository
from app.db.repositories.people import keys as repository
from app.db.repositories.people.customers import SealedNumber
from app.db.repositories.people.keys import Noted
from app.domain.operations.audit import is_sealed_under
from app.domain.people.access import SYSTEM
from app.services.people.vault import SealBroken, Vault, create_vault
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from app.settings import Settings, decode_key, decode_older_keys

AADHAAR: Final = "aadhaar_key"
ADVICE: Final = "give the ones that belong to these books, or put back the secrets.json that was kept with them"


class KeysDiffer(Exception):
    """The keys at hand are not those of the books; the message says in one line which, and what to do."""


class Key(NamedTuple):
    """A key by its purpose and, where there may be several, its version."""

    name: str
    version: int = 1

    def __str__(self) -> str:
        return f"KIST_{self.name.upper()}" + (f" of version {self.version}" if self.name == AADHAAR else "")


INDEX: Final = Key("aadhaar_index_key")
AUDIT: Final = Key("audit_key")


def keys_of(settings: Settings) -> dict[Key, bytes]:
    """The keys of the books that the settings hold."""
    sealing = {settings.aadhaar_key_version: decode_key(settings.aadhaar_key)}
    sealing |= decode_older_keys(settings.aadhaar_older_keys)
    keys = {Key(AADHAAR, version): key for version, key in sealing.items()}
    return keys | {INDEX: decode_key(settings.aadhaar_index_key), AUDIT: decode_key(settings.audit_key)}


def check_value(key: bytes) -> bytes:
    """Of 256 random bits, eight bytes of an HMAC tell one key from another and lead back to none."""
    return hmac.digest(key, b"kist:backup", "sha256")[:8]


async def check_keys(uow_factory: UnitOfWorkFactory, settings: Settings, *, note: bool = True) -> None:
    """Holds our keys against the books, and notes those that the books have no check value of.

    Raises KeysDiffer, and then nothing was noted.
    """
    values = {key: check_value(secret) for key, secret in keys_of(settings).items()}
    async with uow_factory.open(SYSTEM) as uow:
        noted = {Key(each.key, each.version): each for each in await repository.list_noted(uow.session)}
        _refuse([key for key, value in values.items() if key in noted and noted[key].value != value])
        for key in sorted(key for key, each in noted.items() if key not in values and not each.retired):
            if await repository.find_number_under(uow.session, key.version) is not None:
                raise KeysDiffer(f"{key} is not here, and seals numbers of these books: KIST_AADHAAR_OLDER_KEYS")
        present = Key(AADHAAR, settings.aadhaar_key_version)
        new = await _find_unnoted(uow, settings, noted)
        if note and new:
            await _note(uow, {key: values[key] for key in new})
        if note and present in noted and noted[present].retired:
            await repository.revive_version(uow.session, *present)


async def _find_unnoted(uow: UnitOfWork, settings: Settings, noted: Mapping[Key, Noted]) -> set[Key]:
    """The keys that are new to the books, each tried on what it should open. Raises KeysDiffer."""
    vault, new = create_vault(settings), {Key(AADHAAR, settings.aadhaar_key_version), INDEX, AUDIT} - noted.keys()
    if new and not any(key.name == AADHAAR for key in noted):
        new |= {Key(AADHAAR, version) for version in await repository.list_sealed_versions(uow.session)}
    _refuse([key for key in new if key.name == AADHAAR and not await _opens(uow, vault, key.version)])
    if INDEX in new:
        for value, number in await customer_repository.list_indexed_numbers(uow.session):
            aadhaar = _open(vault, number)
            _refuse([INDEX] if aadhaar is not None and vault.index(aadhaar) != value else [])
    if AUDIT in new:
        seal = await audit_repository.find_last_seal(uow.session)
        _refuse([AUDIT] if seal and not is_sealed_under(seal, key=decode_key(settings.audit_key)) else [])
    return new


async def _opens(uow: UnitOfWork, vault: Vault, version: int) -> bool:
    number = await repository.find_number_under(uow.session, version)
    return number is None or _open(vault, number) is not None


def _open(vault: Vault, number: SealedNumber) -> str | None:
    try:
        return vault.open(number.ciphertext, key_version=number.key_version, customer_id=number.customer_id)
    except SealBroken:
        return None


async def _note(uow: UnitOfWork, values: Mapping[Key, bytes]) -> None:
    """Writes check values. Another process may do so at this moment with keys of its own, and one of us is late."""
    notes = [
        Noted(key=key.name, version=key.version, value=value, retired=False) for key, value in sorted(values.items())
    ]
    await repository.add_noted(uow.session, notes, now=uow.now)
    found = {Key(each.key, each.version): each.value for each in await repository.list_noted(uow.session)}
    _refuse([key for key, value in values.items() if found[key] != value])


def _refuse(keys: Collection[Key]) -> None:
    if keys:
        *most, last = sorted(str(key) for key in keys)
        names = f"{', '.join(most)} and {last} are not those" if most else f"{last} is not the one"
        raise KeysDiffer(f"{names} under which these books were written: {ADVICE}")
