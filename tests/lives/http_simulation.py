"""Simulates generations of loans over HTTP, and checks that the views forecast what then happens.

A generation begins with new loans. For a few rounds the business date moves on, and all borrowers act at random at the
same time, through two API processes. Then the views of every loan are recorded. From then on each borrower does what
one view assumes: pays every bill on its day, pays the loan off on the quoted day, or prepays as simulated. The results
are compared with the recorded views.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from app.db.models import Loan
from app.domain.payments.payments import TreatAs
from app.domain.people.access import SYSTEM
from app.services.accounting.agreement import compare
from app.services.billing import runs
from app.services.reporting.gst import issue_documents
from app.services.reporting.reconciliation import reconcile_all
from tests.lives.agreements import BENCHMARK
from tests.lives.http_acts import RandomActs
from tests.lives.service_client import Borrower, describe, paise, parts_of, rupees
from tests.services.lending_desk import FAR

#: A loan with more bills on one day, or with more dates, would never end.
MOST_STEPS = 60


@dataclass(slots=True)
class HttpSimulation(RandomActs):
    """Runs generations. `loans` counts the loans of all generations."""

    loans: int = 0

    async def run_generation(self, *, count: int) -> None:
        """Makes loans, runs random rounds, checks the forecasts, and reconciles the books."""
        self.today = await self.read_date()
        borrowers = [await self.lend() for _ in range(count)]
        for _ in range(self.rng.randrange(2, 6)):
            await self.move_to(self.today + timedelta(days=self.rng.randrange(1, 50)))
            if self.rng.random() < 0.4:
                await self.move_benchmark()
            if self.rng.random() < 0.4 and (daily := [one for one in borrowers if one.is_daily]):
                # Where the plan sets the interest, a run does not read the rate.
                await self.park(self.rng.choice(daily))
            if self.rng.random() < 0.5:
                await self.close_books()
            for _ in range(2):
                await self.for_all(self.act_at_random, borrowers)
        await self.for_all(self.record_views, borrowers)
        await self.for_all(self.pay_due, borrowers)
        await self.follow_forecast(borrowers)
        await self.judge_again()
        await self.reconcile(borrowers)
        await self.issue_tax_documents()
        await asyncio.gather(*(self.compare_taxes(borrower) for borrower in borrowers))
        await self.compare_books()
        self.loans += count

    async def reconcile(self, borrowers: list[Borrower]) -> None:
        """Reports what `kist reconcile` finds, with the log of the loan."""
        by_number = {borrower.number: borrower for borrower in borrowers}
        async for page in reconcile_all(self.lending.uow_factory):
            for found in page.differences:
                borrower = by_number.get(found.loan_id)
                difference = f"reconcile: {found.figure} stored {found.stored}, derived {found.derived}"
                # A difference in a loan of an earlier generation was reported then.
                if borrower is not None:
                    self.failures.append(describe(difference, borrower))

    async def close_books(self) -> None:
        """Closes the books through yesterday: what is backdated or reversed from now on is booked after that."""
        ends_on = (self.today - timedelta(days=1)).isoformat()
        status, period = await self.post("/accounting/periods", {"ends_on": ends_on})
        if status == 201:
            status, period = await self.post(f"/accounting/periods/{period['period']}/approve", {}, who=self.admin)
        if (status, period.get("status")) != (200, "closed"):
            self.failures.append(f"the books through {ends_on} were not closed: {status} {period}")

    async def move_benchmark(self) -> None:
        """The benchmark has another rate from today on, unless it has one of today."""
        body = {"code": BENCHMARK, "from": self.today.isoformat(), "rate": self.rng.choice([1, 5.25, 6.5, 9, 14])}
        status, answer = await self.post("/benchmarks", body, who=self.admin)
        if status != 201 and answer["code"] != "benchmark_known":
            self.failures.append(f"the benchmark was not changed: {status} {answer}")

    async def park(self, borrower: Borrower) -> None:
        """A run cannot bill a loan that is damaged, and goes on with the others. When it is whole again, the run is
        asked once more."""
        factory = self.lending.uow_factory
        rate = await self._set_first_rate(borrower, Decimal(-1))
        run = await self.lending.run_billing(on=self.today)
        await self._set_first_rate(borrower, rate)
        self.acts["park"] += run.parked
        async with factory.open(SYSTEM) as uow:
            again = await runs.retry_parked(uow, run.run_id)
        await runs.run_billing(factory, run_id=again.run_id, worker="lives", until=FAR)
        async with factory.open(SYSTEM) as uow:
            left = await runs.list_parked(uow, run.run_id, limit=1)
        borrower.log.append(f"{self.today} parked: {run.parked}, and then {len(left)}")
        if run.parked > 1 or left:
            self.failures.append(describe("a loan stays parked", borrower, run, *left))

    async def _set_first_rate(self, borrower: Borrower, percent: Decimal) -> Decimal:
        """Stores another rate of the contract, which nothing but this changes, and returns the one that was stored."""
        this = Loan.id == borrower.number
        async with self.lending.uow_factory.open(SYSTEM) as uow:
            stored = (await uow.session.execute(select(Loan.annual_rate_percent).where(this))).scalar_one()
            await uow.session.execute(update(Loan).where(this).values(annual_rate_percent=percent))
        return stored

    async def compare_books(self) -> None:
        """The sums of all loans are those of the trial balance, and what was kept of a closed period still stands."""
        async with self.lending.uow_factory.open(SYSTEM) as uow:
            agreement = await compare(uow)
        self.failures += [f"the books: {difference}" for difference in agreement.differences]

    async def issue_tax_documents(self) -> None:
        """What the scheduled task does, for a lender in Karnataka."""
        factory = replace(self.lending.uow_factory, gst_state="29")
        issued = 1
        while issued:
            async with factory.open(SYSTEM) as uow:
                issued = await issue_documents(uow)

    async def compare_taxes(self, borrower: Borrower) -> None:
        """The tax of the documents is that of the ledger, up to yesterday; no invoice gives back more than it has."""
        documents = await self.get(f"/loans/{borrower.loan}/tax-documents")
        left: Counter[str] = Counter()
        for each in documents:
            left[each["invoice"] or each["number"]] += paise(each["tax"]) * (-1 if each["kind"] == "credit_note" else 1)
        posted = 0
        for one in await self.get_pages(f"/loans/{borrower.loan}/ledger"):
            if date.fromisoformat(one["booked_on"]) < self.today:
                side = (one["credit"] == "gst_payable") - (one["debit"] == "gst_payable")
                posted += side * paise(one["amount"])
        if left.total() != posted or any(tax < 0 for tax in left.values()):
            self.failures.append(describe(f"the ledger has {posted} of tax", borrower, *documents))

    async def for_all(self, act: Callable[[Borrower], Awaitable[None]], borrowers: Iterable[Borrower]) -> None:
        await asyncio.gather(*(act(borrower) for borrower in borrowers if not borrower.is_done))

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
        await self._read_papers(borrower, loan["status"])
        notices = await self.get(f"/loans/{borrower.loan}/rate-notices")
        # A rate that will change makes other bills than the ones that are shown.
        waits = any(notice["change_id"] is None and notice["failure"] is None for notice in notices)
        borrower.is_done = loan["status"] != "active" or waits
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

    async def _read_papers(self, borrower: Borrower, status: str) -> None:
        """The papers that a loan has as it stands. Only their status is checked."""
        path = f"/loans/{borrower.loan}"
        letter = {"active": ["foreclosure-letter"], "closed": ["no-dues-letter"]}.get(status, [])
        for paper in ("account-statement", "interest-certificate", *letter):
            if paper != "interest-certificate" or status == "active":
                await self.get_document(f"{path}/{paper}")
        await self.get(f"{path}/delinquency")

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
        gone = summary["principal_paid"] + summary["principal_written_off"]
        if gone + summary["outstanding"] != loan["amount"] + loan["topped_up"] + summary["interest_capitalised"]:
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
