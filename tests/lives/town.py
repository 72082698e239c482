"""A town of loans, lived over HTTP: everybody borrows, pays, forgets, bounces, is forgiven; then the law is held.

A generation begins with new loans. For a few rounds the date moves on and everybody does something, all at once,
through two API processes. Then a day comes on which every view of every loan is written down, and from then on each
borrower does what one of them assumes: pays every bill on its day, pays the loan off on the day it was quoted for, or
prepays as was simulated. What comes is compared with what was shown.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.domain.payments.payments import TreatAs
from app.services.reporting.reconciliation import reconcile_all
from tests.lives.office import Home, Office, paise, parts_of, rupees, told

#: A loan that asks for more bills than this on one day, or lives longer, will never end.
NEVER = 60


@dataclass(slots=True)
class Town(Office):
    """Where all of them live."""

    lives: int = 0

    async def live_a_generation(self, *, homes: int) -> None:
        """New loans, some rounds of chance, the law, and the books reconciled."""
        self.today = await self.read_date()
        people = [await self.lend() for _ in range(homes)]
        for _ in range(self.rng.randrange(2, 6)):
            await self.move_to(self.today + timedelta(days=self.rng.randrange(1, 50)))
            for _ in range(2):
                await self.everybody(self.do_something, people)
        await self.everybody(self.look, people)
        await self.everybody(self.settle, people)
        await self.live_as_shown(people)
        await self.reconcile(people)
        self.lives += homes

    async def reconcile(self, people: list[Home]) -> None:
        """What `kist reconcile` finds, with the life of the loan that it finds it in."""
        homes = {int(home.loan.rpartition("-")[2]): home for home in people}
        async for page in reconcile_all(self.lending.uow_factory):
            for found in page.differences:
                home = homes.get(found.loan_id)
                told_of = f"reconcile: {found.figure} stored {found.stored}, derived {found.derived}"
                # Of a loan of an earlier generation it was told then.
                if home is not None:
                    self.breaches.append(told(told_of, home))

    async def everybody(self, do: Callable[[Home], Awaitable[None]], people: Iterable[Home]) -> None:
        await asyncio.gather(*(do(home) for home in people if not home.over))

    async def do_something(self, home: Home) -> None:
        what = home.rng.choices(
            [self.pay_something, self.bounce, self.be_forgiven, self.be_let_off, self.be_written_off, self.wait],
            weights=[60, 12, 10, 5, 1, 20],
        )[0]
        await what(home)

    async def wait(self, home: Home) -> None:
        """Nothing."""

    async def pay_something(self, home: Home) -> None:
        loan, quote = await asyncio.gather(self.get(f"/loans/{home.loan}"), self.get(f"/loans/{home.loan}/payoff"))
        whole, due = paise(quote["total"]), loan["next_due"] or {"amount": Decimal(1), "minimum": Decimal(1)}
        owed = paise(due["amount"])
        amount = home.rng.choice(
            [owed, owed, owed, owed // 2, owed * 2, paise(due["minimum"]), whole, whole - 58, whole // 2, 1, owed + 99]
        )  # fmt: skip
        back = home.rng.choice([0, 0, 0, 1, 14, 16, 31])
        since = (self.today - date.fromisoformat(loan["disbursed_on"])).days
        wish = home.rng.choice([TreatAs.INSTALMENT, TreatAs.INSTALMENT, *TreatAs])
        await self.pay(home, max(amount, 1), on=self.today - timedelta(days=min(back, since)), wish=wish)

    async def pay(self, home: Home, amount: int, *, on: date, wish: TreatAs = TreatAs.INSTALMENT) -> Any:
        body = {
            "loan_id": home.loan, "amount": rupees(amount), "value_date": on.isoformat(), "as": wish.value,
            "reference_id": f"R-{len(home.diary)}",
        }  # fmt: skip
        status, answer = await self.post("/loans/payments", body)
        home.diary.append(f"{self.today} pay {rupees(amount)} of {on} as {wish}: {status} {answer.get('code', '')}")
        if status == 201:
            home.payments.append(answer["payment_id"])
            return answer
        return None

    async def bounce(self, home: Home) -> None:
        if not home.payments:
            return
        payment = home.payments.pop(home.rng.randrange(len(home.payments)))
        status, answer = await self.post(f"/payments/{payment}/reverse", {"reason": "bounced"})
        home.diary.append(f"{self.today} reverse {payment}: {status} {answer.get('code', '')}")
        if status not in (200, 422):
            self.breaches.append(told("a payment that bounced can be taken back", home, answer))

    async def be_forgiven(self, home: Home) -> None:
        loan = await self.get(f"/loans/{home.loan}")
        interest, charges = max(paise(loan["interest_due"]), 0), paise(loan["charges_due"])
        share = home.rng.choice([1, 1, 2])
        asked = {"interest": rupees(interest // share), "charges": rupees(charges // share)}
        await self.propose(home, {"kind": "waiver", **asked})

    async def be_let_off(self, home: Home) -> None:
        status, answer = await self.post(f"/loans/{home.loan}/small-balance", {})
        home.diary.append(f"{self.today} small balance: {status} {answer.get('code', '')}")

    async def be_written_off(self, home: Home) -> None:
        await self.propose(home, {"kind": "write_off"})

    async def propose(self, home: Home, wish: dict[str, Any]) -> None:
        """One asks and another agrees."""
        status, answer = await self.post("/proposals", {"loan_id": home.loan, "reason": "agreed", **wish})
        home.diary.append(f"{self.today} propose {wish}: {status} {answer.get('code', '')}")
        if status != 201:
            return
        status, answer = await self.post(f"/proposals/{answer['proposal_id']}/approve", {}, who=self.admin)
        home.diary.append(f"{self.today} approve: {status} {answer.get('code', '')}")

    async def look(self, home: Home) -> None:
        """Writes down what every view shows, holds them against each other, and chooses how to live on."""
        loan, statement, schedule, bills, quote = await asyncio.gather(
            self.get(f"/loans/{home.loan}"),
            self.get("/statements", loan_id=home.loan),
            self.get(f"/loans/{home.loan}/schedule"),
            self.get(f"/loans/{home.loan}/bills"),
            self.get(f"/loans/{home.loan}/payoff"),
        )
        await self.get(f"/loans/{home.loan}/ledger")
        await self.get(f"/loans/{home.loan}/explain")
        await self.draw("/statements", loan_id=home.loan, format=home.rng.choice(["pdf", "csv"]))
        home.over = loan["status"] != "active"
        billed = {bill["cycle"] for bill in bills}
        home.ahead = [line for line in statement["payment_history"] if line["number"] not in billed]
        self._compare_views(home, loan, statement, schedule, bills)
        if home.over:
            return
        _, tried = await self.post(f"/loans/{home.loan}/simulate", {"kind": "payoff"})
        if tried["payoff"]["total"] != quote["total"]:
            self.breaches.append(told("payoff and its simulation differ", home, quote, tried["payoff"]))
        match home.rng.choice(["plan", "plan", "payoff", "prepay"]):
            case "payoff":
                day = self.today + timedelta(days=home.rng.choice([1, 10, 29, 45]))
                later = await self.get(f"/loans/{home.loan}/payoff", on=day.isoformat())
                home.pays_off = day, paise(later["total"])
            case "prepay":
                await self.prepay_as_simulated(home, paise(loan["principal_outstanding"]) // 3)

    def _compare_views(self, home: Home, loan: Any, statement: Any, schedule: Any, bills: list[Any]) -> None:
        summary = statement["loan_summary"]
        if loan["principal_outstanding"] != summary["outstanding"] or loan["overdue"] != summary["overdue"]:
            self.breaches.append(told("loan and statement differ", home, loan, summary))
        billed = {bill["cycle"] for bill in bills}
        rows = [row for row in schedule["instalments"] if row["number"] not in billed]
        if not home.over and [parts_of(row) for row in rows] != [parts_of(line["breakdown"]) for line in home.ahead]:
            self.breaches.append(told("schedule and statement differ", home, rows, home.ahead))
        planned = sum(paise(line["breakdown"]["principal"]) for line in home.ahead)
        unpaid = sum(paise(bill["unpaid_principal"]) for bill in bills)
        if planned + unpaid != paise(loan["principal_outstanding"]):
            self.breaches.append(told(f"planned {planned} + billed and unpaid {unpaid}", home, loan))
        lost = summary["principal_written_off"]
        if summary["principal_paid"] + lost + summary["outstanding"] != loan["amount"]:
            self.breaches.append(told("paid, written off and outstanding are not what was lent", home, summary))

    async def prepay_as_simulated(self, home: Home, amount: int) -> None:
        """A prepayment does what its simulation said."""
        status, tried = await self.post(
            f"/loans/{home.loan}/simulate", {"kind": "prepayment", "amount": rupees(max(amount, 1))}
        )
        if status != 200:
            return
        choice = home.rng.choice(tried["alternatives"])
        wish = {"smaller_emi": TreatAs.SMALLER_EMI, "earlier_end": TreatAs.EARLIER_END}[choice["choice"]]
        paid = await self.pay(home, max(amount, 1), on=self.today, wish=wish)
        if paid is None or (paid["applied"], paid["next_due"]) != (choice["applied"], choice["next_due"]):
            self.breaches.append(told("a prepayment is not as simulated", home, choice, paid))
        statement, bills = await asyncio.gather(
            self.get("/statements", loan_id=home.loan), self.get(f"/loans/{home.loan}/bills")
        )
        billed = {bill["cycle"] for bill in bills}
        home.ahead = [line for line in statement["payment_history"] if line["number"] not in billed]
        interest = sum(line["breakdown"]["interest"] for line in home.ahead)
        ahead = choice["outlook"]
        if (ahead["instalments"], ahead["interest"]) != (len(home.ahead), interest):
            self.breaches.append(told("a prepayment leaves another plan than simulated", home, ahead, home.ahead))
        home.over = paid is not None and paid["loan_closed"]

    async def settle(self, home: Home) -> None:
        """Pays what is asked for today; who waits to pay the loan off pays nothing."""
        if home.pays_off is not None:
            return
        for _ in range(NEVER):
            loan = await self.get(f"/loans/{home.loan}")
            due = loan["next_due"]
            if loan["status"] != "active":
                home.over = True
                if any(line["amount"] for line in home.ahead):
                    self.breaches.append(told("closed, and more was shown", home, home.ahead))
            if home.over or due is None or not due["billed"]:
                break
            if await self.pay(home, paise(due["amount"]), on=self.today) is None:
                self.give_up(home, "what is due next is not taken", due)
        if not home.over and not home.ahead:
            self.give_up(home, "everything shown is paid, and the loan is open")

    def give_up(self, home: Home, what: str, *found: Any) -> None:
        self.breaches.append(told(what, home, *found))
        home.over = True

    async def live_as_shown(self, people: list[Home]) -> None:
        """From date to date until every loan has come to its end."""
        for _ in range(NEVER):
            alive = [home for home in people if not home.over]
            loans = await asyncio.gather(*(self.get(f"/loans/{home.loan}") for home in alive))
            days = {home.loan: self._next_day(home, loan) for home, loan in zip(alive, loans, strict=True)}
            coming = [day for day in days.values() if day is not None]
            if not coming:
                return
            await self.move_to(min(coming))
            await self.everybody(self.live_a_day, [home for home in alive if days[home.loan] == self.today])
        self.breaches += [told("never comes to its end", home) for home in people if not home.over]

    def _next_day(self, home: Home, loan: Any) -> date | None:
        if home.pays_off is not None:
            return home.pays_off[0]
        if loan["next_billing_on"] is None:
            self.give_up(home, "open, and nothing will be billed", loan)
            return None
        return date.fromisoformat(loan["next_billing_on"])

    async def live_a_day(self, home: Home) -> None:
        if home.pays_off is not None:
            await self.pay_off(home, home.pays_off[1])
            return
        shown = home.ahead.pop(0)
        bill = (await self.get(f"/loans/{home.loan}/bills"))[-1]
        left = bill["unpaid_charges"] + bill["unpaid_interest"] + bill["unpaid_principal"]
        came = (bill["cycle"], bill["due_on"], bill["principal_due"], bill["interest"], left)
        expected = (shown["number"], shown["due_date"], *parts_of(shown["breakdown"]), shown["unpaid"])
        if came != expected:
            self.give_up(home, "another bill than shown", shown, bill)
            return
        await self.settle(home)

    async def pay_off(self, home: Home, amount: int) -> None:
        home.over = True
        if amount:
            paid = await self.pay(home, amount, on=self.today)
            if paid is None or not paid["loan_closed"]:
                self.breaches.append(told(f"{amount} was to close it", home, paid))
        loan = await self.get(f"/loans/{home.loan}")
        if amount and (loan["status"], loan["principal_outstanding"], loan["interest_due"]) != ("closed", 0, 0):
            self.breaches.append(told("paid off and not closed", home, loan))
