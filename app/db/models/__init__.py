"""The schema, one module a capability. Importing this package registers every table on `Base.metadata`."""

from app.db.models.access import Principal, RefreshToken
from app.db.models.applications import Application
from app.db.models.bank_transactions import BankStatement, BankTransaction, KnownTransaction
from app.db.models.base import Base
from app.db.models.billing import Bill, BillingRange, BillingRun, ParkedLoan
from app.db.models.cards import Card
from app.db.models.concessions import Concession
from app.db.models.customers import Customer, Identity, PublicId
from app.db.models.external_loans import ExternalLoan
from app.db.models.ingestion import Import, ImportChunk, ImportReject, ImportTurn
from app.db.models.keys import KeyCheck
from app.db.models.loans import Loan, Schedule, Transfer
from app.db.models.payments import Payment
from app.db.models.products import Holiday, Product, Scorecard
from app.db.models.proposals import Proposal
from app.db.models.scheduled_tasks import ScheduledTask
from app.db.models.scoring import CreditScore
from app.db.models.work import AuditEvent, AuditSeal, BusinessClock, IdempotencyKey, OutboxRow

__all__ = [
    "Application", "AuditEvent", "AuditSeal", "BankStatement", "BankTransaction", "Base", "Bill", "BillingRange",
    "BillingRun", "BusinessClock", "Card", "Concession", "CreditScore", "Customer", "ExternalLoan", "Holiday",
    "IdempotencyKey", "Identity", "Import", "ImportChunk", "ImportReject", "ImportTurn", "KeyCheck", "KnownTransaction",
    "Loan", "OutboxRow", "ParkedLoan", "Payment", "Principal", "Product", "Proposal", "PublicId", "RefreshToken",
    "Schedule", "ScheduledTask", "Scorecard", "Transfer",
]  # fmt: skip
