"""What borrowers and staff do at random over HTTP, and what it is compared with at once: its simulation."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.domain.payments.payments import TreatAs
from app.domain.people.access import SYSTEM
from app.domain.public_ids import LoanReference
from tests.lives.service_client import Borrower, ServiceClient, describe, paise, rupees
from tests.lives.stored_checks import stored_violations


@dataclass(slots=True)
class RandomActs(ServiceClient):
    """Acts at random on a loan. `acts` counts them by their kinds."""

    acts: Counter[str] = field(default_factory=Counter)

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
                self.book_charge_as_simulated,
                self.undo_change,
                self.announce_rate,
                self.wait,
            ],
            weights=[60, 12, 5, 10, 5, 1, 15, 3, 8, 5, 4, 20],
        )[0]
        self.acts[what.__name__] += 1
        await what(borrower)
        async with self.lending.uow_factory.open(SYSTEM) as uow:
            async for found in stored_violations(uow, LoanReference(number=borrower.number, year=None)):
                self.failures.append(describe(f"after {what.__name__}: {found}", borrower))
        await self.look_back(borrower)

    async def look_back(self, borrower: Borrower) -> None:
        """Reads the class at a day-end of the past, as it was known later."""
        rng, days = Random(f"{borrower.loan} {len(borrower.log)}"), (self.today - borrower.since).days
        on, known = sorted(rng.randrange(days + 1) for _ in range(2))
        query = {"on": borrower.since + timedelta(on), "as_known_on": borrower.since + timedelta(known)}
        await self.get(f"/loans/{borrower.loan}/delinquency", **query)

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
        number = None
        if loan["next_due"] and borrower.rng.random() < 0.3:
            number = max(loan["next_due"]["instalment"] + borrower.rng.choice([0, 0, 0, 1, -1]), 1)
        on = self.today - timedelta(days=min(back, since))
        await self.pay(borrower, max(amount, 1), on=on, treat_as=treat_as, instalment=number)

    async def pay(
        self,
        borrower: Borrower,
        amount: int,
        *,
        on: date,
        treat_as: TreatAs = TreatAs.INSTALMENT,
        instalment: int | None = None,
    ) -> Any:
        body = {
            "loan_id": borrower.loan, "amount": rupees(amount), "value_date": on.isoformat(), "as": treat_as.value,
            "reference_id": f"R-{len(borrower.log)}", "instalment": instalment,
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
        cause = borrower.rng.choice(["returned", "returned", "mistake"])
        status, answer = await self.post(f"/payments/{payment}/reverse", {"reason": "bounced", "cause": cause})
        borrower.log.append(f"{self.today} reverse {payment} ({cause}): {status} {answer.get('code', '')}")
        if status not in (200, 422):
            self.failures.append(describe("a bounced payment could not be reversed", borrower, answer))

    async def take_charge_back(self, borrower: Borrower) -> None:
        """Takes back a bounce charge, if there is one."""
        standing = await self.standing_charges(borrower)
        if not standing:
            return
        charge = borrower.rng.choice(standing)["charge_id"]
        body = {"reason": "the bank withdrew the return"}
        status, answer = await self.post(f"/loans/{borrower.loan}/charges/{charge}/take-back", body)
        borrower.log.append(f"{self.today} take back charge {charge}: {status} {answer.get('code', '')}")

    async def standing_charges(self, borrower: Borrower) -> list[Any]:
        """The charges for events that are not taken back."""
        charged = (await self.get(f"/loans/{borrower.loan}/charges"))["charged"]
        return [line for line in charged if line["charge_id"] and line["taken_back_on"] is None]

    async def book_charge_as_simulated(self, borrower: Borrower) -> None:
        """Books a charge that an officer may book, and checks that the loan is as simulated."""
        path = f"/loans/{borrower.loan}/charges"
        codes = [named["code"] for named in (await self.get(path))["schedule_of_charges"] if named["code"]]
        if not codes:
            return
        code = borrower.rng.choice(codes)
        simulated, shown = await self.post(f"{path}/simulate", {"charge": code})
        status, booked = await self.post(path, {"charge": code, "reason": "asked for"})
        borrower.log.append(f"{self.today} charge {code}: {status} {booked.get('code', '')}")
        if (simulated, status) not in ((200, 201), (status, simulated)):
            self.failures.append(describe("a charge is refused and its simulation is not", borrower, shown, booked))
        elif status == 201 and shown | {"charge_id": booked["charge_id"]} != booked:
            self.failures.append(describe("a charge is not as simulated", borrower, shown, booked))

    async def undo_change(self, borrower: Borrower) -> None:
        """Undoes a change that stands."""
        changes = await self.get(f"/loans/{borrower.loan}/changes")
        standing = [change["change_id"] for change in changes if change["undone_on"] is None]
        if not standing:
            return
        change = borrower.rng.choice(standing)
        status, answer = await self.post(f"/loans/{borrower.loan}/changes/{change}/undo", {"reason": "by mistake"})
        borrower.log.append(f"{self.today} undo change {change}: {status} {answer.get('code', '')}")

    async def announce_rate(self, borrower: Borrower) -> None:
        """Tells the borrower of a lower rate from a day on, who may choose what gives."""
        rng, path = borrower.rng, f"/loans/{borrower.loan}/rate-notices"
        effective_on = (self.today + timedelta(days=rng.choice([1, 2, 10, 30]))).isoformat()
        body: dict[str, Any] = {"effective_on": effective_on}
        if not borrower.floats:
            body["annual_rate"] = rng.choice([1, 6, 9.5])
        status, answer = await self.post(path, body)
        borrower.log.append(f"{self.today} announce {body}: {status} {answer.get('code', '')}")
        if status == 201 and rng.random() < 0.5:
            chosen, answer = await self.post(f"{path}/{effective_on}/choice", {"adjusts": "tenor"})
            borrower.log.append(f"{self.today} choose the tenor: {chosen} {answer.get('code', '')}")

    async def ask_for_waiver(self, borrower: Borrower) -> None:
        if borrower.rng.random() < 0.3 and (standing := await self.standing_charges(borrower)):
            charge = borrower.rng.choice(standing)
            body = {"kind": "waiver", "charges": str(charge["total"]), "charge_id": charge["charge_id"]}
            await self.propose(borrower, body)
            return
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
        if borrower.floats:
            change.pop("annual_rate", None)
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
        """The officer proposes a change, and the admin approves it, or rejects it: then nothing changes."""
        status, answer = await self.post("/proposals", {"loan_id": borrower.loan, "reason": "agreed", **body})
        borrower.log.append(f"{self.today} propose {body}: {status} {answer.get('code', '')}")
        if status != 201:
            return
        if borrower.rng.random() < 0.25:
            await self._reject(borrower, answer["proposal_id"])
            return
        status, answer = await self.post(f"/proposals/{answer['proposal_id']}/approve", {}, who=self.admin)
        borrower.log.append(f"{self.today} approve: {status} {answer.get('code', '')}")

    async def _reject(self, borrower: Borrower, proposal: int) -> None:
        before = await self._views(borrower)
        status, answer = await self.post(f"/proposals/{proposal}/reject", {"note": "not now"}, who=self.admin)
        borrower.log.append(f"{self.today} reject: {status} {answer.get('code', '')}")
        again, refused = await self.post(f"/proposals/{proposal}/approve", {}, who=self.admin)
        after = await self._views(borrower)
        if (status, answer.get("status")) != (200, "rejected") or again == 200 or before != after:
            self.failures.append(describe("a rejected proposal changed something", borrower, answer, refused))

    async def _views(self, borrower: Borrower) -> list[Any]:
        path = f"/loans/{borrower.loan}"
        loan, payoff, schedule, statement = await asyncio.gather(
            self.get(path), self.get(f"{path}/payoff"), self.get(f"{path}/schedule"),
            self.get("/statements", loan_id=borrower.loan),
        )  # fmt: skip
        return [loan, payoff, schedule, statement, await self.get_pages(f"{path}/ledger")]
