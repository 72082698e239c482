"""Reveals a sealed Aadhaar number for a reason, and seals all numbers again under a new key.

Kist itself never needs the plain number again. If an authority asks for it, or a customer disputes their identity, a
caller with the special permission may see it. The reason is in the audit trail before the number is returned.
"""

from collections.abc import AsyncIterator

from app.db.repositories.people import customers as repository
from app.db.repositories.people import keys as key_repository
from app.db.repositories.people.customers import SealedNumber
from app.domain.errors import NotFound
from app.domain.people.access import SYSTEM
from app.domain.people.customers import CustomerNotFound
from app.services.people.keys import AADHAAR
from app.services.people.vault import Vault
from app.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

#: Numbers sealed again in one transaction. It takes a hundredth of a second, so registrations hardly wait.
BATCH = 500


class AadhaarNotGiven(NotFound):
    """The books hold no Aadhaar number of this customer. There is nothing to reveal."""

    code = "aadhaar_not_given"


async def reveal_aadhaar(uow: UnitOfWork, customer_id: int, *, vault: Vault, reason: str) -> str:
    """A customer's whole number, for a reason that goes into the audit trail. The route checks the permission.

    Raises CustomerNotFound, AadhaarNotGiven, SealBroken.
    """
    if not uow.actor.may_see(customer_id):
        raise CustomerNotFound("there is no such customer", field="user_id")
    await repository.get_profile(uow.session, customer_id)
    sealed = await repository.find_sealed_number(uow.session, customer_id)
    if sealed is None:
        raise AadhaarNotGiven("this customer has no stored Aadhaar number", field="user_id")
    await uow.record(
        "aadhaar_revealed",
        object_kind="customer",
        object_id=str(customer_id),
        customer_id=customer_id,
        details={"reason": reason},
    )
    return vault.open(sealed.ciphertext, key_version=sealed.key_version, customer_id=customer_id)


async def count_to_rotate(uow_factory: UnitOfWorkFactory, *, vault: Vault) -> int:
    """How many numbers are sealed under another key than the current one."""
    async with uow_factory.open(SYSTEM) as uow:
        return await repository.count_sealed_otherwise(uow.session, than_version=vault.key_version)


async def rotate_key(uow_factory: UnitOfWorkFactory, *, vault: Vault) -> AsyncIterator[int]:
    """Seals every number again under the current key, and yields the size of each batch. Each batch is committed, so it
    may be stopped at any time and run again, also while customers register. Raises SealBroken."""
    while True:
        async with uow_factory.open(SYSTEM) as uow:
            batch = await repository.list_sealed_otherwise(uow.session, than_version=vault.key_version, limit=BATCH)
            if not batch:
                await key_repository.retire_versions(uow.session, AADHAAR, but=vault.key_version, now=uow.now)
                return
            # A number that somebody else has written since it was read is left to the next batch.
            written = await repository.replace_sealed_numbers(
                uow.session, [(each, _reseal(each, vault)) for each in batch], version=vault.key_version
            )
            details = {"numbers": written, "up_to_customer": batch[-1].customer_id}
            await uow.record(
                "aadhaar_key_rotated", object_kind="key", object_id=str(vault.key_version), details=details
            )
        yield written


def _reseal(number: SealedNumber, vault: Vault) -> bytes:
    plain = vault.open(number.ciphertext, key_version=number.key_version, customer_id=number.customer_id)
    return vault.seal(plain, customer_id=number.customer_id).ciphertext
