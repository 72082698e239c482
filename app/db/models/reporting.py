"""Tax documents of the charges of loans and card accounts, and the last number of each series of them."""

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import BUSINESS, LOCAL, Base, of_account, of_loan, one_of
from app.db.types import BusinessDate, Instant, Paise


class TaxDocumentColumns:
    """What both tables of tax documents say of one."""

    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    supplied_on: Mapped[BusinessDate]
    booked_on: Mapped[BusinessDate]
    charge: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    sac: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    taxable_paise: Mapped[Paise]
    central_paise: Mapped[Paise]
    state_paise: Mapped[Paise]
    integrated_paise: Mapped[Paise]
    made_at: Mapped[Instant]


class GstDocument(TaxDocumentColumns, Base):
    """An invoice for a taxed charge, a credit note for one that was taken back or waived, or a debit note where that
    was undone. It never changes. Its key is that of the transfer of tax; `of_transfer` is that of the invoice.
    """

    __tablename__ = "gst_documents"
    __table_args__ = (
        of_loan(),
        one_of("kind", "invoice", "credit_note", "debit_note"),
        CheckConstraint("(kind = 'invoice') = (of_transfer IS NULL)", name="note_of_an_invoice"),
        Index("ix_gst_documents_booked", "booked_on"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    loan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    transfer_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    of_transfer: Mapped[int | None] = mapped_column(Integer)


class CardGstDocument(TaxDocumentColumns, Base):
    """The same for what a card account was charged. Its key is that of the row of charges; `of_found_by` completes the
    key of the invoice, which is of the same posting."""

    __tablename__ = "card_gst_documents"
    __table_args__ = (
        of_account(),
        one_of("kind", "invoice", "credit_note", "debit_note"),
        CheckConstraint("(kind = 'invoice') = (of_found_by IS NULL)", name="note_of_an_invoice"),
        Index("ix_card_gst_documents_booked", "booked_on"),
        BUSINESS,
    )

    customer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cause: Mapped[str] = mapped_column(Text, primary_key=True)
    cause_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    cause_of: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    posting: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    found_by: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    of_found_by: Mapped[int | None] = mapped_column(Integer)


class GstSeries(Base):
    """The last number of a financial year and a kind of document. Its row is locked while numbers are given."""

    __tablename__ = "gst_series"
    __table_args__ = (LOCAL,)

    year: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    last_number: Mapped[int] = mapped_column(BigInteger)
