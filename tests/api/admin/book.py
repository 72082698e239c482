"""Test data of one year: 28 loans of four products, some paid on time, some late, with scores and an import.

The figures are the same every time: the data says who pays until when, and nothing is random.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, insert, select

from app.db.models import BankTransaction, Bill, Customer, Import, ImportReject
from app.db.session import Session
from app.domain.people.access import SYSTEM
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.domain.public_ids import LoanReference
from app.services.credit import scoring
from app.services.lending.disbursal import LoanOrder, disburse_loan
from app.services.payments import payments
from app.services.payments.calls import PaymentRequest
from tests.services.lending_desk import OFFICER, LendingHelper

SetNow = Callable[[datetime], None]

FIRST_DAY, LAST_DAY = date(2025, 12, 1), date(2026, 11, 21)
PRODUCTS = {product.code: product for product in SEEDED_PRODUCTS}
NAMES = (
    "Asha Rao", "Vikram Shetty", "Lakshmi Iyer", "Imran Qureshi", "Gurpreet Kaur", "Anjali Deshmukh", "Thomas Kurian",
    "Debashish Sen", "Fatima Sheikh", "Harish Gowda", "Nandini Pillai", "Rohan Mehta", "Sunita Yadav", "Joseph D'Souza",
    "Pooja Banerjee", "Arjun Nair", "Kavita Joshi", "Mohammed Irfan", "Rekha Menon", "Sanjay Patil", "Divya Krishnan",
    "Manoj Tiwari", "Geeta Chauhan", "Ashok Reddy", "Neha Kulkarni", "Farhan Ali", "Usha Naidu", "Dinesh Solanki",
)  # fmt: skip
#: Month of disbursal, product, rupees, rate, instalments, and the last day on which the customer pays (None: always).
LOANS = (
    (0, "PERSONAL_LOAN", 300_000, "8.8", 24, None), (0, "STANDARD_LOAN", 500_000, "12", 36, None),
    (0, "CREDIT_CARD_LOAN", 40_000, "10.5", 12, None), (1, "PERSONAL_LOAN", 150_000, "8.8", 12, None),
    (1, "CREDIT_CARD", 5_000, "14", 12, None), (1, "STANDARD_LOAN", 240_000, "16", 24, date(2026, 6, 10)),
    (2, "PERSONAL_LOAN", 500_000, "8.8", 36, None), (2, "CREDIT_CARD_LOAN", 25_000, "18", 10, date(2026, 9, 12)),
    (2, "CREDIT_CARD", 5_000, "14", 12, date(2026, 9, 20)), (3, "STANDARD_LOAN", 800_000, "10.5", 48, None),
    (3, "PERSONAL_LOAN", 90_000, "8.8", 6, None), (3, "CREDIT_CARD_LOAN", 50_000, "12", 12, None),
    (4, "PERSONAL_LOAN", 420_000, "8.8", 24, date(2026, 10, 9)), (4, "CREDIT_CARD", 5_000, "14", 12, None),
    (4, "STANDARD_LOAN", 350_000, "12", 24, None), (5, "CREDIT_CARD_LOAN", 30_000, "15", 12, None),
    (5, "PERSONAL_LOAN", 200_000, "8.8", 18, None), (6, "STANDARD_LOAN", 600_000, "11", 36, date(2026, 10, 20)),
    (6, "CREDIT_CARD", 5_000, "14", 12, None), (7, "PERSONAL_LOAN", 260_000, "8.8", 24, None),
    (7, "CREDIT_CARD_LOAN", 45_000, "12", 12, date(2026, 9, 1)), (8, "STANDARD_LOAN", 450_000, "12", 24, None),
    (8, "PERSONAL_LOAN", 380_000, "8.8", 36, None), (9, "CREDIT_CARD", 5_000, "14", 12, None),
    (9, "STANDARD_LOAN", 275_000, "14", 24, None), (10, "PERSONAL_LOAN", 510_000, "8.8", 24, None),
    (10, "CREDIT_CARD_LOAN", 20_000, "12", 12, None), (11, "STANDARD_LOAN", 700_000, "10.5", 48, None),
)  # fmt: skip


@dataclass(slots=True)
class BookedLoan:
    """A loan of the book, with the number of its payments so far."""

    loan: LoanReference
    customer_id: int
    pays_until: date | None
    payments: int = 0


@dataclass(slots=True)
class BookYear:
    """Runs through the year of the book. `set_now` sets the application's clock."""

    lending: LendingHelper
    set_now: SetNow
    booked: list[BookedLoan] = field(default_factory=list)

    async def run(self) -> None:
        await self._add_people()
        waiting = list(enumerate(LOANS))
        weeks = (LAST_DAY - FIRST_DAY).days // 7
        for day in (*(FIRST_DAY + timedelta(days=7 * week) for week in range(weeks + 1)), LAST_DAY):
            await self._go_to(day)
            while waiting and _disbursal(waiting[0][1][0], waiting[0][0]) <= day:
                await self._lend(*waiting.pop(0))
            await self.lending.run_billing(on=day)
            await self._pay(day)
        async with self.lending.uow_factory.open(SYSTEM) as uow:
            for place in range(len(NAMES)):
                await scoring.compute_score(uow, 1001 + place, scorecard="loan_history")

    async def _go_to(self, day: date) -> None:
        self.set_now(datetime(day.year, day.month, day.day, 6, tzinfo=UTC))
        await self.lending.set_date(day)

    async def _add_people(self) -> None:
        self.set_now(datetime(2025, 12, 1, 6, tzinfo=UTC))
        async with self.lending.uow_factory.open(SYSTEM) as uow:
            rows = [
                {
                    "customer_id": 1001 + place, "state": "customer", "name": name,
                    "email": f"{name.lower().replace(' ', '.').replace(chr(39), '')}@example.in",
                    "phone": f"98{place:02d}0{place * 7919 % 100000:05d}", "age": 24 + place % 31,
                    "annual_income_paise": (150_000 + 42_500 * (place * 5 % 23)) * 100,
                    "approved_limit_paise": (3 + place * 5 % 17) * 100_000_00,
                    "aadhaar_last_four": f"{(place * 3571 + 1234) % 10000:04d}",
                    "registered_on": FIRST_DAY, "created_at": uow.now, "actor": "officer:1",
                }
                for place, name in enumerate(NAMES)
            ]  # fmt: skip
            await uow.session.execute(insert(Customer), rows)
            await self._import_statements(uow.session, uow.now)
            for place in range(len(NAMES)):
                await scoring.compute_score(uow, 1001 + place, scorecard="bank_balance")

    async def _import_statements(self, session: Session, now: datetime) -> None:
        made = insert(Import).values(
            kind="transactions", content_hash=b"book", file_name="statements-2025.csv", status="finished",
            rows_read=len(NAMES) * 3 + 2, rows_loaded=len(NAMES) * 3, rows_rejected=2, started_at=now,
            finished_at=now, actor="officer:1",
        ).returning(Import.id)  # fmt: skip
        import_id = (await session.execute(made)).scalar_one()
        rows = []
        for place in range(len(NAMES)):
            amounts = ((380_000 + 31_000 * (place * 11 % 19)), 45_000 + 3_000 * (place % 9), 12_500)
            for number, (direction, rupees, what) in enumerate(
                zip(("CREDIT", "DEBIT", "DEBIT"), amounts, ("Salary", "Rent", "=HYPERLINK(1)"), strict=True)
            ):
                rows.append(
                    {
                        "customer_id": 1001 + place, "import_id": import_id, "row_number": 2 + place * 3 + number,
                        "transacted_on": date(2025, 11, 1 + number * 7), "direction": direction,
                        "amount_paise": rupees * 100, "description": what,
                    }
                )  # fmt: skip
        await session.execute(insert(BankTransaction), rows)
        rejects = [
            {
                "import_id": import_id,
                "row_number": 17,
                "code": "amount_not_a_number",
                "reason": "the amount is no number",
            },
            {
                "import_id": import_id,
                "row_number": 41,
                "code": "date_out_of_range",
                "reason": "the date is in the future",
            },
        ]
        await session.execute(insert(ImportReject), rejects)

    async def _lend(self, place: int, terms: tuple[int, str, int, str, int, date | None]) -> None:
        _, code, rupees, rate, instalments, pays_until = terms
        async with self.lending.uow_factory.open(SYSTEM) as uow:
            loan = await disburse_loan(
                uow,
                LoanOrder(
                    customer_id=1001 + place,
                    product=PRODUCTS[code],
                    amount_paise=rupees * 100,
                    instalments=instalments,
                    annual_rate_percent=Decimal(rate),
                    purpose=("school fees", "a scooter", "the shop", None)[place % 4],
                ),
            )
        self.booked.append(
            BookedLoan(
                loan=LoanReference(number=loan.loan_id, year=None), customer_id=1001 + place, pays_until=pays_until
            )
        )

    async def _pay(self, day: date) -> None:
        for booked_loan in self.booked:
            if booked_loan.pays_until is not None and day > booked_loan.pays_until:
                continue
            async with self.lending.uow_factory.open(OFFICER) as uow:
                own = (Bill.customer_id == booked_loan.customer_id, Bill.loan_id == booked_loan.loan.number)
                unpaid = Bill.unpaid_charges_paise + Bill.unpaid_interest_paise + Bill.unpaid_principal_paise
                owed = select(func.coalesce(func.sum(unpaid), 0)).where(*own, Bill.settled_on.is_(None))
                amount = int((await uow.session.execute(owed)).scalar_one())
                if amount:
                    booked_loan.payments += 1
                    await payments.take_payment(
                        uow,
                        PaymentRequest(
                            loan=booked_loan.loan,
                            amount_paise=amount,
                            method=("upi", "neft", "card")[booked_loan.payments % 3],
                            reference=f"UTR{booked_loan.loan.number:05d}{booked_loan.payments:03d}",
                        ),
                    )


def _disbursal(month: int, place: int) -> date:
    index = FIRST_DAY.year * 12 + FIRST_DAY.month - 1 + month
    return date(index // 12, index % 12 + 1, 2 + place % 5)


async def make_book(lending: LendingHelper, set_now: SetNow) -> BookYear:
    """Makes the book, up to the end of its year."""
    book = BookYear(lending, set_now)
    await book.run()
    return book
