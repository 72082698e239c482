"""An authorisation at the edge: the request of a client becomes a call of the group commit."""

from dataclasses import dataclass

from app.domain.cards.authorisations import Ask
from app.domain.people.access import ANONYMOUS
from app.services.cards.authorisations import AuthorisationView
from app.services.cards.groups import AuthorisationCall, AuthorisationGroups
from app.services.people.tokens import Claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Authoriser:
    """Decides the authorisation of one request."""

    groups: AuthorisationGroups
    claims: Claims | None
    request_id: str

    async def authorise(self, account_id: int, ask: Ask, *, token: str) -> AuthorisationView:
        """Decides it with those that arrived at the same time. Raises what refuses it (`AuthorisationGroups.take`)."""
        return await self.groups.take(
            AuthorisationCall(
                account_id=account_id,
                ask=ask,
                token=token,
                actor=ANONYMOUS if self.claims is None else self.claims.actor,
                claims=self.claims,
                request_id=self.request_id,
            )
        )
