"""Every fact about loans that a score may look at is read from the books, of our own loans and of external ones."""

from dataclasses import fields

import pytest

from app.db.repositories.credit import scoring
from app.db.repositories.lending import external_loans
from app.domain.credit.scoring_facts import LoanFacts

FACTS = {item.name for item in fields(LoanFacts)}


@pytest.mark.parametrize(
    "statement, elsewhere",
    [
        # What an instalment comes to in a month is computed from the list of instalments.
        (scoring._LOAN_FACTS, {"active_emi_paise"}),
        # The limit is known with our own loans.
        (external_loans._FACTS, {"limit_paise"}),
    ],
    ids=["own", "external"],
)
def test_a_statement_answers_every_fact(statement: object, elsewhere: set[str]) -> None:
    sql = str(statement)
    assert [name for name in sorted(FACTS - elsewhere) if f" AS {name}" not in sql] == []
