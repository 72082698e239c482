"""The scene of a chaos run: the service, the people, and everything that goes on while faults are injected."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from tests.chaos import applications, cards, load, uploads
from tests.chaos.applications import Applying
from tests.chaos.books import Books
from tests.chaos.caller import Caller
from tests.chaos.cards import CardTraffic
from tests.chaos.hooks import Hooks
from tests.chaos.load import Load, Turnstile
from tests.chaos.people import settle
from tests.chaos.target import Target
from tests.chaos.uploads import Uploading
from tests.receiver import receiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What faults and verifications know. `random` is what faults choose by."""

    target: Target
    random: random.Random
    caller: Caller
    load: Load
    traffic: CardTraffic
    applying: Applying
    uploading: Uploading
    hooks: Hooks
    books: Books

    @asynccontextmanager
    async def busy(self, *, pace: float = 1.0) -> AsyncIterator[None]:
        """While the block lasts, payments, card traffic, applications and files come in. Then all have an answer.
        With a `pace` of a third people rest three times as long."""
        turnstile = Turnstile(self.caller, self.load.random)
        traffic = (
            (self.load.pay_once, load),
            (self.traffic.spend_once, cards),
            (self.applying.apply_once, applications),
            (self.uploading.upload_once, uploads),
        )
        async with asyncio.TaskGroup() as group:
            for act, module in traffic:
                people, pause = module.PEOPLE, module.PAUSE_SECONDS / pace
                group.create_task(turnstile.keep_busy(act, people=people, pause_seconds=pause))
            yield
            turnstile.end()

    async def jump_clock(self) -> str:
        """Moves the business date by half a month to a month and a half, and starts a billing run."""
        today = await self.books.today()
        to = today + timedelta(days=self.random.randrange(15, 45))
        await self.caller.call("PUT", "/api/v1/clock", business_date=to.isoformat())
        run = await self.caller.call("POST", "/api/v1/billing/runs", business_date=to.isoformat())
        return f"{today} to {to}, run {run['run_id']}"


@asynccontextmanager
async def set_scene(target: Target, *, loans: int, seed: int) -> AsyncIterator[Scene]:
    """The scene, with a random number generator for each part of it, all made from one seed."""
    draws = (random.Random(f"{seed}-{number}") for number in range(7))
    people = await settle(target, loans=loans)
    async with receiver() as listening:
        caller = Caller(target=target, random=next(draws), sign_in_form=target.admin())
        officer = Caller(target=target, random=next(draws), sign_in_form=people.officer)
        hooks = Hooks(receiver=listening, random=next(draws))
        hooks.add(await caller.call("POST", "/api/v1/webhooks/endpoints", url=listening.url))
        yield Scene(
            target=target,
            random=random.Random(seed),
            caller=caller,
            load=Load(caller=caller, loans=people.loans, random=next(draws)),
            traffic=CardTraffic(caller=caller, accounts=people.accounts, random=next(draws)),
            applying=Applying(caller=caller, people=people, random=next(draws)),
            uploading=Uploading(caller=caller, people=people, random=next(draws)),
            hooks=hooks,
            books=Books(maker=officer, checker=caller),
        )
