"""The schema, with one module for each capability. Importing this package registers every table on `Base.metadata`.

- `people`, `lender`, `products`, `lending`, `billing`, `payments`, `delinquency`, `reporting`, `cards`, `accounting`,
  `collections`, `credit`, `imports`, `operations`: their tables
- `events`: the log of events for other programs, and webhooks
- `unit_of_work`: the tables that all capabilities use: business clock, idempotency keys, outbox, audit trail
- `base`: what every table shares, and the four kinds of table
"""

from app.db.models.accounting import BookBalance, BookPeriod, ChartVersion
from app.db.models.base import Base
from app.db.models.billing import Bill, BillingRange, BillingRun, ParkedLoan
from app.db.models.cards import (
    Card,
    CardAccount,
    CardCharge,
    CardHold,
    CardPosting,
    CardStatement,
    CardTransfer,
    ParkedCardAccount,
)
from app.db.models.collections import (
    CollectionCase,
    CollectionDay,
    CollectionDayRange,
    CollectionEntry,
    CollectionPromise,
    CollectionView,
)
from app.db.models.credit import Application, CreditScore, KeyFacts
from app.db.models.delinquency import (
    BureauFile,
    BureauRecord,
    DayEnd,
    DayEndRange,
    Delinquency,
    DelinquencyChange,
    ReportedFacility,
)
from app.db.models.events import EventLog, EventRow, WebhookDelivery, WebhookEndpoint, WebhookLane
from app.db.models.imports import (
    BankStatement,
    BankTransaction,
    Import,
    ImportChunk,
    ImportReject,
    ImportTurn,
    KnownTransaction,
)
from app.db.models.lender import LenderProfile
from app.db.models.lending import ExternalLoan, Loan, LoanCharge, LoanOrigin, Schedule, Transfer
from app.db.models.operations import Proposal, ScheduledTask
from app.db.models.payments import Concession, LoanChange, Payment, RateNotice, Refund
from app.db.models.people import Customer, Identity, KeyCheck, PublicId, RefreshToken, UserAccount
from app.db.models.products import Benchmark, Holiday, Product, Scorecard
from app.db.models.reporting import CardGstDocument, GstDocument, GstSeries
from app.db.models.unit_of_work import AuditEvent, AuditSeal, BusinessClock, IdempotencyKey, OutboxRow

__all__ = [
    "Application", "AuditEvent", "AuditSeal", "BankStatement", "BankTransaction", "Base", "Benchmark", "Bill",
    "BillingRange", "BillingRun", "BookBalance", "BookPeriod", "BureauFile", "BureauRecord", "BusinessClock", "Card",
    "CardAccount", "CardCharge", "CardGstDocument", "CardHold", "CardPosting", "CardStatement", "CardTransfer",
    "ChartVersion", "CollectionCase", "CollectionDay", "CollectionDayRange", "CollectionEntry", "CollectionPromise",
    "CollectionView", "Concession", "CreditScore", "Customer", "DayEnd", "DayEndRange", "Delinquency",
    "DelinquencyChange", "EventLog", "EventRow", "ExternalLoan", "GstDocument", "GstSeries", "Holiday",
    "IdempotencyKey", "Identity", "Import", "ImportChunk", "ImportReject", "ImportTurn", "KeyCheck", "KeyFacts",
    "KnownTransaction", "LenderProfile", "Loan", "LoanChange", "LoanCharge", "LoanOrigin", "OutboxRow",
    "ParkedCardAccount", "ParkedLoan", "Payment", "Product", "Proposal", "PublicId", "RateNotice", "RefreshToken",
    "Refund", "ReportedFacility", "Schedule", "ScheduledTask", "Scorecard", "Transfer", "UserAccount",
    "WebhookDelivery", "WebhookEndpoint", "WebhookLane",
]  # fmt: skip
