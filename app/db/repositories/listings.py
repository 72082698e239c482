"""The tables that staff may look through, column by column.

What stands here is all that the admin pages can read. Ciphertexts, keyed indexes, hashes of passwords and of tokens,
and the answers kept for repeated requests stand in no listing; of an Aadhaar number only the last four digits do.
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
    select,
    table,
)

from app.db.models import (
    Application,
    AuditEvent,
    BankTransaction,
    Bill,
    BillingRange,
    BillingRun,
    Card,
    CreditScore,
    Customer,
    Import,
    ImportReject,
    Loan,
    OutboxRow,
    ParkedLoan,
    Payment,
    Product,
    Scorecard,
    Transfer,
)
from app.db.repositories.browsing import Listing

#: The view of plans, opened up into rows (migration 0001).
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


def _seen(source: type[Any] | FromClause, names: str) -> dict[str, ColumnElement[Any]]:
    columns = source.c if isinstance(source, FromClause) else source.__table__.c
    return {name: columns[name] for name in names.split()}


def _with_loan(model: type[Any], names: str) -> tuple[dict[str, ColumnElement[Any]], FromClause]:
    """A table of a loan's rows, with the year that stands in the loan's public id."""
    own = model.__table__.c
    columns = _seen(model, names) | {"loan_year": LOAN_YEAR}
    on = and_(Loan.customer_id == own.customer_id, Loan.id == own.loan_id)
    return columns, model.__table__.outerjoin(Loan.__table__, on)


LOAN_YEAR: Final = cast(extract("year", Loan.disbursed_on), Integer)
UNPAID: Final = (
    Bill.__table__.c.unpaid_principal_paise
    + Bill.__table__.c.unpaid_interest_paise
    + Bill.__table__.c.unpaid_charges_paise
)
#: A run closes a bill on the day after its last; what is unpaid of it then is overdue.
BILL_STATUS: Final = case(
    (Bill.__table__.c.settled_on.is_not(None), "paid"),
    (and_(Bill.__table__.c.closed_on.is_not(None), UNPAID > 0), "overdue"),
    else_="billed",
)
LOAN_IDS: Final = (("loan", "loan_id"), ("user", "customer_id"))


def _listing_of_loan(model: type[Any], names: str, *, key: str, texts: str = "") -> Listing:
    columns, source = _with_loan(model, names)
    return Listing(
        columns=columns,
        source=source,
        key=tuple(key.split()),
        table=model.__tablename__,
        ids=LOAN_IDS,
        texts=tuple(texts.split()),
    )


def _customers() -> Listing:
    names = (
        "customer_id state name email phone age employment_type annual_income_paise approved_limit_paise address "
        "aadhaar_last_four external_id registered_on created_at actor"
    )
    return Listing(
        columns=_seen(Customer, names),
        source=Customer.__table__,
        key=("customer_id",),
        table="customers",
        ids=(("user", "customer_id"),),
        texts=("name", "email", "phone", "external_id"),
    )


def _bank_transactions() -> Listing:
    return Listing(
        columns=_seen(
            BankTransaction, "customer_id import_id row_number transacted_on direction amount_paise description"
        ),
        source=BankTransaction.__table__,
        key=("customer_id", "import_id", "row_number"),
        table="bank_transactions",
        ids=(("user", "customer_id"),),
        texts=("description",),
    )


def _loans() -> Listing:
    names = (
        "customer_id id status product_code product_version disbursed_paise annual_rate_percent instalments "
        "disbursed_on closed_on principal_paise interest_paise charges_paise advance_paise next_cycle next_billing_on "
        "schedule_version purpose application_id created_at actor"
    )
    return Listing(
        columns=_seen(Loan, names) | {"loan_year": LOAN_YEAR, "customer_name": Customer.__table__.c.name},
        source=Loan.__table__.outerjoin(Customer.__table__, Customer.customer_id == Loan.customer_id),
        key=("customer_id", "id"),
        table="loans",
        ids=(("loan", "id"), ("user", "customer_id")),
        texts=("customer_name", "product_code", "purpose"),
    )


def _instalments() -> Listing:
    """The plan in force, each instalment with what its bill says of it."""
    plan = INSTALMENTS.c
    in_force = and_(
        Loan.customer_id == plan.customer_id, Loan.id == plan.loan_id, Loan.schedule_version == plan.version
    )
    bill = Bill.__table__.c
    billed = and_(bill.customer_id == plan.customer_id, bill.loan_id == plan.loan_id, bill.cycle == plan.number)
    columns = _seen(INSTALMENTS, "customer_id loan_id number due_on principal_paise interest_paise amount_paise")
    columns |= {
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


def _scores() -> Listing:
    names = "customer_id id scorecard_code scorecard_version score as_of computed_at facts factors reasons"
    return Listing(
        columns=_seen(CreditScore, names),
        source=CreditScore.__table__,
        key=("customer_id", "id"),
        table="credit_scores",
        ids=(("user", "customer_id"),),
        texts=("scorecard_code",),
    )


def _billing_runs() -> Listing:
    of_run = BillingRange.run_id == BillingRun.id
    done = func.count().filter(BillingRange.status == "done")

    def total(measure: Any) -> ColumnElement[Any]:
        return select(func.coalesce(measure, 0)).where(of_run).scalar_subquery()

    sums = {name: cast(func.sum(getattr(BillingRange, name)), BigInteger) for name in ("loans", "bills", "parked")}
    columns = _seen(BillingRun, "id business_date status actor loans_due started_at finished_at") | {
        "ranges": total(func.count()),
        "ranges_done": total(done),
        "loans_done": total(sums["loans"]),
        "bills": total(sums["bills"]),
        "parked": total(sums["parked"]),
        "demanded_paise": total(cast(func.sum(BillingRange.demanded_paise), BigInteger)),
    }
    return Listing(
        columns=columns, source=BillingRun.__table__, key=("id",), table="billing_runs", texts=("status", "actor")
    )


def _simple(model: type[Any], names: str, *, key: str, texts: str = "") -> Listing:
    """A table without a customer's ids to search by."""
    return Listing(
        columns=_seen(model, names),
        source=model.__table__,
        key=tuple(key.split()),
        table=model.__tablename__,
        texts=tuple(texts.split()),
    )


LISTINGS: Final[Mapping[str, Listing]] = {
    "customers": _customers(),
    "bank_transactions": _bank_transactions(),
    "loans": _loans(),
    "instalments": _instalments(),
    "bills": _bills(),
    "payments": _payments(),
    "applications": _applications(),
    "credit_scores": _scores(),
    "cards": _listing_of_loan(
        Card,
        "customer_id token loan_id last_four status issued_on expires_on blocked_on blocked_by created_at actor",
        key="customer_id token",
        texts="last_four",
    ),
    "transfers": _listing_of_loan(
        Transfer,
        "customer_id loan_id number group_number kind debit credit amount_paise component value_date booked_on cycle "
        "payment_id reverses",
        key="customer_id loan_id number",
    ),
    "parked_loans": _listing_of_loan(
        ParkedLoan, "customer_id loan_id run_id code message parked_at", key="customer_id loan_id", texts="code message"
    ),
    "billing_runs": _billing_runs(),
    "jobs": _simple(
        OutboxRow, "id job key created_at due_at attempts last_error done_at", key="id", texts="job key last_error"
    ),
    "imports": _simple(
        Import,
        "id kind file_name status rows_read rows_loaded rows_rejected failure started_at finished_at actor",
        key="id",
        texts="kind file_name status actor",
    ),
    "import_rejects": Listing(
        columns=_seen(ImportReject, "import_id row_number code reason"),
        source=ImportReject.__table__,
        key=("import_id", "row_number"),
        table="import_rejects",
        ids=(("number", "import_id"),),
        texts=("code", "reason"),
    ),
    "products": _simple(Product, "code version terms offered_from created_at actor", key="code version", texts="code"),
    "scorecards": _simple(Scorecard, "code version parameters created_at actor", key="code version", texts="code"),
    "audit_events": _simple(
        AuditEvent,
        "id at actor action object_kind object_id customer_id request_id details",
        key="id",
        texts="actor action object_kind object_id",
    ),
}
