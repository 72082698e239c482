"""The listings of loans and of their plans, bills, payments and transfers.

Each has the year of the loan's disbursal beside the loan's number, because the public id of a loan needs both.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    SmallInteger,
    and_,
    case,
    cast,
    column,
    extract,
    func,
    table,
)

from app.db.models import (
    Application,
    Bill,
    Card,
    Customer,
    GstDocument,
    Loan,
    LoanCharge,
    ParkedLoan,
    Payment,
    Proposal,
    Transfer,
)
from app.db.repositories.operations.browsing import Listing

#: The view with one row for each planned instalment (migration 0001).
INSTALMENTS: Final = table(
    "instalments",
    column("customer_id", BigInteger),
    column("loan_id", BigInteger),
    column("version", Integer),
    column("number", SmallInteger),
    column("due_on", Date),
    column("principal_paise", BigInteger),
    column("interest_paise", BigInteger),
    column("amount_paise", BigInteger),
)


LOAN_YEAR: Final = cast(extract("year", Loan.disbursed_on), Integer)
UNPAID: Final = (
    Bill.__table__.c.unpaid_principal_paise
    + Bill.__table__.c.unpaid_interest_paise
    + Bill.__table__.c.unpaid_charges_paise
)
#: A bill is closed on the day after its due date. What is unpaid of it then is overdue.
BILL_STATUS: Final = case(
    (Bill.__table__.c.settled_on.is_not(None), "paid"),
    (and_(Bill.__table__.c.closed_on.is_not(None), UNPAID > 0), "overdue"),
    else_="billed",
)
#: The numbers of payments and charges grow with the business date on which they are booked.
_BY_BOOKING: Final[Mapping[str, tuple[str, ...]]] = {"id": ("booked_on", "id"), "booked_on": ("booked_on", "id")}
LOAN_IDS: Final = (("loan", "loan_id"), ("user", "customer_id"))


def columns_of(source: type[Any] | FromClause, names: str) -> dict[str, ColumnElement[Any]]:
    """The columns of a table with these names."""
    columns = source.c if isinstance(source, FromClause) else source.__table__.c
    return {name: columns[name] for name in names.split()}


def _with_loan(model: type[Any], names: str) -> tuple[dict[str, ColumnElement[Any]], FromClause]:
    """A table of rows of loans, with the year that is in the loan's public id."""
    own = model.__table__.c
    columns = columns_of(model, names) | {"loan_year": LOAN_YEAR}
    on = and_(Loan.customer_id == own.customer_id, Loan.id == own.loan_id)
    return columns, model.__table__.outerjoin(Loan.__table__, on)


def _listing_of_loan(
    model: type[Any], names: str, *, key: str, texts: str = "", orders: Mapping[str, tuple[str, ...]] | None = None
) -> Listing:
    columns, source = _with_loan(model, names)
    return Listing(
        columns=columns,
        source=source,
        key=tuple(key.split()),
        table=model.__tablename__,
        ids=LOAN_IDS,
        texts=tuple(texts.split()),
        orders=orders or {},
    )


def _loans() -> Listing:
    names = (
        "customer_id id status product_code product_version disbursed_paise annual_rate_percent instalments "
        "disbursed_on closed_on principal_paise interest_paise charges_paise advance_paise next_cycle next_billing_on "
        "schedule_version purpose application_id created_at actor"
    )
    return Listing(
        columns=columns_of(Loan, names) | {"loan_year": LOAN_YEAR, "customer_name": Customer.__table__.c.name},
        source=Loan.__table__.outerjoin(Customer.__table__, Customer.customer_id == Loan.customer_id),
        key=("customer_id", "id"),
        table="loans",
        ids=(("loan", "id"), ("user", "customer_id")),
        texts=("customer_name", "product_code", "purpose"),
    )


def _instalments() -> Listing:
    """The current plan. A billed instalment has the billed amounts, less what went back to the plan; others have the
    planned amounts."""
    plan = INSTALMENTS.c
    in_force = and_(
        Loan.customer_id == plan.customer_id, Loan.id == plan.loan_id, Loan.schedule_version == plan.version
    )
    bill = Bill.__table__.c
    billed = and_(bill.customer_id == plan.customer_id, bill.loan_id == plan.loan_id, bill.cycle == plan.number)
    principal = func.coalesce(bill.principal_due_paise - bill.returned_paise, plan.principal_paise)
    interest = func.coalesce(bill.interest_paise, plan.interest_paise)
    columns = columns_of(INSTALMENTS, "customer_id loan_id number")
    columns |= {
        "due_on": func.coalesce(bill.billed_on, plan.due_on),
        "principal_paise": principal,
        "interest_paise": interest,
        "amount_paise": principal + interest,
        "loan_year": LOAN_YEAR,
        "status": case((bill.cycle.is_(None), "planned"), else_=BILL_STATUS),
        "pay_by": bill.due_on,
        "unpaid_paise": UNPAID,
        "paid_on": bill.settled_on,
    }
    return Listing(
        columns=columns,
        source=INSTALMENTS.join(Loan.__table__, in_force).outerjoin(Bill.__table__, billed),
        key=("customer_id", "loan_id", "number"),
        table="instalments",
        ids=LOAN_IDS,
    )


def _bills() -> Listing:
    names = (
        "customer_id loan_id cycle from_on billed_on due_on opening_principal_paise interest_paise principal_due_paise "
        "past_due_paise total_due_paise minimum_due_paise unpaid_charges_paise unpaid_interest_paise "
        "unpaid_principal_paise returned_paise closed_on settled_on run_id schedule_version"
    )
    columns, source = _with_loan(Bill, names)
    return Listing(
        columns=columns | {"status": BILL_STATUS, "unpaid_paise": UNPAID},
        source=source,
        key=("customer_id", "loan_id", "cycle"),
        table="bills",
        ids=LOAN_IDS,
    )


def _payments() -> Listing:
    names = (
        "customer_id id loan_id amount_paise value_date booked_on method reference instalment treated_as reversed_on "
        "reversal_reason received_at actor"
    )
    columns, source = _with_loan(Payment, names)
    return Listing(
        columns=columns,
        source=source,
        key=("customer_id", "id"),
        table="payments",
        ids=(("payment", "id"), *LOAN_IDS),
        texts=("reference",),
        orders=_BY_BOOKING,
    )


def _applications() -> Listing:
    names = (
        "customer_id id product_code product_version amount_paise instalments requested_rate_percent "
        "annual_rate_percent purpose status reasons loan_id applied_on expires_on decided_on created_at actor"
    )
    columns, source = _with_loan(Application, names)
    return Listing(
        columns=columns,
        source=source,
        key=("customer_id", "id"),
        table="applications",
        ids=(("application", "id"), *LOAN_IDS),
        texts=("product_code", "purpose"),
    )


LOAN_LISTINGS: Final[Mapping[str, Listing]] = {
    "loans": _loans(),
    "instalments": _instalments(),
    "bills": _bills(),
    "payments": _payments(),
    "applications": _applications(),
    "cards": _listing_of_loan(
        Card,
        "customer_id token loan_id account_id last_four name status issued_on expires_on blocked_on blocked_by "
        "created_at actor",
        key="customer_id token",
        texts="last_four",
    ),
    "proposals": _listing_of_loan(
        Proposal,
        "customer_id id loan_id account_id kind payload reason status maker made_at made_on expires_on checker "
        "decided_at note result",
        key="customer_id id",
        texts="kind status reason maker checker",
    ),
    "transfers": _listing_of_loan(
        Transfer,
        "customer_id loan_id number group_number kind debit credit amount_paise component value_date booked_on cycle "
        "payment_id reverses",
        key="customer_id loan_id number",
    ),
    "loan_charges": _listing_of_loan(
        LoanCharge,
        "customer_id id loan_id kind name paid booked_on amount_paise tax_paise sac payment_id taken_back_on "
        "taken_back_reason booked_at actor",
        key="customer_id id",
        texts="name",
        orders=_BY_BOOKING,
    ),
    "gst_documents": _listing_of_loan(
        GstDocument,
        "customer_id loan_id transfer_number kind number supplied_on booked_on charge name sac place taxable_paise "
        "central_paise state_paise integrated_paise of_transfer made_at",
        key="customer_id loan_id transfer_number",
        texts="number",
    ),
    "parked_loans": _listing_of_loan(
        ParkedLoan, "customer_id loan_id run_id code message parked_at", key="customer_id loan_id", texts="code message"
    ),
}
