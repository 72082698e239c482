"""The tables and columns that staff may see.

The admin pages can read only these. No listing has ciphertexts, keyed hashes, hashes of passwords or tokens, or the
stored answers to repeated requests. Of an Aadhaar number only the last four digits are listed.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, cast, func, select

from app.db.models import (
    AuditEvent,
    BankTransaction,
    BillingRange,
    BillingRun,
    CardAccount,
    CardGstDocument,
    CardHold,
    CardPosting,
    CardStatement,
    CardTransfer,
    CreditScore,
    Customer,
    Import,
    ImportReject,
    OutboxRow,
    Product,
    Scorecard,
)
from app.db.repositories.operations.browsing import Listing
from app.db.repositories.operations.loan_listings import LOAN_LISTINGS, columns_of


def _customers() -> Listing:
    names = (
        "customer_id state name email phone age employment_type annual_income_paise approved_limit_paise address "
        "aadhaar_last_four external_id registered_on created_at actor"
    )
    return Listing(
        columns=columns_of(Customer, names),
        source=Customer.__table__,
        key=("customer_id",),
        table="customers",
        ids=(("user", "customer_id"),),
        texts=("name", "email", "phone", "external_id"),
    )


def _bank_transactions() -> Listing:
    return Listing(
        columns=columns_of(
            BankTransaction, "customer_id import_id row_number transacted_on direction amount_paise description"
        ),
        source=BankTransaction.__table__,
        key=("customer_id", "import_id", "row_number"),
        table="bank_transactions",
        ids=(("user", "customer_id"),),
        texts=("description",),
    )


def _scores() -> Listing:
    names = "customer_id id scorecard_code scorecard_version score as_of computed_at facts factors reasons"
    return Listing(
        columns=columns_of(CreditScore, names),
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
    columns = columns_of(BillingRun, "id business_date status actor loans_due started_at finished_at") | {
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
    """A listing that cannot be searched by public ids."""
    return Listing(
        columns=columns_of(model, names),
        source=model.__table__,
        key=tuple(key.split()),
        table=model.__tablename__,
        texts=tuple(texts.split()),
    )


def _of_card_account(model: type[Any], names: str, *, key: str, number: str, texts: str = "") -> Listing:
    """A listing that is searched by the id of a card account, and by a user's."""
    return Listing(
        columns=columns_of(model, names),
        source=model.__table__,
        key=tuple(key.split()),
        table=model.__tablename__,
        ids=(("card_account", number), ("user", "customer_id")),
        texts=tuple(texts.split()),
        # Numbers of accounts grow with the day on which they are opened.
        orders={"id": ("opened_on", "id")} if number == "id" else {},
    )


LISTINGS: Final[Mapping[str, Listing]] = {
    "customers": _customers(),
    "bank_transactions": _bank_transactions(),
    **LOAN_LISTINGS,
    "card_accounts": _of_card_account(
        CardAccount,
        "customer_id id product_code status limit_paise used_paise held_paise statement_day next_statement_on "
        "opened_on ended_on blocked_on blocked_by created_at actor",
        key="customer_id id",
        number="id",
        texts="status product_code",
    ),
    "card_statements": _of_card_account(
        CardStatement,
        "customer_id account_id number from_on issued_on due_on opening_paise closing_paise total_due_paise "
        "minimum_due_paise interest_free run_id",
        key="customer_id account_id number",
        number="account_id",
    ),
    "card_postings": _of_card_account(
        CardPosting,
        "customer_id account_id number kind amount_paise owed_paise undone_paise posted_on value_on of_number "
        "reference merchant posted_at actor",
        key="customer_id account_id number",
        number="account_id",
        texts="kind reference merchant",
    ),
    "card_holds": _of_card_account(
        CardHold,
        "customer_id account_id reference kind amount_paise captured_paise status decline_code merchant category_code "
        "country is_online transacted_at approved_on expires_at available_paise actor",
        key="customer_id account_id reference",
        number="account_id",
        texts="reference merchant status decline_code",
    ),
    "card_transfers": _of_card_account(
        CardTransfer,
        "customer_id account_id number posting debit credit amount_paise value_on booked_on is_laying",
        key="customer_id account_id number",
        number="account_id",
    ),
    "card_gst_documents": _of_card_account(
        CardGstDocument,
        "customer_id account_id cause cause_number cause_of posting found_by kind number supplied_on booked_on charge "
        "name sac place taxable_paise central_paise state_paise integrated_paise of_found_by made_at",
        key="customer_id account_id cause cause_number cause_of posting found_by",
        number="account_id",
        texts="number",
    ),
    "credit_scores": _scores(),
    "billing_runs": _billing_runs(),
    "jobs": _simple(
        OutboxRow, "id job key created_at due_at attempts last_error done_at", key="id", texts="job key last_error"
    ),
    "imports": _simple(
        Import,
        "id kind file_name status rows_read rows_loaded rows_known rows_rejected failure started_at finished_at actor",
        key="id",
        texts="kind file_name status actor",
    ),
    "import_rejects": Listing(
        columns=columns_of(ImportReject, "import_id row_number code reason"),
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
        "id at actor action object_kind object_id customer_id request_id client_address details",
        key="id",
        texts="actor action object_kind object_id",
    ),
}
