"""Simulates generations of loans over HTTP, and checks that the views forecast what then happens.

A generation begins with new loans. For a few rounds the business date moves on, and all borrowers act at random at the
same time, through two API processes. Then the views of every loan are recorded. From then on each borrower does what
one view assumes: pays every bill on its day, pays the loan off on the quoted day, or prepays as simulated. The results
are compared with the recorded views.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.domain.payments.payments import TreatAs
from app.services.reporting.reconciliation import reconcile_all
from tests.lives.service_client import Borrower, ServiceClient, describe, paise, parts_of, rupees

#: A loan with more bills on one day, or with more dates, would never end.
MOST_STEPS = 60


@dataclass(slots=True)
class HttpSimulation(ServiceClient):
    """Runs generations. `loans` counts the loans of all generations."""

    loans: int = 0

    async def run_generation(self, *, count: int) -> None:
        """Makes loans, runs random rounds, checks the forecasts, and reconciles the books."""
        self.today = await self.read_date()
        borrowers = [await self.lend() for _ in range(count)]
        for _ in range(self.rng.randrange(2, 6)):
            await self.move_to(self.today + timedelta(days=self.rng.randrange(1, 50)))
            for _ in range(2):
                await self.for_all(self.act_at_random, borrowers)
        await self.for_all(self.record_views, borrowers)
        await self.for_all(self.pay_due, borrowers)
        await self.follow_forecast(borrowers)
        await self.reconcile(borrowers)
        self.loans += count

    async def reconcile(self, borrowers: list[Borrower]) -> None:
        """Reports what `kist reconcile` finds, with the log of the loan."""
        by_number = {int(borrower.loan.rpartition("-")[2]): borrower for borrower in borrowers}
        async for page in reconcile_all(self.lending.uow_factory):
            for found in page.differences:
                borrower = by_number.get(found.loan_id)
                difference = f"reconcile: {found.figure} stored {found.stored}, derived {found.derived}"
                # A difference in a loan of an earlier generation was reported then.
                if borrower is not None:
                    self.failures.append(describe(difference, borrower))

    async def for_all(self, act: Callable[[Borrower], Awaitable[None]], borrowers: Iterable[Borrower]) -> None:
        await asyncio.gather(*(act(borrower) for borrower in borrowers if not borrower.is_done))

    async def act_at_random(self, borrower: Borrower) -> None:
        what = borrower.rng.choices(
            [
                self.pay_at_random,
                self.reverse_payment,
                self.take_charge_back,
                self.ask_for_waiver,
                self.ask_for_small_balance,
                self.ask_for_write_off,
                self.change_as_simulated,
                self.ask_for_refund,
                self.wait,
            ],
            weights=[60, 12, 5, 10, 5, 1, 15, 3, 20],
        )[0]
        await what(borrower)

    async def wait(self, borrower: Borrower) -> None:
        """Does nothing."""

    async def pay_at_random(self, borrower: Borrower) -> None:
        loan, quote = await asyncio.gather(
            self.get(f"/loans/{borrower.loan}"), self.get(f"/loans/{borrower.loan}/payoff")
        )
        whole, due = paise(quote["total"]), loan["next_due"] or {"amount": Decimal(1), "minimum": Decimal(1)}
        owed = paise(due["amount"])
        amount = borrower.rng.choice(
            [owed, owed, owed, owed // 2, owed * 2, paise(due["minimum"]), whole, whole - 58, whole // 2, 1, owed + 99]
        )  # fmt: skip
        back = borrower.rng.choice([0, 0, 0, 1, 14, 16, 31])
        since = (self.today - date.fromisoformat(loan["disbursed_on"])).days
        treat_as = borrower.rng.choice([TreatAs.INSTALMENT, TreatAs.INSTALMENT, *TreatAs])
        await self.pay(borrower, max(amount, 1), on=self.today - timedelta(days=min(back, since)), treat_as=treat_as)

    async def pay(self, borrower: Borrower, amount: int, *, on: date, treat_as: TreatAs = TreatAs.INSTALMENT) -> Any:
        body = {
            "loan_id": borrower.loan, "amount": rupees(amount), "value_date": on.isoformat(), "as": treat_as.value,
            "reference_id": f"R-{len(borrower.log)}",
        }  # fmt: skip
        status, answer = await self.post("/loans/payments", body)
        borrower.log.append(
            f"{self.today} pay {rupees(amount)} of {on} as {treat_as}: {status} {answer.get('code', '')}"
        )
        if status == 201:
            borrower.payments.append(answer["payment_id"])
            return answer
        return None

    async def reverse_payment(self, borrower: Borrower) -> None:
        if not borrower.payments:
            return
        payment = borrower.payments.pop(borrower.rng.randrange(len(borrower.payments)))
        status, answer = await self.post(f"/payments/{payment}/reverse", {"reason": "bounced"})
        borrower.log.append(f"{self.today} reverse {payment}: {status} {answer.get('code', '')}")
        if status not in (200, 422):
            self.failures.append(describe("a bounced payment could not be reversed", borrower, answer))

    async def take_charge_back(self, borrower: Borrower) -> None:
        """Takes back a bounce charge, if there is one."""
        charged = (await self.get(f"/loans/{borrower.loan}/charges"))["charged"]
        standing = [line["charge_id"] for line in charged if line["charge_id"] and line["taken_back_on"] is None]
        if not standing:
            return
        charge = borrower.rng.choice(standing)
        body = {"reason": "the bank withdrew the return"}
        status, answer = await self.post(f"/loans/{borrower.loan}/charges/{charge}/take-back", body)
        borrower.log.append(f"{self.today} take back charge {charge}: {status} {answer.get('code', '')}")

    async def ask_for_waiver(self, borrower: Borrower) -> None:
        loan = await self.get(f"/loans/{borrower.loan}")
        interest, charges = max(paise(loan["interest_due"]), 0), paise(loan["charges_due"])
        share = borrower.rng.choice([1, 1, 2])
        asked = {"interest": rupees(interest // share), "charges": rupees(charges // share)}
        await self.propose(borrower, {"kind": "waiver", **asked})

    async def ask_for_small_balance(self, borrower: Borrower) -> None:
        status, answer = await self.post(f"/loans/{borrower.loan}/small-balance", {})
        borrower.log.append(f"{self.today} small balance: {status} {answer.get('code', '')}")

    async def ask_for_write_off(self, borrower: Borrower) -> None:
        await self.propose(borrower, {"kind": "write_off"})

    async def ask_for_refund(self, borrower: Borrower) -> None:
        owed = await self.get(f"/loans/{borrower.loan}/owed-to-borrower")
        await self.propose(borrower, {"kind": "refund", "amount": rupees(max(paise(owed["owed"]), 1))})

    async def change_as_simulated(self, borrower: Borrower) -> None:
        """Changes the loan, and checks that the result is as simulated."""
        rng, path = borrower.rng, f"/loans/{borrower.loan}"
        change: dict[str, Any] = rng.choice(
            [
                {"kind": "rate_reset", "annual_rate": rng.choice([1, 6, 9.5])},
                {"kind": "rate_reset", "annual_rate": rng.choice([1, 6, 9.5]), "adjusts": "tenor"},
                {"kind": "due_day", "due_day": rng.choice([1, 15, 31])},
                {"kind": "restructure", "instalments": 6, "capitalises_arrears": rng.random() < 0.5},
                {"kind": "restructure", "moratorium": {"instalments": 2, "of": rng.choice(["principal", "both"])}},
                {"kind": "restructure", "moratorium": {"instalments": 2, "of": "both", "interest": "capitalised"}},
                {"kind": "top_up", "amount": 2500},
            ]
        )
        status, shown = await self.post(f"{path}/changes/simulate", change)
        borrower.log.append(f"{self.today} simulate {change}: {status} {shown.get('code', '')}")
        wanted = {name: value for name, value in change.items() if name != "kind"}
        match change["kind"]:
            case "rate_reset":
                made, answer = await self.post(f"{path}/rate-resets", wanted)
            case "due_day":
                made, answer = await self.post(f"{path}/due-day", wanted)
            case kind:
                if part := wanted.pop("moratorium", None):
                    wanted |= {"moratorium_instalments": part["instalments"], "moratorium_of": part["of"]}
                    wanted["moratorium_interest"] = part.get("interest", "simple")
                await self.propose(borrower, {"kind": kind, **wanted})
                return
        borrower.log.append(f"{self.today} {change}: {made} {answer.get('code', '')}")
        if (status == 200) != (made == 201):
            self.failures.append(describe("a change is refused and its simulation is not", borrower, shown, answer))
        elif made == 201 and (shown["before"], shown["after"]) != (answer["before"], answer["after"]):
            self.failures.append(describe("a change is not as simulated", borrower, shown, answer))

    async def propose(self, borrower: Borrower, body: dict[str, Any]) -> None:
        """The officer proposes a change, and the admin approves it."""
        status, answer = await self.post("/proposals", {"loan_id": borrower.loan, "reason": "agreed", **body})
        borrower.log.append(f"{self.today} propose {body}: {status} {answer.get('code', '')}")
        if status != 201:
            return
        status, answer = await self.post(f"/proposals/{answer['proposal_id']}/approve", {}, who=self.admin)
        borrower.log.append(f"{self.today} approve: {status} {answer.get('code', '')}")

    async def record_views(self, borrower: Borrower) -> None:
        """Records what every view shows, compares the views, and chooses what the borrower will do."""
        loan, statement, schedule, bills, quote = await asyncio.gather(
            self.get(f"/loans/{borrower.loan}"),
            self.get("/statements", loan_id=borrower.loan),
            self.get(f"/loans/{borrower.loan}/schedule"),
            self.get(f"/loans/{borrower.loan}/bills"),
            self.get(f"/loans/{borrower.loan}/payoff"),
        )
        await self.get(f"/loans/{borrower.loan}/ledger")
        await self.get(f"/loans/{borrower.loan}/explain")
        await self.get_document("/statements", loan_id=borrower.loan, format=borrower.rng.choice(["pdf", "csv"]))
        borrower.is_done = loan["status"] != "active"
        billed = {bill["cycle"] for bill in bills}
        borrower.forecast = [line for line in statement["payment_history"] if line["number"] not in billed]
        self._compare_views(borrower, loan, statement, schedule, bills)
        if borrower.is_done:
            return
        _, simulated = await self.post(f"/loans/{borrower.loan}/simulate", {"kind": "payoff"})
        if simulated["payoff"]["total"] != quote["total"]:
            self.failures.append(describe("payoff and its simulation differ", borrower, quote, simulated["payoff"]))
        match borrower.rng.choice(["plan", "plan", "payoff", "prepay"]):
            case "payoff":
                day = self.today + timedelta(days=borrower.rng.choice([1, 10, 29, 45]))
                later = await self.get(f"/loans/{borrower.loan}/payoff", on=day.isoformat())
                borrower.payoff_plan = day, paise(later["total"])
            case "prepay":
                await self.prepay_as_simulated(borrower, paise(loan["principal_outstanding"]) // 3)

    def _compare_views(self, borrower: Borrower, loan: Any, statement: Any, schedule: Any, bills: list[Any]) -> None:
        summary = statement["loan_summary"]
        if loan["principal_outstanding"] != summary["outstanding"] or loan["overdue"] != summary["overdue"]:
            self.failures.append(describe("loan and statement differ", borrower, loan, summary))
        billed = {bill["cycle"] for bill in bills}
        rows = [row for row in schedule["instalments"] if row["number"] not in billed]
        if not borrower.is_done and [parts_of(row) for row in rows] != [
            parts_of(line["breakdown"]) for line in borrower.forecast
        ]:
            self.failures.append(describe("schedule and statement differ", borrower, rows, borrower.forecast))
        planned = sum(paise(line["breakdown"]["principal"]) for line in borrower.forecast)
        unpaid = sum(paise(bill["unpaid_principal"]) for bill in bills)
        if planned + unpaid != paise(loan["principal_outstanding"]):
            self.failures.append(describe(f"planned {planned} + billed and unpaid {unpaid}", borrower, loan))
        lost = summary["principal_written_off"]
        if summary["principal_paid"] + lost + summary["outstanding"] != loan["amount"] + loan["topped_up"]:
            self.failures.append(describe("paid, written off and outstanding are not what was lent", borrower, summary))

    async def prepay_as_simulated(self, borrower: Borrower, amount: int) -> None:
        """Prepays, and checks that the result is as simulated."""
        status, simulated = await self.post(
            f"/loans/{borrower.loan}/simulate", {"kind": "prepayment", "amount": rupees(max(amount, 1))}
        )
        if status != 200:
            return
        choice = borrower.rng.choice(simulated["alternatives"])
        treat_as = {"smaller_emi": TreatAs.SMALLER_EMI, "earlier_end": TreatAs.EARLIER_END}[choice["choice"]]
        paid = await self.pay(borrower, max(amount, 1), on=self.today, treat_as=treat_as)
        if paid is None or (paid["applied"], paid["next_due"]) != (choice["applied"], choice["next_due"]):
            self.failures.append(describe("a prepayment is not as simulated", borrower, choice, paid))
        statement, bills = await asyncio.gather(
            self.get("/statements", loan_id=borrower.loan), self.get(f"/loans/{borrower.loan}/bills")
        )
        billed = {bill["cycle"] for bill in bills}
        borrower.forecast = [line for line in statement["payment_history"] if line["number"] not in billed]
        interest = sum(line["breakdown"]["interest"] for line in borrower.forecast)
        forecast = choice["outlook"]
        if (forecast["instalments"], forecast["interest"]) != (len(borrower.forecast), interest):
            self.failures.append(
                describe("a prepayment leaves another plan than simulated", borrower, forecast, borrower.forecast)
            )
        borrower.is_done = paid is not None and paid["loan_closed"]

    async def pay_due(self, borrower: Borrower) -> None:
        """Pays the amounts due today. A borrower who will pay the loan off pays nothing until then."""
        if borrower.payoff_plan is not None:
            return
        for _ in range(MOST_STEPS):
            loan = await self.get(f"/loans/{borrower.loan}")
            due = loan["next_due"]
            if loan["status"] != "active":
                borrower.is_done = True
                if any(line["amount"] for line in borrower.forecast):
                    self.failures.append(describe("closed, but the view had more lines", borrower, borrower.forecast))
            if borrower.is_done or due is None or not due["billed"]:
                break
            if await self.pay(borrower, paise(due["amount"]), on=self.today) is None:
                self.fail(borrower, "the payment of the next due amount was refused", due)
        if not borrower.is_done and not borrower.forecast:
            self.fail(borrower, "every line is paid, but the loan is open")

    def fail(self, borrower: Borrower, what: str, *found: Any) -> None:
        self.failures.append(describe(what, borrower, *found))
        borrower.is_done = True

    async def follow_forecast(self, borrowers: list[Borrower]) -> None:
        """Moves from date to date until every loan has ended."""
        for _ in range(MOST_STEPS):
            active = [borrower for borrower in borrowers if not borrower.is_done]
            loans = await asyncio.gather(*(self.get(f"/loans/{borrower.loan}") for borrower in active))
            days = {borrower.loan: self._next_day(borrower, loan) for borrower, loan in zip(active, loans, strict=True)}
            coming = [day for day in days.values() if day is not None]
            if not coming:
                return
            await self.move_to(min(coming))
            await self.for_all(self.act_on_date, [borrower for borrower in active if days[borrower.loan] == self.today])
        self.failures += [describe("the loan never ends", borrower) for borrower in borrowers if not borrower.is_done]

    def _next_day(self, borrower: Borrower, loan: Any) -> date | None:
        if borrower.payoff_plan is not None:
            return borrower.payoff_plan[0]
        if loan["next_billing_on"] is None:
            self.fail(borrower, "open, but there is no next billing date", loan)
            return None
        return date.fromisoformat(loan["next_billing_on"])

    async def act_on_date(self, borrower: Borrower) -> None:
        if borrower.payoff_plan is not None:
            await self.pay_off(borrower, borrower.payoff_plan[1])
            return
        shown = borrower.forecast.pop(0)
        bill = (await self.get(f"/loans/{borrower.loan}/bills"))[-1]
        left = bill["unpaid_charges"] + bill["unpaid_interest"] + bill["unpaid_principal"]
        actual = (bill["cycle"], bill["due_on"], bill["principal_due"], bill["interest"], left)
        expected = (shown["number"], shown["due_date"], *parts_of(shown["breakdown"]), shown["unpaid"])
        if actual != expected:
            self.fail(borrower, "the bill differs from the forecast", shown, bill)
            return
        await self.pay_due(borrower)

    async def pay_off(self, borrower: Borrower, amount: int) -> None:
        borrower.is_done = True
        if amount:
            paid = await self.pay(borrower, amount, on=self.today)
            if paid is None or not paid["loan_closed"]:
                self.failures.append(describe(f"the payoff {amount} did not close the loan", borrower, paid))
        loan = await self.get(f"/loans/{borrower.loan}")
        if amount and (loan["status"], loan["principal_outstanding"], loan["interest_due"]) != ("closed", 0, 0):
            self.failures.append(describe("paid off, but not closed", borrower, loan))
