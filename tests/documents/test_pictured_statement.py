"""The statement whose first page is a picture of the documentation: seven instalments of a loan are paid.

With `KIST_SCREENSHOTS=docs/images` in the environment it takes that picture, with `pdftoppm`.
"""

import os
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.documents.facts import Borrower
from app.documents.statement import statement_pdf
from app.domain.billing.cycles import catch_up
from app.domain.calendar import add_months
from app.domain.payments.allocation import decide_payment
from app.domain.payments.payments import PaymentOrder
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.reporting.statements import Statement
from tests.documents.test_documents import FACTS
from tests.domain.made_loans import make_loan
from tests.house.source import ROOT
from tests.lives.loan_books import Books

LENT_ON, ON = date(2026, 1, 31), date(2026, 9, 20)


def paid_seven_times() -> Statement:
    books = Books(make_loan(STANDARD_LOAN, amount=500_000, rate="10.5", instalments=24, on=LENT_ON))
    for number in range(1, 8):
        due_on = add_months(LENT_ON, number)
        books.save_billing(catch_up(books.position, through=due_on))
        order = PaymentOrder(
            payment_id=number,
            amount_paise=23_188_02,
            value_date=due_on,
            booked_on=due_on,
            reference=f"UTR 50000{number}",
        )
        books.save(decide_payment(books.position, order).decision)
        books.payments.append(order)
    return books.statement(on=ON)


def test_the_statement_of_the_picture() -> None:
    statement = paid_seven_times()
    assert (statement.principal_paid_paise, statement.interest_paid_paise) == (1_35_198_89, 27_117_25)
    assert (statement.outstanding_paise, statement.overdue_paise) == (3_64_801_11, 0)
    facts = replace(
        FACTS,
        loan_id="LN-2026-0042",
        product="Standard loan",
        amount_paise=5_00_000_00,
        instalments=24,
        emi_paise=23_188_02,
        disbursed_on=LENT_ON,
        borrower=Borrower(
            user_id="BC-USER-009", name="आशा राव (Asha Rao)", aadhaar="XXXX XXXX 9012", phone="XXXXXX3210"
        ),
        annual_rate_percent=Decimal("10.5"),
        statement=statement,
    )
    drawn = statement_pdf(facts)
    assert drawn.startswith(b"%PDF")
    if folder := os.environ.get("KIST_SCREENSHOTS"):
        target = ROOT / folder / "statement"
        subprocess.run(
            ["pdftoppm", "-png", "-r", "96", "-f", "1", "-singlefile", "-", str(target)], input=drawn, check=True
        )
