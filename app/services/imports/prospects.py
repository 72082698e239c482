"""Prospects: people whom a file names before they have registered.

A name in a file is an id of ours, an Aadhaar number, or an id of another system. Ours must be there already. The others
are looked up among the values that belong to somebody, and where they are nobody's yet, a prospect is made: a customer
row that holds nothing but the value, and that registration turns into a customer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from app.db.repositories.people import customers as repository
from app.db.repositories.people.customers import IdentityKind
from app.services.imports.bank_transactions import Person, PersonKind, identify
from app.services.people.customers import IdentityService
from app.services.unit_of_work import UnitOfWork

#: Names that are remembered between blocks. A file of more people than that looks some of them up again.
REMEMBERED: Final = 400_000
KINDS: Final[Mapping[PersonKind, IdentityKind]] = {PersonKind.AADHAAR: "aadhaar", PersonKind.EXTERNAL: "external"}


@dataclass(slots=True, kw_only=True)
class People:
    """Whom a file has named so far: a customer's number for each name, or the code of what is wrong with it."""

    identity: IdentityService
    named_by: PersonKind
    _known: dict[str, int | str] = field(default_factory=dict)

    async def find(self, uow: UnitOfWork, names: pl.Series) -> pl.DataFrame:
        """Each different name of a block with its `customer_id`, or with a `person_code`; prospects are made."""
        different: list[str] = names.unique(maintain_order=True).to_list()
        strangers = [name for name in different if name not in self._known]
        if len(self._known) + len(strangers) > REMEMBERED:
            self._known.clear()
            strangers = different
        self._known |= await self._resolve(uow, strangers)
        found = [self._known[name] for name in different]
        return pl.DataFrame(
            {
                "person": different,
                "customer_id": [one if isinstance(one, int) else None for one in found],
                "person_code": [one if isinstance(one, str) else None for one in found],
            },
            schema={"person": pl.String, "customer_id": pl.Int64, "person_code": pl.String},
        )

    async def find_external(self, uow: UnitOfWork, ids: Sequence[str]) -> dict[str, int]:
        """The customers under ids of another system, whatever the ids look like; prospects are made."""
        strangers = [one for one in ids if one not in self._known]
        if len(self._known) + len(strangers) > REMEMBERED:
            self._known.clear()
            strangers = list(ids)
        found = await self._of_kind(uow, "external", dict(zip(strangers, strangers, strict=True)))
        self._known |= found
        return found | {one: number for one in ids if isinstance(number := self._known[one], int)}

    async def _resolve(self, uow: UnitOfWork, names: Iterable[str]) -> dict[str, int | str]:
        people = {name: identify(name, people=self.named_by, check=self.identity.check) for name in names}
        found: dict[str, int | str] = {name: one for name, one in people.items() if isinstance(one, str)}
        named = {name: one for name, one in people.items() if isinstance(one, Person)}
        ours = {name: int(one.value) for name, one in named.items() if one.kind is PersonKind.OURS}
        if ours:
            registered = await repository.list_registered(uow.session, list(ours.values()))
            found |= {name: number if number in registered else "user_unknown" for name, number in ours.items()}
        for kind, column in KINDS.items():
            of_kind = {name: one.value for name, one in named.items() if one.kind is kind}
            if of_kind:
                found |= await self._of_kind(uow, column, of_kind)
        return found

    async def _of_kind(self, uow: UnitOfWork, kind: IdentityKind, names: Mapping[str, str]) -> dict[str, int]:
        """The customers under the values of one kind, made where there are none. Two spellings may be one value."""
        values = {plain: self._value(kind, plain) for plain in dict.fromkeys(names.values())}
        owners = await repository.list_identities(uow.session, kind=kind, values=list(values.values()))
        fresh = {plain: value for plain, value in values.items() if value not in owners}
        if fresh:
            await self._make_prospects(uow, kind, fresh)
            # Somebody else may have been first with some of them: then those are theirs.
            owners |= await repository.list_identities(uow.session, kind=kind, values=list(fresh.values()))
        return {name: owners[values[plain]] for name, plain in names.items()}

    async def _make_prospects(self, uow: UnitOfWork, kind: IdentityKind, fresh: Mapping[str, bytes]) -> None:
        numbers = await repository.list_next_customer_numbers(uow.session, len(fresh))
        # In the order of their first appearance, so that the numbers follow the file.
        numbered = dict(zip(fresh, numbers, strict=True))
        claims = {value: numbered[plain] for plain, value in fresh.items()}
        won = await repository.add_identities(uow.session, kind=kind, owners=claims)
        rows = [self._row(uow, kind, plain, number) for plain, number in numbered.items() if number in won]
        await repository.add_prospects(uow.session, rows)

    def _row(self, uow: UnitOfWork, kind: IdentityKind, plain: str, number: int) -> dict[str, Any]:
        row: dict[str, Any] = {"customer_id": number, "created_at": uow.now, "actor": uow.actor.label}
        if kind == "external":
            return row | {"external_id": plain}
        sealed = self.identity.vault.seal(plain, customer_id=number)
        return row | {
            "aadhaar_ciphertext": sealed.ciphertext,
            "aadhaar_key_version": sealed.key_version,
            "aadhaar_last_four": sealed.last_four,
        }

    def _value(self, kind: IdentityKind, plain: str) -> bytes:
        return plain.encode() if kind == "external" else self.identity.vault.index(plain)
