"""A second, naive card account: day by day, with fractions, and lived from the first day for every question.

It shares no code with `app/domain/cards` except the facts that go in and the schedule of an instalment plan. A day of a
debt is asked, one by one, whether it bears interest and whether it was charged.
"""

from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from app.domain.cards.engine.facts import Fact, FactKind
from app.domain.cards.engine.plans import accrued_paise, lower_plan, make_plan, plan_terms
from app.domain.products.card_terms import CardDays, CardTerms, FeeKind, InterestRounded
from app.domain.products.products import RepaymentTerms

DAY = timedelta(days=1)
WHOLE = ("tax", "fees", "interest", "instalments")
KIND = {"purchases": "purchases", "cash": "cash", "instalments": "purchases"}


def half_up(value: Fraction) -> int:
    return -floor(-value + Fraction(1, 2)) if value < 0 else floor(value + Fraction(1, 2))


@dataclass(eq=False)
class Debt:
    kind: str
    number: int
    begins: date
    posted: date
    amount: int
    #: What a payment of a day took off: day -> paise. The day is the one from which the debt is lower.
    taken: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    charged: set[date] = field(default_factory=set)

    @property
    def left(self) -> int:
        return self.amount - sum(self.taken.values())

    def on(self, day: date) -> int:
        """What was outstanding on a day."""
        if day < self.begins:
            return 0
        return self.amount - sum(paise for taken, paise in self.taken.items() if taken <= day)


@dataclass(eq=False)
class Bill:
    number: int
    on: date
    due: date
    debts: list[Debt]
    total: int
    minimum: int
    shown_total: int
    shown_minimum: int
    parts: dict[str, int]
    shown_parts: dict[str, int]
    first: date
    interest: dict[str, int]
    paid: int = 0
    cleared: date | None = None
    full: bool | None = None
    late: bool = False

    def unpaid_minimum(self) -> int:
        return max(0, min(self.minimum, self.shown_minimum) - self.paid)

    def unpaid_total(self) -> int:
        return max(0, min(self.total, self.shown_total) - self.paid)


class Naive:
    """The account as it is known on a day. `posted` are the tranches of each charge: (day, order, paise, is_found)."""

    def __init__(
        self,
        terms: CardTerms,
        repayment: RepaymentTerms,
        *,
        opened: date,
        limit: int,
        day: int,
        gst: list[tuple[date, Decimal]],
    ) -> None:
        self.first_terms, self.repayment, self.opened, self.gst = terms, repayment, opened, gst
        self.first_limit, self.first_day = limit, day
        self.posted: dict[tuple[object, ...], list[tuple[date, int, int, bool]]] = {}
        self.shown: dict[int, tuple[int, int, dict[str, int]]] = {}
        self.known_until = opened - DAY
        self.extra = 1 if terms.days is CardDays.INCLUSIVE else 0

    @property
    def terms(self) -> CardTerms:
        """The terms of the day that is lived."""
        return self.terms_of(self.lived)

    def terms_of(self, day: date) -> CardTerms:
        return [terms for begins, terms in self.told if begins <= day][-1]

    # --- questions ---

    def live(self, facts: list[Fact], today: date, found: int | None) -> None:
        """Lives the account up to today. `found` is the number of the fact that changed the past."""
        self.today, self.found = today, found
        self.debts: list[Debt] = []
        self.spare: list[list[Any]] = []
        self.bills: list[Bill] = []
        self.plans: list[dict[str, Any]] = []
        self.disputes: dict[int, tuple[int, int]] = {}
        self.told, self.lived = [(self.opened, self.first_terms)], self.opened
        self.limit, self.day = self.first_limit, self.first_day
        self.lost: int | None = None
        self.recovered = 0
        self.closed = False
        self.now: dict[tuple[object, ...], list[tuple[date, int, int, bool]]] = {}
        self.later: list[tuple[date, int, tuple[object, ...], int]] = []
        self.charged_on: dict[tuple[object, ...], date] = {}
        gone: set[int] = set()
        self.known = {fact.number: fact for fact in facts}
        self.facts: list[Fact] = []
        for fact in sorted(facts, key=lambda one: one.number):
            kinds = (FactKind.FEE, FactKind.CONVERSION, FactKind.FORECLOSURE, FactKind.DISPUTE, FactKind.CREDIT)
            depends = fact.kind in kinds and fact.of in gone
            if fact.is_undone or depends:
                gone.add(fact.number)
            elif fact.kind not in (FactKind.RETURNED_PAYMENT, FactKind.REVERSAL):
                self.facts.append(fact)
        self.last_bill_on = self.opened - DAY
        self.next_on = self.would_end = self.bill_day(self.opened)
        day = self.opened
        while day <= today:
            self.lived = day
            if self.is_open:
                self.morning(day)
            self.during(day)
            if day == self.next_on and day < today and self.is_open:
                self.evening(day)
            day += DAY
        self.posted, self.known_until = self.now, today

    @property
    def is_open(self) -> bool:
        return self.lost is None and not self.closed

    def bill_day(self, day: date) -> date:
        while not (day.day == self.day or (self.day == 31 and (day + DAY).day == 1)):
            day += DAY
        return day

    # --- a day ---

    def morning(self, day: date) -> None:
        for bill in self.bills:
            if bill.full is None and day > bill.due:
                bill.full = bill.cleared is not None and bill.cleared <= bill.due
        for bill in self.bills:
            if not bill.late and day == bill.due + 4 * DAY:
                bill.late = True
                if bill.unpaid_minimum():
                    fee = next(
                        (
                            band.fee_paise
                            for band in self.terms.late_fees
                            if band.up_to_paise is None or bill.unpaid_total() <= band.up_to_paise
                        ),
                        0,
                    )
                    self.charge(("late", bill.number), fee if bill.unpaid_total() else 0, day)

    def during(self, day: date) -> None:
        happening: list[tuple[int, Any]] = []
        for fact in self.facts:
            money_in = fact.kind in (FactKind.PAYMENT, FactKind.REFUND, FactKind.CREDIT)
            if (fact.value_on if money_in else fact.posted_on) == day:
                happening.append((fact.number, fact))
        done: list[Any] = []
        while True:
            waiting = [one for one in self.later if one[0] == day]
            todo = [(number, what) for number, what in happening if what not in done]
            todo += [(one[1], one) for one in waiting]
            if not todo:
                return
            # A closing makes a bill, so it comes last.
            _, what = min(todo, key=lambda one: (getattr(one[1], "kind", None) is FactKind.CLOSING, one[0]))
            if isinstance(what, Fact):
                done.append(what)
                self.happen(what)
            else:
                self.later.remove(what)
                on, number, key, paise = what
                if self.lost is None:
                    self.owe_charge(key, paise, on, number, found=True)

    def happen(self, fact: Fact) -> None:  # noqa: C901 - one case a kind
        paise = fact.amount_paise - fact.undone_paise
        if self.lost is not None and fact.kind in (FactKind.PAYMENT, FactKind.REFUND):
            part = min(paise, self.lost - self.recovered)
            self.recovered += part
            if paise > part:
                self.spare.append([fact.value_on, paise - part, False])
            return
        match fact.kind:
            case FactKind.PURCHASE:
                self.owe("purchases", paise, fact.number, fact.value_on, fact.posted_on)
            case FactKind.CASH_ADVANCE:
                self.owe("cash", paise, fact.number, fact.value_on, fact.posted_on)
            case FactKind.FEE:
                if not self.closed:
                    self.charge(("fee", fact.number), self.fee(fact), fact.posted_on, number=fact.number)
            case FactKind.PAYMENT | FactKind.CREDIT:
                self.count(paise, fact.value_on)
                self.lay(paise, fact.value_on)
            case FactKind.REFUND:
                self.refund(fact, paise)
            case FactKind.CONVERSION:
                self.convert(fact)
            case FactKind.DISPUTE:
                debt = self.find(fact.of)
                part = min(debt.left, fact.amount_paise) if debt else 0
                self.disputes[fact.number] = (fact.of or 0, part)
                if debt and part:
                    self.put_aside(debt, part, fact.posted_on, leaves_limit=True)
            case FactKind.PAYOUT:
                self.owe("purchases", paise, fact.number, fact.value_on, fact.posted_on)
                taken = self.debts[-1].taken
                self.debts[-1].taken = defaultdict(int, {fact.value_on: sum(taken.values())})
                if self.lost is not None:
                    self.lost += self.debts.pop().left
            case FactKind.STATEMENT_DAY:
                self.day = fact.day or 0
                self.next_on = self.bill_day(max(self.would_end, fact.posted_on))
                for place, (begins, terms) in enumerate(self.told):
                    if begins > fact.posted_on:
                        self.told[place] = (self.bill_day(begins - DAY) + DAY, terms)
            case FactKind.LIMIT:
                self.limit = fact.limit_paise or 0
            case FactKind.TERMS:
                assert fact.terms is not None
                self.told.append((fact.value_on, fact.terms))
            case FactKind.FORECLOSURE:
                self.foreclose(fact, fact.of)
            case FactKind.CHARGE_OFF:
                self.charge_off()
            case FactKind.CLOSING:
                self.close(fact)
            case FactKind.ALWAYS_STATEMENT:
                pass
            case FactKind.DISPUTE_LOST:
                if fact.of in self.disputes:
                    # With the provisional credit that is taken back.
                    part = self.disputes.pop(fact.of)[1] + paise
                    if part:
                        self.owe("purchases", part, fact.number, fact.posted_on, fact.posted_on)

    def fee(self, fact: Fact) -> int:
        """What is left of a fee after what came back of its purchase."""
        bought = self.known.get(fact.of or 0)
        if bought is None:
            return fact.amount_paise
        refunds = [one for one in self.known.values() if one.kind is FactKind.REFUND and one.of == fact.of]
        refunded = sum(one.amount_paise for one in refunds)
        kept = bought.amount_paise - bought.undone_paise
        if fact.fee is FeeKind.FOREIGN:
            return half_up(Fraction(fact.amount_paise * max(0, kept - refunded), bought.amount_paise))
        if fact.fee is FeeKind.CASH and bought.undone_paise:
            share = half_up(kept * Fraction(self.terms.cash_fee_percent) / 100)
            return min(fact.amount_paise, max(share, self.terms.cash_fee_minimum_paise))
        return fact.amount_paise

    def foreclose(self, fact: Fact, number: int | None) -> None:
        plan = next((one for one in self.plans if one["number"] == number and one["plan"].rows), None)
        if plan is not None:
            interest = accrued_paise(plan["plan"], on=fact.posted_on)
            principal = plan["plan"].principal_paise
            plan["plan"].rows = []
            self.owe("instalments", principal, plan["number"], fact.posted_on, fact.posted_on)
            self.charge(("plan", fact.number, plan["number"]), interest, fact.posted_on)

    def close(self, fact: Fact) -> None:
        """Plans are due, the last bill is made, and the account ends if nothing is owed and nobody uses it again."""
        for plan in self.plans:
            if plan["plan"].rows:
                self.foreclose(fact, plan["number"])
        if self.bills and self.bills[-1].full is None and self.bills[-1].cleared is not None:
            self.bills[-1].full = True
        self.evening(fact.posted_on)
        owed = sum(debt.left for debt in self.debts) - sum(spare[1] for spare in self.spare)
        more = owed + sum(one[3] + self.tax_found(one) for one in self.later)
        used = False
        money_in = (FactKind.PAYMENT, FactKind.REFUND, FactKind.CREDIT)
        for day, one in sorted(
            ((one.value_on if one.kind in money_in else one.posted_on, one) for one in self.facts),
            key=lambda dated: (dated[0], dated[1].number),
        ):
            if day > fact.posted_on:
                # Money that comes later does not undo that more was owed before it.
                used = used or more > 0 or one.kind in (FactKind.PURCHASE, FactKind.CASH_ADVANCE)
                paise = one.amount_paise - one.undone_paise
                more += -paise if one.kind in money_in else paise if one.kind is FactKind.PAYOUT else 0
        self.closed = owed <= 0 and more <= 0 and not used

    def tax_found(self, one: tuple[date, int, tuple[object, ...], int]) -> int:
        """The tax on what a replay found."""
        day, _, key, paise = one
        before, rate = sum(each[2] for each in self.now.get(key, [])), self.tax_rate(day, key)
        return half_up((before + paise) * rate) - half_up(before * rate)

    def charge_off(self) -> None:
        owed = sum(debt.left for debt in self.debts) + sum(plan["plan"].principal_paise for plan in self.plans)
        owed += sum(aside for _, aside in self.disputes.values())
        used = min(owed, sum(spare[1] for spare in self.spare))
        self.lost = owed - used
        for spare in self.spare:
            part = min(used, spare[1])
            spare[1] -= part
            used -= part
        self.debts, self.plans, self.disputes, self.bills = [], [], {}, []

    def find(self, number: int | None) -> Debt | None:
        return next((one for one in self.debts if one.number == number and one.kind in ("purchases", "cash")), None)

    # --- owing and paying ---

    def owe(self, kind: str, paise: int, number: int, begins: date, posted: date) -> None:
        debt = Debt(kind, number, begins, posted, paise)
        self.debts.append(debt)
        self.use_spare([debt], max(begins, posted))

    def use_spare(self, debts: list[Debt], day: date) -> None:
        for debt in self.sort(debts):
            for spare in self.spare:
                value_on, left, held_back = spare
                if held_back and self.is_billed(debt):
                    continue
                part = min(left, debt.left)
                debt.taken[max(value_on + self.extra * DAY, debt.begins)] += part
                spare[1] = left - part
        self.note(day)

    def is_billed(self, debt: Debt) -> bool:
        return any(debt in bill.debts for bill in self.bills)

    def sort(self, debts: list[Debt]) -> list[Debt]:
        order = [bucket.value for bucket in self.terms.payment_order]
        owed = [debt for debt in debts if debt.left]
        return sorted(owed, key=lambda one: (not self.is_billed(one), order.index(one.kind), one.begins, one.number))

    def lay(self, paise: int, value_on: date, *, unbilled_only: bool = False) -> None:
        for debt in self.sort(self.debts):
            if unbilled_only and self.is_billed(debt):
                continue
            part = min(paise, debt.left)
            debt.taken[max(value_on + self.extra * DAY, debt.begins)] += part
            paise -= part
        if paise:
            self.spare.append([value_on, paise, unbilled_only])
        self.note(value_on)

    def count(self, paise: int, value_on: date) -> None:
        for bill in self.bills:
            bill.paid += paise

    def note(self, day: date) -> None:
        for bill in self.bills:
            if any(debt.left for debt in bill.debts):
                return
            if bill.cleared is None:
                bill.cleared = max(day, bill.on)
            bill.paid = max(bill.paid, bill.minimum, bill.shown_minimum)

    def refund(self, fact: Fact, paise: int) -> None:  # noqa: C901 - as the text says it
        if fact.of is None:
            owed = [one for one in self.debts if one.kind == "purchases" and one.left]
            debt = min(owed, key=lambda one: (one.begins, one.number), default=None)
        else:
            debt = self.find(fact.of)
        if debt:
            billed = self.is_billed(debt)
        elif fact.of_posted_on is not None:
            billed = any(bill.on >= fact.of_posted_on for bill in self.bills)
        else:
            billed = bool(self.bills)
        left = paise
        purchase = debt.number if debt else fact.of
        if debt:
            part = min(left, debt.left)
            debt.taken[max(fact.value_on + self.extra * DAY, debt.begins)] += part
            left -= part
        for number, (disputed, aside) in list(self.disputes.items()):
            if disputed == purchase:
                part = min(left, aside)
                self.disputes[number] = (disputed, aside - part)
                left -= part
                paise -= part
        for plan in self.plans:
            if plan["purchase"] == purchase and plan["plan"].rows:
                part = min(left, plan["plan"].principal_paise)
                if part:
                    self.lower(plan, part, fact.value_on)
                    left -= part
                    paise -= part
        if billed:
            # What was set aside is in no bill any more.
            self.count(paise, fact.value_on)
        if left:
            self.lay(left, fact.value_on, unbilled_only=not billed)
        self.note(fact.value_on)

    def convert(self, fact: Fact) -> None:
        debt = self.find(fact.of)
        part = min(debt.left, fact.amount_paise) if debt else 0
        if not debt or not part:
            return
        first = self.next_on if self.next_on > fact.posted_on else self.bill_day(self.next_on + DAY)
        terms = plan_terms(
            self.repayment,
            paise=fact.amount_paise,
            annual_rate_percent=fact.annual_rate_percent or Decimal(0),
            instalments=fact.instalments or 0,
            on=fact.posted_on,
            first_on=first,
            day=self.day,
        )
        plan = make_plan(terms, number=fact.number, purchase=debt.number)
        if part < fact.amount_paise:
            # The plan that was agreed is shortened, as by a refund.
            lower_plan(plan, terms, paise=fact.amount_paise - part, on=fact.posted_on)
        self.plans.append({"number": fact.number, "purchase": debt.number, "plan": plan})
        self.put_aside(debt, part, fact.posted_on, leaves_limit=False)

    def lower(self, plan: dict[str, Any], part: int, day: date) -> None:
        """Of a converted purchase: lowers the plan from its end."""
        rows = plan["plan"].rows
        terms = plan_terms(
            self.repayment,
            paise=plan["plan"].principal_paise,
            annual_rate_percent=plan["plan"].annual_rate_percent,
            instalments=len(rows),
            on=min(rows[0].from_on, day),
            first_on=rows[0].due_on,
            day=self.day,
        )
        lower_plan(plan["plan"], terms, paise=part, on=day)

    def put_aside(self, debt: Debt, part: int, day: date, *, leaves_limit: bool) -> None:
        debt.taken[max(day + self.extra * DAY, debt.begins)] += part
        seen = False
        for bill in self.bills:
            seen = seen or debt in bill.debts
            if seen:
                for parts in (bill.parts, bill.shown_parts):
                    parts["spent"] = max(0, parts["spent"] - part)
                    if leaves_limit:
                        parts["over"] = max(0, parts["over"] - part)
                bill.total = max(0, bill.total - part)
                bill.shown_total = max(0, bill.shown_total - part)
                bill.minimum = min(bill.minimum, self.minimum(bill.parts, bill.total))
                bill.shown_minimum = min(bill.shown_minimum, self.minimum(bill.shown_parts, bill.shown_total))
        self.note(day)

    # --- charges ---

    def charge(self, key: tuple[object, ...], paise: int, day: date, *, number: int = 0) -> None:
        left = paise
        for on, order, amount, found in self.posted.get(key, []):
            part = min(left, amount)
            left -= part
            if part and found:
                self.later.append((on, order, key, part))
                self.charged_on[key] = day
            elif part:
                self.owe_charge(key, part, on, order, found=False)
        if left and self.found is None:
            # What was found of an account that was charged off meanwhile was not charged, and never is.
            if day > self.known_until or (day == self.known_until and key[0] != "late"):
                self.owe_charge(key, left, day, number, found=False)
        elif left:
            self.later.append((self.today, self.found or 0, key, left))
            self.charged_on[key] = day

    def owe_charge(self, key: tuple[object, ...], paise: int, day: date, order: int, *, found: bool) -> None:
        before = sum(one[2] for one in self.now.get(key, []))
        self.now.setdefault(key, []).append((day, order, paise, found))
        rate = self.tax_rate(day, key)
        tax = half_up((before + paise) * rate) - half_up(before * rate)
        self.owe("fees" if key[0] in ("fee", "late") else "interest", paise, order, day, day)
        if tax:
            self.owe("tax", tax, order, day, day)

    def tax_rate(self, day: date, key: tuple[object, ...]) -> Fraction:
        """The share of tax on a charge of a day. Whether a kind of fee is taxed is as on the day of its cause."""
        fee = FeeKind.LATE if key[0] == "late" else self.known[int(str(key[1]))].fee if key[0] == "fee" else None
        if fee in self.terms_of(self.charged_on.get(key, day)).untaxed_fees:
            return Fraction(0)
        return Fraction([percent for begins, percent in self.gst if begins <= day][-1]) / 100

    # --- the statement ---

    def evening(self, day: date) -> None:
        number = len(self.bills) + 1
        for plan in self.plans:
            rows = plan["plan"].rows
            if rows:
                row = rows.pop(0)
                principal, interest = row.principal_paise, row.interest_paise
                if principal:
                    self.owe("instalments", principal, plan["number"], day, day)
                if interest:
                    self.charge(("plan", number, plan["number"]), interest, day)
        sums = self.interest(day)
        for group, paise in sums.items():
            if paise:
                self.charge((group, number), paise, day)
        billed = [debt for debt in self.debts if not self.is_billed(debt)]
        first = min((debt.begins for debt in billed), default=day)
        parts = self.parts(day)
        bill = Bill(
            number=number, on=day, due=day + self.terms.due_after_days * DAY, debts=billed, total=0, minimum=0,
            shown_total=0, shown_minimum=0, parts=parts, shown_parts=dict(parts), first=first, interest=sums,
        )  # fmt: skip
        self.bills.append(bill)
        for spare in self.spare:
            spare[2] = False
        self.use_spare(self.debts, day)
        parts = self.parts(day)
        bill.parts, bill.shown_parts = parts, dict(parts)
        bill.total = sum(debt.left for debt in self.debts)
        if self.terms.minimum_covers_next and bill.total:
            parts["covering"] = sum(parts[kind] for kind in WHOLE) + self.next_interest(day)
        bill.minimum = self.minimum(parts, bill.total)
        if number not in self.shown:
            # An account that was thought closed had no bill that day, so nobody is judged by it.
            asked = (bill.total, bill.minimum) if self.found is None else (0, 0)
            self.shown[number] = (*asked, dict(parts))
        bill.shown_total, bill.shown_minimum, shown_parts = self.shown[number]
        bill.shown_parts = dict(shown_parts)
        self.note(day)
        self.last_bill_on = day
        self.next_on = self.would_end = self.bill_day(day + DAY)

    def next_interest(self, day: date) -> int:
        """The interest and its tax of the next statement if nothing were paid: another life, one statement on."""
        ahead = deepcopy(self)
        ahead.bills[-1].full = False
        next_on = self.bill_day(day + DAY)
        parts = []
        for plan in ahead.plans:
            if plan["plan"].rows:
                row = plan["plan"].rows.pop(0)
                parts.append(row.interest_paise)
                for kind, paise in (("instalments", row.principal_paise), ("interest", row.interest_paise)):
                    ahead.debts.append(Debt(kind, plan["number"], next_on, next_on, paise))
        parts += ahead.interest(next_on).values()
        rate = self.tax_rate(next_on, ("interest",))
        return sum(part + half_up(part * rate) for part in parts)

    def parts(self, day: date) -> dict[str, int]:
        owed: dict[str, int] = defaultdict(int)
        already = 0
        earlier = [bill for bill in self.bills if bill.on < day]
        for debt in self.debts:
            owed[debt.kind] += debt.left
            if debt.kind in WHOLE and any(debt in bill.debts for bill in earlier):
                already += debt.left
        spent = owed["purchases"] + owed["cash"]
        planned = sum(plan["plan"].principal_paise for plan in self.plans)
        unpaid = max((bill.unpaid_minimum() for bill in earlier), default=0)
        return {
            **{kind: owed[kind] for kind in WHOLE},
            "spent": spent,
            "over": max(0, spent + planned - self.limit),
            "past": max(0, unpaid - already),
        }

    def share(self, paise: int) -> int:
        exact, unit = Fraction(paise) * Fraction(self.terms.minimum_percent) / 100, self.terms.minimum_unit_paise
        return ceil(exact / unit) * unit if self.terms.minimum_rounds_share else half_up(exact)

    def minimum(self, parts: dict[str, int], total: int) -> int:
        share = self.share(parts["spent"])
        if self.terms.minimum_shares_interest and parts["interest"]:
            both = self.share(parts["spent"] + parts["interest"])
            share = both - parts["interest"] if both > parts["interest"] else share
        share = min(max(share, self.terms.minimum_floor_paise), parts["spent"])
        exact = sum(parts[kind] for kind in WHOLE) + parts["over"] + share + parts["past"]
        exact = max(exact, parts.get("covering", 0))
        unit = 1 if self.terms.minimum_rounds_share else self.terms.minimum_unit_paise
        return min(ceil(Fraction(exact, unit)) * unit, total)

    def interest(self, day: date) -> dict[str, int]:
        """The interest of a statement: each day of each debt is asked, and remembered when it is charged."""
        last = day if self.extra else day - DAY
        exact: dict[str, Fraction] = {"purchases": Fraction(0), "cash": Fraction(0)}
        per_line: dict[str, int] = {"purchases": 0, "cash": 0}
        revolving = [self.revolving_days(bill, day) for bill in self.bills]
        for debt in self.debts:
            if debt.kind not in KIND and not (debt.kind == "interest" and self.terms.interest_bears_interest):
                continue
            group = KIND.get(debt.kind, "purchases")
            bearing = {}
            asked = debt.begins
            while asked <= last:
                if asked not in debt.charged and debt.on(asked) and self.bears(debt, asked, revolving):
                    debt.charged.add(asked)
                    bearing[asked] = debt.on(asked)
                asked += DAY
            line, previous = Fraction(0), None
            for asked, balance in [*sorted(bearing.items()), (date.max, 0)]:
                terms = self.terms_of(asked)
                rate = terms.cash_annual_rate_percent if debt.kind == "cash" else terms.annual_rate_percent
                daily = Fraction(rate) / 100 / 365
                exact[group] += balance * daily
                if previous is not None and (asked != previous[0] + DAY or (balance, id(terms)) != previous[1:]):
                    per_line[group] += half_up(line)
                    line = Fraction(0)
                line += balance * daily
                previous = (asked, balance, id(terms))
        if self.terms.interest_rounded is InterestRounded.PER_LINE:
            return per_line
        return {group: half_up(paise) for group, paise in exact.items()}

    def bears(self, debt: Debt, day: date, revolving: list[set[date]]) -> bool:
        """Cash always; else by the statement that billed it, and by the statements before that one."""
        if debt.kind == "cash":
            return True
        number = next((bill.number for bill in self.bills if debt in bill.debts), len(self.bills) + 1)
        if number <= len(self.bills) and self.bills[number - 1].full is False:
            return True
        return any(day in days for days in revolving[: number - 1])

    def revolving_days(self, bill: Bill, through: date) -> set[date]:
        """From the first posting of a statement that was not paid in full until a later one that was is cleared."""
        days: set[date] = set()
        if bill.full is not False:
            return days
        later = next((one for one in self.bills[bill.number :] if one.full), None)
        day = bill.first
        while day <= through and (later is None or day < (later.cleared or day) + self.extra * DAY):
            days.add(day)
            day += DAY
        return days
