"""Card accounts: statements of a daily run against one SQL statement, and authorisations over HTTP against pgbench."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.settings import Settings
from bench.card_books import PATTERNS, POSTINGS, RUN_ON, TOKEN, load_accounts
from bench.cards_peer import CHECKSUMS, STATEMENTS_BY_HAND
from bench.load import Answers, request, send_all
from bench.payments import PEER_TIMES, ROUNDS
from bench.recording import CLIENTS, hear, pgbench_script, run_pgbench
from bench.report import Figure, Report, alternate, percentile, ratio_figures
from bench.serving import kist_api, sign_in
from bench.templates import COPY, Templates, connection

BOOK, SMALL_BOOK, HELD = "card_book", "small_card_book", "card_holds_book"
PEER = "one SQL statement a session"
#: In which values of the recorded statements the number of the account is.
CHANGING = {
    **dict.fromkeys(("accounts", "account_ids", "customer_ids", "hold_customer_id", "hold_account_id"), ":loan"),
    **dict.fromkeys(("tokens", "hold_token"), TOKEN.format(number=":loan")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSizes:
    """Accounts whose statements are issued, and authorisations in a round."""

    accounts: int
    authorisations: int


def measure_cards(settings: Settings, report: Report, *, sizes: CardSizes, rounds: int) -> None:
    """`settings` are those of a migrated and seeded database without connections."""
    with report.trying("card statements"):
        _measure_statements(settings, report, accounts=sizes.accounts, rounds=rounds)
    with report.trying("card authorisations"):
        _measure_authorisations(settings, report, count=sizes.authorisations)


# --- statements ------------------------------------------------------------------------------------------------------


def _measure_statements(settings: Settings, report: Report, *, accounts: int, rounds: int) -> None:
    """Runs by one and by two workers against the statement, on fresh copies of one book."""
    templates = Templates(settings)
    for name, count in ((SMALL_BOOK, 4 * PATTERNS), (BOOK, accounts)):
        templates.make(name, partial(load_accounts, count=count, with_postings=True))
    _check_rows(templates, count=4 * PATTERNS)
    note = f"{accounts:,} accounts with {POSTINGS} postings each"
    for workers, words in ((1, "one worker"), (2, "two workers")):
        name = f"card statements, {words}"
        with report.trying(name):
            ours = partial(templates.rate_of_run, BOOK, bills=0, workers=workers, statements=accounts)
            peer = partial(_rate_of_peer, templates, BOOK, accounts, workers)
            pairs = alternate(rounds, ours, peer)
            report.add(ratio_figures(name, pairs, unit="accounts/s", peer=PEER, note=note, bound="at least 0.4"))
    report.add(
        [
            Figure(
                name="card statements, memory of a worker at its peak",
                value=templates.peak_megabytes,
                unit="MB",
                note=note,
                bound="below 300",
            )
        ]
    )


def _check_rows(templates: Templates, *, count: int) -> None:
    """Checks that the peer writes exactly the rows that a run writes."""
    found = []
    for issue in (
        partial(templates.rate_of_run, SMALL_BOOK, bills=0, workers=1, statements=count),
        partial(_rate_of_peer, templates, SMALL_BOOK, count, 1),
    ):
        issue()
        found.append(asyncio.run(_ask(templates.settings_of(COPY), CHECKSUMS)))
    assert found[0] == found[1], f"the run and the statement wrote different rows: {found}"


def _rate_of_peer(templates: Templates, name: str, accounts: int, sessions: int) -> float:
    """Accounts a second of the statement. The book is divided among the sessions."""
    return asyncio.run(_time_peer(templates, name, accounts, sessions))


async def _time_peer(templates: Templates, name: str, accounts: int, sessions: int) -> float:
    await templates.copy(name, to=COPY)
    settings = templates.settings_of(COPY)
    bounds = [accounts * part // sessions for part in range(sessions + 1)]
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(connection(settings.app_dsn)) for _ in range(sessions)]
        began = loop.time()
        await asyncio.gather(
            *(
                each.execute(STATEMENTS_BY_HAND, RUN_ON, first + 1, last, 1)
                for each, first, last in zip(connections, bounds, bounds[1:], strict=False)
            )
        )
        seconds = loop.time() - began
    (issued,) = await _ask(settings, "SELECT count(*) FROM card_statements")
    assert issued == accounts, f"{issued} statements of {accounts} accounts"
    return accounts / seconds


async def _ask(settings: Settings, question: str) -> Any:
    async with connection(settings.app_dsn) as asked:
        return await asked.fetchrow(question)


# --- authorisations --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class AuthorisationClient:
    """Where authorisations are asked for, and what their answers took."""

    port: int
    token: str
    tokens: dict[int, str]
    answers: list[Answers] = field(default_factory=list)

    def authorise(self, accounts: range, *, connections: int = CLIENTS) -> float:
        """One on each account; the rate."""
        # Made before the clock starts: what a client does is none of our time.
        made = [
            request(
                "POST", _path(account), token=self.token, key=secrets.token_hex(8), body=_body(self.tokens[account])
            )
            for account in accounts
        ]
        answers = asyncio.run(send_all(self.port, iter(made), connections=connections))
        answers.check("POST /api/v1/card-accounts/{account_id}/authorisations", count=len(made), status=200)
        self.answers.append(answers)
        return answers.rate


def _path(account: int) -> str:
    return f"/api/v1/card-accounts/CA-{account:06d}/authorisations"


def _body(token: str) -> dict[str, Any]:
    return {
        "reference": f"RRN-{secrets.token_hex(8)}",
        "amount": "2500.00",
        "kind": "purchase",
        "merchant": {"name": "BIG BAZAAR MUMBAI", "category_code": "5411", "country": "IN"},
        "card_token": token,
        "transacted_at": "2100-01-01T11:30:00+05:30",
    }


@dataclass(slots=True)
class Accounts:
    """Accounts of the book on which nothing is held yet, each handed out once."""

    numbers: range
    taken: int = 0

    def take(self, count: int) -> range:
        """The next ones."""
        found = self.numbers[self.taken : self.taken + count]
        assert len(found) == count, "the book is too small for so many authorisations"
        self.taken += count
        return found


def _measure_authorisations(settings: Settings, report: Report, *, count: int) -> None:
    """`count` authorisations a round, each on an account of its own, by 32 connections; then one at a time."""
    alone = max(count // 8, 8)
    book = PATTERNS + 2 + 100 + alone + ROUNDS * count * (1 + PEER_TIMES)
    templates = Templates(settings)
    templates.make(HELD, partial(load_accounts, count=book, with_postings=False))
    settings = templates.settings_of(HELD)
    tokens = asyncio.run(_tokens(settings))
    first = PATTERNS + 1
    bodies = [_body(tokens[first]), _body(tokens[first])]
    heard, _ = asyncio.run(hear(settings, _path(first), bodies=bodies, status=200))
    report.add([Figure(name="authorisation, statements", value=len(heard), unit="", note="BEGIN and COMMIT included")])
    script = pgbench_script(heard, changing=CHANGING, answers={})
    accounts = Accounts(range(PATTERNS + 3, book + 1))
    with kist_api(settings) as port:
        client = AuthorisationClient(port, asyncio.run(sign_in(port, settings)), tokens)
        client.authorise(accounts.take(100))
        client.answers.clear()
        pairs = alternate(
            ROUNDS,
            lambda: client.authorise(accounts.take(count)),
            lambda: _pgbench(settings, script, accounts.take(PEER_TIMES * count)),
        )
        report.add(_figures(client, pairs, count=count))
        client.answers.clear()
        client.authorise(accounts.take(alone), connections=1)
        taken = [seconds for answers in client.answers for seconds in answers.taken]
        median = percentile(taken, 0.50)
        report.add([Figure(name="one authorisation alone, median", value=median, unit="ms", note="one connection")])


def _figures(client: AuthorisationClient, pairs: Any, *, count: int) -> Iterator[Figure]:
    note = f"{count:,} a round, {CLIENTS} connections, {os.cpu_count()} API processes"
    name, peer = "authorisations over HTTP", "pgbench, same SQL"
    yield from ratio_figures(name, pairs, unit="1/s", peer=peer, note=note, bound="at least 0.5")
    taken = [seconds for answers in client.answers for seconds in answers.taken]
    median, slowest = percentile(taken, 0.50), percentile(taken, 0.99)
    yield Figure(name="authorisation, median", value=median, unit="ms", note=note)
    yield Figure(name="authorisation, 99 %", value=slowest, unit="ms", note=note)
    yield Figure(name="authorisation, 99 % against the median", value=slowest / median, unit="x", bound="at most 3")


def _pgbench(settings: Settings, script: str, accounts: range) -> float:
    """The same statements by as many clients of pgbench; the rate. Each holds something on its account."""
    rate = run_pgbench(settings, script, numbers=accounts)
    question = (
        f"SELECT count(*) FROM card_accounts WHERE held_paise > 0 AND id BETWEEN {accounts[0]} AND {accounts[-1]}"  # noqa: S608
    )
    (held,) = asyncio.run(_ask(settings, question))
    assert held == len(accounts) // CLIENTS * CLIENTS, f"{held} accounts hold something of {len(accounts)}"
    return rate


async def _tokens(settings: Settings) -> dict[int, str]:
    async with connection(settings.app_dsn) as asked:
        return {row["account_id"]: row["token"] for row in await asked.fetch("SELECT account_id, token FROM cards")}
