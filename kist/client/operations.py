"""The operations of `/api/v1` as methods. Written by `kist reference` from the OpenAPI document. Change the service, not this file."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Literal
from urllib.parse import quote

from kist.client.exchange import Request
from kist.client.models import *  # noqa: F403
from kist.client.values import UNSET, Amount, Id, Unset


class Operations:
    """The operations of a client for threads."""


    def _send(self, request: Request, kind: Any) -> Any:
        raise NotImplementedError


    def get_loan(self, *, loan_id: Id) -> LoanAnswer:
        """Read a loan. Gives the loan on the business date. It includes every cycle that has ended by then, billed
        already or not."""
        found: LoanAnswer = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}"), LoanAnswer)
        return found


    def get_schedule(self, *, loan_id: Id) -> ScheduleAnswer:
        """Read the schedule in force. Gives every instalment. A billed one is shown as it was billed, less principal
        that returned to the plan. The others are shown as they will be if the open bills are paid today and each
        later bill on its billing date."""
        found: ScheduleAnswer = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/schedule"), ScheduleAnswer)
        return found


    def list_bills(self, *, loan_id: Id) -> list[BillAnswer]:
        """List the bills of a loan. Lists the bills, the oldest first. A bill never changes after it is issued; only
        its unpaid part does."""
        found: list[BillAnswer] = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/bills"), list[BillAnswer])
        return found


    def get_ledger(self, *, loan_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> LedgerLinePage:
        """Read the ledger of a loan. Lists every transfer in the order of posting. Send `next_cursor` as `cursor` to
        get the next page."""
        found: LedgerLinePage = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/ledger", query={"cursor": cursor, "limit": limit}), LedgerLinePage)
        return found


    def iter_ledger(self, *, loan_id: Id, limit: int | Unset = UNSET) -> Iterator[LedgerLine]:
        """Every row of `get_ledger`, page by page; `limit` is the size of a page."""
        page = self.get_ledger(loan_id=loan_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.get_ledger(cursor=page.next_cursor, loan_id=loan_id, limit=limit)


    def get_payoff(self, *, loan_id: Id, on: dt.date | Unset = UNSET) -> PayoffAnswer:
        """Read the payoff amount. Gives the amount that closes the loan, and its parts, on the business date. With
        `on` it gives the amount on a later day, if nothing is paid before."""
        found: PayoffAnswer = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/payoff", query={"on": on}), PayoffAnswer)
        return found


    def list_loans(self, *, user_id: Id | Unset = UNSET, status: LoanStatus | Unset = UNSET, product: str | Unset = UNSET, overdue: bool | Unset = UNSET, disbursed_from: dt.date | Unset = UNSET, disbursed_to: dt.date | Unset = UNSET, due_from: dt.date | Unset = UNSET, due_to: dt.date | Unset = UNSET, sort: LoanSort | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> LoanLinePage:
        """List loans. Lists loans as the last billing run left them: a customer's own, or for staff those of all
        customers. All filters apply together. Send `next_cursor` as `cursor`, with the same filters and sort, to
        get the next page."""
        found: LoanLinePage = self._send(Request(method="GET", path="/api/v1/loans", query={"user_id": user_id, "status": status, "product": product, "overdue": overdue, "disbursed_from": disbursed_from, "disbursed_to": disbursed_to, "due_from": due_from, "due_to": due_to, "sort": sort, "cursor": cursor, "limit": limit}), LoanLinePage)
        return found


    def iter_loans(self, *, user_id: Id | Unset = UNSET, status: LoanStatus | Unset = UNSET, product: str | Unset = UNSET, overdue: bool | Unset = UNSET, disbursed_from: dt.date | Unset = UNSET, disbursed_to: dt.date | Unset = UNSET, due_from: dt.date | Unset = UNSET, due_to: dt.date | Unset = UNSET, sort: LoanSort | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[LoanLine]:
        """Every row of `list_loans`, page by page; `limit` is the size of a page."""
        page = self.list_loans(user_id=user_id, status=status, product=product, overdue=overdue, disbursed_from=disbursed_from, disbursed_to=disbursed_to, due_from=due_from, due_to=due_to, sort=sort, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_loans(cursor=page.next_cursor, user_id=user_id, status=status, product=product, overdue=overdue, disbursed_from=disbursed_from, disbursed_to=disbursed_to, due_from=due_from, due_to=due_to, sort=sort, limit=limit)


    def take_payment(self, *, loan_id: Id, amount: Amount, payment_method: str | None | Unset = UNSET, reference_id: str | None | Unset = UNSET, value_date: dt.date | None | Unset = UNSET, instalment: int | None | Unset = UNSET, as_: TreatAs | Unset = UNSET, idempotency_key: str | None = None) -> PaymentAnswer:
        """Pay an instalment, in advance, or principal. Settles open bills first, the oldest before the others; what is
        left is an advance up to the next instalment, and prepays principal beyond it. What is more than the payoff
        is refused, or owed to the borrower, as the product says. On a loan that was written off, send it as a
        `recovery`. The same `reference_id` on the same loan is one payment for ever."""
        found: PaymentAnswer = self._send(Request(method="POST", path="/api/v1/loans/payments", body={"loan_id": loan_id, "amount": amount, "payment_method": payment_method, "reference_id": reference_id, "value_date": value_date, "instalment": instalment, "as": as_}, is_keyed=True, key=idempotency_key), PaymentAnswer)
        return found


    def reverse_payment(self, *, payment_id: Id, reason: str, cause: ReversalCause | Unset = UNSET, idempotency_key: str | None = None) -> ReversalAnswer:
        """Take back a payment that bounced. The loan stands as if the payment had never come: bills stay as they were
        issued, and the difference of interest and late charges is posted today. A loan that the payment had closed
        is open again. A returned payment costs the product's bounce charge, which the next bill demands."""
        found: ReversalAnswer = self._send(Request(method="POST", path=f"/api/v1/payments/{quote(str(payment_id), safe='')}/reverse", body={"reason": reason, "cause": cause}, is_keyed=True, key=idempotency_key), ReversalAnswer)
        return found


    def list_payments(self, *, user_id: Id | Unset = UNSET, loan_id: Id | Unset = UNSET, reference_id: str | Unset = UNSET, booked_from: dt.date | Unset = UNSET, booked_to: dt.date | Unset = UNSET, reversed: bool | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> PaymentLinePage:
        """List payments. Lists payments, the newest first: a customer's own, or for staff those of all customers. All
        filters apply together. Send `next_cursor` as `cursor`, with the same filters, to get the next page."""
        found: PaymentLinePage = self._send(Request(method="GET", path="/api/v1/payments", query={"user_id": user_id, "loan_id": loan_id, "reference_id": reference_id, "booked_from": booked_from, "booked_to": booked_to, "reversed": reversed, "cursor": cursor, "limit": limit}), PaymentLinePage)
        return found


    def iter_payments(self, *, user_id: Id | Unset = UNSET, loan_id: Id | Unset = UNSET, reference_id: str | Unset = UNSET, booked_from: dt.date | Unset = UNSET, booked_to: dt.date | Unset = UNSET, reversed: bool | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[PaymentLine]:
        """Every row of `list_payments`, page by page; `limit` is the size of a page."""
        page = self.list_payments(user_id=user_id, loan_id=loan_id, reference_id=reference_id, booked_from=booked_from, booked_to=booked_to, reversed=reversed, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_payments(cursor=page.next_cursor, user_id=user_id, loan_id=loan_id, reference_id=reference_id, booked_from=booked_from, booked_to=booked_to, reversed=reversed, limit=limit)


    def get_payment(self, *, payment_id: Id) -> PaymentDetails:
        """Read a payment. Gives the payment as it was taken, and what it settles as the books stand now."""
        found: PaymentDetails = self._send(Request(method="GET", path=f"/api/v1/payments/{quote(str(payment_id), safe='')}"), PaymentDetails)
        return found


    def list_loan_charges(self, *, loan_id: Id) -> ChargesAnswer:
        """List the charges of a loan. Gives the charges that the product names, and every charge that was posted, the
        oldest first."""
        found: ChargesAnswer = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/charges"), ChargesAnswer)
        return found


    def book_charge(self, *, loan_id: Id, charge: str, reason: str, idempotency_key: str | None = None) -> BookedAnswer:
        """Book a charge that the product names. Books a charge for a service or an event, such as a duplicate
        statement: its amount is the product's, its tax that of the day. The next bill demands it. It can be waived,
        and taken back if its cause is undone. Send an Idempotency-Key: it is required."""
        found: BookedAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/charges", body={"charge": charge, "reason": reason}, is_keyed=True, key=idempotency_key), BookedAnswer)
        return found


    def simulate_charge(self, *, loan_id: Id, charge: str) -> BookedAnswer:
        """Simulate a charge of a loan. Gives what a charge would come to today with its tax, and what the loan would
        owe. Nothing is written."""
        found: BookedAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/charges/simulate", body={"charge": charge}), BookedAnswer)
        return found


    def take_back_charge(self, *, loan_id: Id, charge_id: int, reason: str, idempotency_key: str | None = None) -> TakeBackAnswer:
        """Take back a charge whose cause was undone. The loan stands as if the charge had never been booked. What was
        paid of it pays something else. To forgive a charge that was due, propose a waiver."""
        found: TakeBackAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/charges/{quote(str(charge_id), safe='')}/take-back", body={"reason": reason}, is_keyed=True, key=idempotency_key), TakeBackAnswer)
        return found


    def get_statement(self, *, loan_id: Id, language: Language | Unset = UNSET) -> StatementAnswer:
        """Read the statement of a loan. Gives every instalment with its status, every payment with its parts, and the
        coming instalments. The answer is JSON, a PDF or a CSV file: choose it in `Accept`, or with `format`."""
        found: StatementAnswer = self._send(Request(method="GET", path="/api/v1/statements", query={"loan_id": loan_id, "language": language}), StatementAnswer)
        return found


    def sign_in(self, *, username: str, password: str) -> TokenAnswer:
        """Sign in. Gives a pair of tokens for an e-mail address and a password, for customers and for staff. The body
        is an OAuth2 password form: put the e-mail address in `username`."""
        found: TokenAnswer = self._send(Request(method="POST", path="/api/v1/auth/token", form={"username": username, "password": password}), TokenAnswer)
        return found


    def refresh_tokens(self, *, refresh_token: str) -> TokenAnswer:
        """Renew the tokens. Gives a new pair of tokens for a refresh token, which works once. If it is sent again more
        than ten seconds later, every token of that sign-in is revoked: sign in again."""
        found: TokenAnswer = self._send(Request(method="POST", path="/api/v1/auth/refresh", body={"refresh_token": refresh_token}), TokenAnswer)
        return found


    def change_password(self, *, current_password: str | None | Unset = UNSET, new_password: str) -> TokenAnswer:
        """Set or change the password. Sets the new password and revokes every earlier token of the caller. The answer
        holds a new pair."""
        found: TokenAnswer = self._send(Request(method="PUT", path="/api/v1/auth/password", body={"current_password": current_password, "new_password": new_password}), TokenAnswer)
        return found


    def sign_out(self, *, refresh_token: str) -> None:
        """Sign out. Revokes every refresh token of that sign-in. The access token stays valid until it expires."""
        self._send(Request(method="POST", path="/api/v1/auth/logout", body={"refresh_token": refresh_token}), None)


    def sign_out_everywhere(self) -> None:
        """Sign out everywhere. Revokes every token of the caller at once, on every device."""
        self._send(Request(method="POST", path="/api/v1/auth/logout-everywhere"), None)


    def list_services(self) -> ServicesAnswer:
        """List the services. Lists every service, revoked ones included, without their tokens."""
        found: ServicesAnswer = self._send(Request(method="GET", path="/api/v1/auth/service-tokens"), ServicesAnswer)
        return found


    def create_service(self, *, name: str, scopes: Sequence[ServiceScope], days: int | Unset = UNSET) -> NewServiceAnswer:
        """Make a service and its token. Makes a service and its token. The token may call the routes of its scopes,
        for every customer."""
        found: NewServiceAnswer = self._send(Request(method="POST", path="/api/v1/auth/service-tokens", body={"name": name, "scopes": scopes, "days": days}), NewServiceAnswer)
        return found


    def revoke_service(self, *, service_id: int) -> None:
        """Revoke a service's token. Revokes the token: the service's next call is refused. Revoking it again changes
        nothing."""
        self._send(Request(method="DELETE", path=f"/api/v1/auth/service-tokens/{quote(str(service_id), safe='')}"), None)


    def list_customers(self, *, phone: str | Unset = UNSET, email: str | Unset = UNSET, external_id: str | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> UserLinePage:
        """List customers. Lists registered customers in the order of their numbers, for staff. All filters apply
        together. To keep a phone number or an e-mail address out of the logs of proxies, use `POST
        /api/v1/users/search`."""
        found: UserLinePage = self._send(Request(method="GET", path="/api/v1/users", query={"phone": phone, "email": email, "external_id": external_id, "cursor": cursor, "limit": limit}), UserLinePage)
        return found


    def iter_customers(self, *, phone: str | Unset = UNSET, email: str | Unset = UNSET, external_id: str | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[UserLine]:
        """Every row of `list_customers`, page by page; `limit` is the size of a page."""
        page = self.list_customers(phone=phone, email=email, external_id=external_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_customers(cursor=page.next_cursor, phone=phone, email=email, external_id=external_id, limit=limit)


    def search_customers(self, *, aadhar_id: str | None | Unset = UNSET, phone: str | None | Unset = UNSET, email: str | None | Unset = UNSET, external_id: str | None | Unset = UNSET) -> FoundAnswer:
        """Search customers by an Aadhaar number or other values. Finds customers for staff. An Aadhaar number is never
        compared itself, only its keyed hash. The audit trail keeps who searched and by which fields, never the
        values."""
        found: FoundAnswer = self._send(Request(method="POST", path="/api/v1/users/search", body={"aadhar_id": aadhar_id, "phone": phone, "email": email, "external_id": external_id}), FoundAnswer)
        return found


    def register_customer(self, *, aadhar_id: str, name: str, email: str, annual_income: Amount | None | Unset = UNSET, employment_type: str | None | Unset = UNSET, phone: str | None | Unset = UNSET, address: str | None | Unset = UNSET, age: int | None | Unset = UNSET, password: str | None | Unset = UNSET, external_id: str | None | Unset = UNSET) -> RegisterAnswer:
        """Register a customer. Registers a customer. No token is needed. Each Aadhaar number and each e-mail address
        can be registered once."""
        found: RegisterAnswer = self._send(Request(method="POST", path="/api/v1/users/register", body={"aadhar_id": aadhar_id, "name": name, "email": email, "annual_income": annual_income, "employment_type": employment_type, "phone": phone, "address": address, "age": age, "password": password, "external_id": external_id}), RegisterAnswer)
        return found


    def get_customer(self, *, user_id: Id) -> UserAnswer:
        """Read a customer. Gives a customer's data, to the customer and to staff."""
        found: UserAnswer = self._send(Request(method="GET", path=f"/api/v1/users/{quote(str(user_id), safe='')}"), UserAnswer)
        return found


    def change_customer(self, *, user_id: Id, name: str | None | Unset = UNSET, email: str | None | Unset = UNSET, phone: str | None | Unset = UNSET, address: str | None | Unset = UNSET, age: int | None | Unset = UNSET, employment_type: str | None | Unset = UNSET, gst_state: str | None | Unset = UNSET, annual_income: Amount | None | Unset = UNSET) -> UserAnswer:
        """Change a customer's data. Changes the given values and answers all of them. The audit trail keeps who
        changed which fields. The approved limit stays: a new one is proposed (`POST /api/v1/proposals`)."""
        found: UserAnswer = self._send(Request(method="PATCH", path=f"/api/v1/users/{quote(str(user_id), safe='')}", body={"name": name, "email": email, "phone": phone, "address": address, "age": age, "employment_type": employment_type, "gst_state": gst_state, "annual_income": annual_income}), UserAnswer)
        return found


    def reveal_aadhaar(self, *, user_id: Id, reason: str) -> RevealAnswer:
        """Reveal an Aadhaar number. Gives the whole Aadhaar number to an admin, or to a service with the scope
        `identity:reveal`, and audits it. Every other route shows it as `XXXX XXXX 9012`."""
        found: RevealAnswer = self._send(Request(method="POST", path=f"/api/v1/users/{quote(str(user_id), safe='')}/aadhaar/reveal", body={"reason": reason}), RevealAnswer)
        return found


    def get_score(self, *, user_id: Id) -> ScoreAnswer:
        """Read a credit score. Gives the latest score, from 300 to 900. A background job computes it from the
        customer's bank transactions."""
        found: ScoreAnswer = self._send(Request(method="GET", path="/api/v1/credit/scores", query={"user_id": user_id}), ScoreAnswer)
        return found


    def replay_score(self, *, score_id: Id) -> ReplayAnswer:
        """Replay a credit score. Computes a stored score again from its stored facts and its version of the scorecard.
        Nothing is stored. The result is always the same as the stored score; if `same` is false, report it."""
        found: ReplayAnswer = self._send(Request(method="POST", path=f"/api/v1/credit/scores/{quote(str(score_id), safe='')}/replay"), ReplayAnswer)
        return found


    def list_products(self) -> list[ProductAnswer]:
        """List the products on offer. Lists the version of each product that is on offer on the business date, in the
        order of the codes."""
        found: list[ProductAnswer] = self._send(Request(method="GET", path="/api/v1/products"), list[ProductAnswer])
        return found


    def add_product_version(self, *, code: str, offered_from: dt.date, terms: dict[str, Any]) -> ProductAnswer:
        """Add a version of a product. Adds the next version of a product, on offer from a given day. It cannot be
        changed later. Loans keep the version that they were made under."""
        found: ProductAnswer = self._send(Request(method="POST", path="/api/v1/products", body={"code": code, "offered_from": offered_from, "terms": terms}), ProductAnswer)
        return found


    def list_applications(self, *, user_id: Id | Unset = UNSET, status: ApplicationStatus | Unset = UNSET, product: str | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> ApplicationLinePage:
        """List applications. Lists applications, the newest first: a customer's own, or for staff those of all
        customers. All filters apply together. Send `next_cursor` as `cursor`, with the same filters, to get the
        next page."""
        found: ApplicationLinePage = self._send(Request(method="GET", path="/api/v1/applications", query={"user_id": user_id, "status": status, "product": product, "cursor": cursor, "limit": limit}), ApplicationLinePage)
        return found


    def iter_applications(self, *, user_id: Id | Unset = UNSET, status: ApplicationStatus | Unset = UNSET, product: str | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[ApplicationLine]:
        """Every row of `list_applications`, page by page; `limit` is the size of a page."""
        page = self.list_applications(user_id=user_id, status=status, product=product, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_applications(cursor=page.next_cursor, user_id=user_id, status=status, product=product, limit=limit)


    def apply_for_loan(self, *, user_id: Id, product: str, amount: Amount | None | Unset = UNSET, tenure_months: int | None | Unset = UNSET, purpose: str | None | Unset = UNSET, annual_rate: Amount | None | Unset = UNSET, first_due_on: dt.date | None | Unset = UNSET, every: int | None | Unset = UNSET, frequency: Frequency | None | Unset = UNSET, idempotency_key: str | None = None) -> ApplicationAnswer:
        """Apply for a loan or a card. Decides the application at once. If it is approved, the loan is made and
        disbursed. Where the product asks that the borrower accepts the key facts first, the status is `offered`:
        read them, and accept them in time. `score_not_available` (409) is not a refusal: apply again when the score
        is available. If the same application comes again within a minute, the answer is the first one's result.
        Send a new Idempotency-Key to make a second application."""
        found: ApplicationAnswer = self._send(Request(method="POST", path="/api/v1/loans/apply", body={"user_id": user_id, "product": product, "amount": amount, "tenure_months": tenure_months, "purpose": purpose, "annual_rate": annual_rate, "first_due_on": first_due_on, "every": every, "frequency": frequency}, is_keyed=True, key=idempotency_key), ApplicationAnswer)
        return found


    def get_application(self, *, application_id: Id) -> ApplicationAnswer:
        """Read an application. Gives the status (pending, offered, approved, refused or expired), the reasons and the
        loan."""
        found: ApplicationAnswer = self._send(Request(method="GET", path=f"/api/v1/applications/{quote(str(application_id), safe='')}"), ApplicationAnswer)
        return found


    def quote_loan(self, *, language: Language | Unset = UNSET, amount: Amount, annual_rate: Amount, instalments: int, disbursed_on: dt.date, every: int | Unset = UNSET, frequency: Frequency | Unset = UNSET, amortisation: Amortisation | Unset = UNSET, interest_basis: InterestBasis | Unset = UNSET, day_count: DayCount | Unset = UNSET, first_due_on: dt.date | None | Unset = UNSET, due_day: int | None | Unset = UNSET, odd_first_period: OddFirstPeriod | None | Unset = UNSET, rounding: RoundingBody | Unset = UNSET, interest_rounding: RoundingBody | None | Unset = UNSET, moratorium: MoratoriumBody | None | Unset = UNSET, balloon: Amount | Unset = UNSET, disbursals: Sequence[FlowBody] | Unset = UNSET, fees: Sequence[FeeBody] | Unset = UNSET) -> QuoteAnswer:
        """Quote a loan. Computes the schedule and the cost of any loan, whether a product offers it or not. Nothing is
        stored. Ask for a PDF, in `Accept` or with `format`, to get the RBI's key facts statement."""
        found: QuoteAnswer = self._send(Request(method="POST", path="/api/v1/loans/quote", query={"language": language}, body={"amount": amount, "annual_rate": annual_rate, "instalments": instalments, "disbursed_on": disbursed_on, "every": every, "frequency": frequency, "amortisation": amortisation, "interest_basis": interest_basis, "day_count": day_count, "first_due_on": first_due_on, "due_day": due_day, "odd_first_period": odd_first_period, "rounding": rounding, "interest_rounding": interest_rounding, "moratorium": moratorium, "balloon": balloon, "disbursals": disbursals, "fees": fees}), QuoteAnswer)
        return found


    def compute_apr(self, *, advances: Sequence[FlowBody], payments: Sequence[FlowBody], convention: AprConvention | Unset = UNSET, frequency: Frequency | Unset = UNSET, every: int | Unset = UNSET) -> AprOfFlows:
        """Compute the APR of cash flows. Computes the annual percentage rate by the given convention. The request is
        refused, with a code of its own, if the flows have no rate, have several rates, or go in one direction only."""
        found: AprOfFlows = self._send(Request(method="POST", path="/api/v1/loans/apr", body={"advances": advances, "payments": payments, "convention": convention, "frequency": frequency, "every": every}), AprOfFlows)
        return found


    def explain_interest(self, *, loan_id: Id, from_: dt.date | Unset = UNSET, to: dt.date | Unset = UNSET) -> ExplanationAnswer:
        """Explain the interest of a loan. Shows how the interest was computed, from the day `from` up to the day `to`,
        which is not included. The default is the time from the disbursal to the business date."""
        found: ExplanationAnswer = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/explain", query={"from": from_, "to": to}), ExplanationAnswer)
        return found


    def simulate_change(self, *, loan_id: Id, kind: SimulationKind, amount: Amount | None | Unset = UNSET, annual_rate: Amount | None | Unset = UNSET, on: dt.date | None | Unset = UNSET, as_: TreatAs | Unset = UNSET) -> SimulationAnswer:
        """Simulate a payment, a payoff or a rate. Computes what a payment, a prepayment, a payoff or a rate would do.
        Nothing is stored. For a prepayment the answer has one alternative for each way of re-planning that the
        product offers."""
        found: SimulationAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/simulate", body={"kind": kind, "amount": amount, "annual_rate": annual_rate, "on": on, "as": as_}), SimulationAnswer)
        return found


    def get_delinquency(self, *, loan_id: Id, on: dt.date | Unset = UNSET, as_known_on: dt.date | Unset = UNSET) -> DelinquencyAnswer:
        """Days past due and class of a loan. Gives the days past due and the asset class of a loan at a day-end, why
        they are so, and every change until then. With `as_known_on`, payments that were entered or reversed later
        do not count."""
        found: DelinquencyAnswer = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/delinquency", query={"on": on, "as_known_on": as_known_on}), DelinquencyAnswer)
        return found


    def get_card_of_loan(self, *, loan_id: Id) -> CardAnswer:
        """Read the card of a loan. Gives the card that was issued with the loan. The status is 404 if the loan's
        product issues no card."""
        found: CardAnswer = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/card"), CardAnswer)
        return found


    def get_card(self, *, token: str) -> CardAnswer:
        """Read a card. Gives the card to its holder and to staff."""
        found: CardAnswer = self._send(Request(method="GET", path=f"/api/v1/cards/{quote(str(token), safe='')}"), CardAnswer)
        return found


    def block_card(self, *, token: str) -> CardAnswer:
        """Block a card. Blocks the card, for its holder or for staff. Blocking a blocked card changes nothing."""
        found: CardAnswer = self._send(Request(method="POST", path=f"/api/v1/cards/{quote(str(token), safe='')}/block"), CardAnswer)
        return found


    def unblock_card(self, *, token: str) -> CardAnswer:
        """Unblock a card. Unblocks the card, for its holder or for staff. Only staff can remove a block that staff
        set."""
        found: CardAnswer = self._send(Request(method="POST", path=f"/api/v1/cards/{quote(str(token), safe='')}/unblock"), CardAnswer)
        return found


    def set_controls(self, *, token: str, per_transaction: Amount | None | Unset = UNSET, per_day: Amount | None | Unset = UNSET, purchases: bool | Unset = UNSET, cash: bool | Unset = UNSET, online: bool | Unset = UNSET, blocked_categories: Sequence[str] | Unset = UNSET, countries: Sequence[str] | Unset = UNSET) -> CardAnswer:
        """Set what a card may do. Sets the spending controls of the card: an authorisation beyond them is declined."""
        found: CardAnswer = self._send(Request(method="PUT", path=f"/api/v1/cards/{quote(str(token), safe='')}/controls", body={"per_transaction": per_transaction, "per_day": per_day, "purchases": purchases, "cash": cash, "online": online, "blocked_categories": blocked_categories, "countries": countries}), CardAnswer)
        return found


    def replace_card(self, *, token: str, idempotency_key: str | None = None) -> CardAnswer:
        """Replace a lost card. Ends the card for ever and issues another one on the same account."""
        found: CardAnswer = self._send(Request(method="POST", path=f"/api/v1/cards/{quote(str(token), safe='')}/replace", is_keyed=True, key=idempotency_key), CardAnswer)
        return found


    def authorise_card(self, *, account_id: Id, reference: str, amount: Amount, kind: SpendKind, merchant: Merchant, card_token: str, transacted_at: dt.datetime, online: bool | Unset = UNSET) -> AuthorisationAnswer:
        """Authorise a card transaction. Approves and holds the amount, or declines with a code. The same reference is
        answered with the first answer for ever; with another amount it is refused."""
        found: AuthorisationAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/authorisations", body={"reference": reference, "amount": amount, "kind": kind, "merchant": merchant, "card_token": card_token, "transacted_at": transacted_at, "online": online}), AuthorisationAnswer)
        return found


    def list_authorisations(self, *, account_id: Id, limit: int | Unset = UNSET) -> list[AuthorisationAnswer]:
        """List authorisations. Gives the latest authorisations. `available` is what was available after each."""
        found: list[AuthorisationAnswer] = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/authorisations", query={"limit": limit}), list[AuthorisationAnswer])
        return found


    def capture_authorisation(self, *, account_id: Id, authorisation: str, reference: str, amount: Amount, final: bool | Unset = UNSET, transacted_on: dt.date | None | Unset = UNSET, merchant: str | None | Unset = UNSET, currency: str | Unset = UNSET) -> MovementAnswer:
        """Capture an authorisation. Posts the clearing and lets go of so much of the hold. More than the hold is
        refused, beyond what the product allows. An expired authorisation is captured all the same."""
        found: MovementAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/captures", body={"authorisation": authorisation, "reference": reference, "amount": amount, "final": final, "transacted_on": transacted_on, "merchant": merchant, "currency": currency}), MovementAnswer)
        return found


    def reverse_authorisation(self, *, account_id: Id, authorisation: str) -> AuthorisationAnswer:
        """Reverse an authorisation. Lets go of the hold. A second time changes nothing."""
        found: AuthorisationAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/reversals", body={"authorisation": authorisation}), AuthorisationAnswer)
        return found


    def post_card_clearing(self, *, account_id: Id, reference: str, amount: Amount, kind: SpendKind | Unset = UNSET, transacted_on: dt.date | None | Unset = UNSET, merchant: str | None | Unset = UNSET, card_token: str | None | Unset = UNSET, currency: str | Unset = UNSET) -> MovementAnswer:
        """Post a clearing. Posts a purchase or a cash advance without an authorisation. It may go over the limit."""
        found: MovementAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/postings", body={"reference": reference, "amount": amount, "kind": kind, "transacted_on": transacted_on, "merchant": merchant, "card_token": card_token, "currency": currency}), MovementAnswer)
        return found


    def list_card_postings(self, *, account_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardPostingAnswerPage:
        """List what moved a card account. Gives the postings in order."""
        found: CardPostingAnswerPage = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/postings", query={"cursor": cursor, "limit": limit}), CardPostingAnswerPage)
        return found


    def iter_card_postings(self, *, account_id: Id, limit: int | Unset = UNSET) -> Iterator[CardPostingAnswer]:
        """Every row of `list_card_postings`, page by page; `limit` is the size of a page."""
        page = self.list_card_postings(account_id=account_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_card_postings(cursor=page.next_cursor, account_id=account_id, limit=limit)


    def undo_card_posting(self, *, account_id: Id, posting: int, reason: str, amount: Amount | None | Unset = UNSET, idempotency_key: str | None = None) -> MovementAnswer:
        """Return a payment or reverse a purchase. The account stands as if the payment or the purchase had never been
        made: it is lived again. Statements stay, and the differences of interest, fees and tax are posted today."""
        found: MovementAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/postings/{quote(str(posting), safe='')}/undo", body={"reason": reason, "amount": amount}, is_keyed=True, key=idempotency_key), MovementAnswer)
        return found


    def pay_card_account(self, *, account_id: Id, amount: Amount, reference: str, value_date: dt.date | None | Unset = UNSET) -> MovementAnswer:
        """Pay a card account. Settles what was billed before what was not, tax, fees and interest first; what is more
        than everything is a credit balance. An earlier value date lives the account again. Of an account that was
        charged off it is a recovery: income of the lender, up to what was lost."""
        found: MovementAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/payments", body={"amount": amount, "reference": reference, "value_date": value_date}), MovementAnswer)
        return found


    def refund_card_purchase(self, *, account_id: Id, amount: Amount, reference: str, purchase: int | None | Unset = UNSET, refunded_on: dt.date | None | Unset = UNSET, merchant: str | None | Unset = UNSET) -> MovementAnswer:
        """Post a refund. Lowers the purchase from the refund's date; what is more than is left of it is used like a
        payment. A closed account takes it too, as a credit balance, which a proposal `card_refund` pays back; one
        that was charged off as a recovery. Of a purchase in a foreign currency a part of the mark-up goes too."""
        found: MovementAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/refunds", body={"amount": amount, "reference": reference, "purchase": purchase, "refunded_on": refunded_on, "merchant": merchant}), MovementAnswer)
        return found


    def pay_out_card_credit(self, *, account_id: Id, amount: Amount | None | Unset = UNSET, idempotency_key: str | None = None) -> MovementAnswer:
        """Pay a credit balance out. Pays the credit balance to the holder's bank account."""
        found: MovementAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/payouts", body={"amount": amount}, is_keyed=True, key=idempotency_key), MovementAnswer)
        return found


    def keep_card_credit(self, *, account_id: Id) -> KeptCredit:
        """Keep a refund as credit. Answers the question what becomes of a refund of a purchase that was paid for.
        Without an answer it is paid to the bank account after seven days."""
        found: KeptCredit = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/credits/keep"), KeptCredit)
        return found


    def open_card_account(self, *, user_id: Id, product: str | Unset = UNSET, limit: Amount, statement_day: int, cardholder: str | None | Unset = UNSET, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Open a card account. Opens an account with its first card on the business date. A customer applies with
        `POST /loans/apply` instead: the decision opens the account."""
        found: CardAccountAnswer = self._send(Request(method="POST", path="/api/v1/card-accounts", body={"user_id": user_id, "product": product, "limit": limit, "statement_day": statement_day, "cardholder": cardholder}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    def list_card_accounts(self, *, user_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardAccountAnswerPage:
        """List the card accounts of a customer. Gives the accounts in the order in which they were opened."""
        found: CardAccountAnswerPage = self._send(Request(method="GET", path="/api/v1/card-accounts", query={"user_id": user_id, "cursor": cursor, "limit": limit}), CardAccountAnswerPage)
        return found


    def iter_card_accounts(self, *, user_id: Id, limit: int | Unset = UNSET) -> Iterator[CardAccountAnswer]:
        """Every row of `list_card_accounts`, page by page; `limit` is the size of a page."""
        page = self.list_card_accounts(user_id=user_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_card_accounts(cursor=page.next_cursor, user_id=user_id, limit=limit)


    def get_card_account(self, *, account_id: Id) -> CardAccountAnswer:
        """Read a card account. Gives limit, balances, what is available and due, and how late the account is, on the
        business date."""
        found: CardAccountAnswer = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}"), CardAccountAnswer)
        return found


    def list_account_cards(self, *, account_id: Id) -> list[CardAnswer]:
        """List the cards of a card account. Gives the cards that draw on the account, the oldest first."""
        found: list[CardAnswer] = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/cards"), list[CardAnswer])
        return found


    def add_account_card(self, *, account_id: Id, name: str, idempotency_key: str | None = None) -> CardAnswer:
        """Issue an add-on card. Issues another card that draws on the same line."""
        found: CardAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/cards", body={"name": name}, is_keyed=True, key=idempotency_key), CardAnswer)
        return found


    def list_card_ledger(self, *, account_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardLedgerLinePage:
        """List the books of a card account. Gives the transfers in order. Each debits one account and credits another."""
        found: CardLedgerLinePage = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/ledger", query={"cursor": cursor, "limit": limit}), CardLedgerLinePage)
        return found


    def iter_card_ledger(self, *, account_id: Id, limit: int | Unset = UNSET) -> Iterator[CardLedgerLine]:
        """Every row of `list_card_ledger`, page by page; `limit` is the size of a page."""
        page = self.list_card_ledger(account_id=account_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_card_ledger(cursor=page.next_cursor, account_id=account_id, limit=limit)


    def show_what_if(self, *, account_id: Id, amount: Amount | Unset = UNSET) -> list[CardOutlookAnswer]:
        """What would happen. Lives the account ahead on a copy, without further spending: paying only the minimum on
        each due date, and, where an amount is given, paying that amount."""
        found: list[CardOutlookAnswer] = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/what-if", query={"amount": amount}), list[CardOutlookAnswer])
        return found


    def show_closing_quote(self, *, account_id: Id, on: dt.date | Unset = UNSET) -> CardClosingQuoteAnswer:
        """What closes a card account. Gives what must be paid on a day (default: the business date) so that nothing is
        owed."""
        found: CardClosingQuoteAnswer = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/closing-quote", query={"on": on}), CardClosingQuoteAnswer)
        return found


    def show_foreclosure_quote(self, *, account_id: Id, plan: int, on: dt.date | Unset = UNSET) -> CardForeclosureQuoteAnswer:
        """What a plan costs to foreclose. Gives what foreclosing a plan on a day (default: the business date) makes
        due, with its interest, fee and tax."""
        found: CardForeclosureQuoteAnswer = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/plans/{quote(str(plan), safe='')}/foreclosure-quote", query={"on": on}), CardForeclosureQuoteAnswer)
        return found


    def convert_card_purchase(self, *, account_id: Id, purchase: int, instalments: int, annual_rate: Amount | None | Unset = UNSET, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Convert a purchase to instalments. What is unpaid of the purchase becomes a plan, of which each statement
        bills one instalment. What an issued statement asks for is worked out again without it."""
        found: CardAccountAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/conversions", body={"purchase": purchase, "instalments": instalments, "annual_rate": annual_rate}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    def foreclose_card_plan(self, *, account_id: Id, plan: int, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Foreclose an instalment plan. What is left of the plan is due at once, with its interest up to today and the
        product's fee."""
        found: CardAccountAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/plans/{quote(str(plan), safe='')}/foreclose", is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    def dispute_card_posting(self, *, account_id: Id, posting: int, amount: Amount | None | Unset = UNSET, reason: str, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Dispute a purchase. What is unpaid of it is set aside: no interest, and in no total or minimum. It still
        uses the limit."""
        found: CardAccountAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/disputes", body={"posting": posting, "amount": amount, "reason": reason}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    def decide_card_dispute(self, *, account_id: Id, dispute: int, winner: Literal["holder", "merchant"], reason: str, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Decide a dispute. For the merchant: the amount is owed from today. For the holder: a reversal, of what was
        already paid too."""
        found: CardAccountAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/disputes/{quote(str(dispute), safe='')}/decide", body={"winner": winner, "reason": reason}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    def change_card_limit(self, *, account_id: Id, limit: Amount, requested: bool | Unset = UNSET) -> CardAccountAnswer:
        """Change the limit. Raises the limit only on the holder's recorded request; without one, two people decide it
        (`/proposals`). Lowers it at once, never below what is owed and held."""
        found: CardAccountAnswer = self._send(Request(method="PUT", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/limit", body={"limit": limit, "requested": requested}), CardAccountAnswer)
        return found


    def consent_over_limit(self, *, account_id: Id, consents: bool) -> CardAccountAnswer:
        """Consent to go over the limit. Records the holder's consent, or that it is withdrawn. Without it nothing is
        approved over the limit."""
        found: CardAccountAnswer = self._send(Request(method="PUT", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/over-limit-consent", body={"consents": consents}), CardAccountAnswer)
        return found


    def block_card_account(self, *, account_id: Id) -> CardAccountAnswer:
        """Block a card account. Declines every authorisation from now on. Blocking a blocked account changes nothing."""
        found: CardAccountAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/block"), CardAccountAnswer)
        return found


    def unblock_card_account(self, *, account_id: Id) -> CardAccountAnswer:
        """Unblock a card account. Only staff can remove a block that staff set."""
        found: CardAccountAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/unblock"), CardAccountAnswer)
        return found


    def preview_statement_day(self, *, account_id: Id, statement_day: int) -> DayMoveAnswer:
        """What moving the statement day means. Shows where the open cycle would end, and the longest interest-free
        time, before it is confirmed."""
        found: DayMoveAnswer = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/statement-day", query={"statement_day": statement_day}), DayMoveAnswer)
        return found


    def move_statement_day(self, *, account_id: Id, statement_day: int) -> CardAccountAnswer:
        """Move the statement day. The open cycle ends on the first new day on or after the date on which it would have
        ended."""
        found: CardAccountAnswer = self._send(Request(method="PUT", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/statement-day", body={"statement_day": statement_day}), CardAccountAnswer)
        return found


    def want_every_statement(self, *, account_id: Id, always: bool) -> CardAccountAnswer:
        """Get a statement every month. Whether a statement comes although nothing is owed and nothing moved."""
        found: CardAccountAnswer = self._send(Request(method="PUT", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/always-statement", body={"always": always}), CardAccountAnswer)
        return found


    def tell_card_terms(self, *, account_id: Id, version: int, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Tell the holder of new terms. A new rate or fee begins on the day after a statement, a month after it was
        told."""
        found: CardAccountAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/terms", body={"version": version}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    def close_card_account(self, *, account_id: Id, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Close a card account. Closes the account when nothing is owed and nothing is held: pay what `closing-quote`
        names first. A credit balance is paid out."""
        found: CardAccountAnswer = self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/closing", is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    def list_card_payments(self, *, user_id: Id | Unset = UNSET, account_id: Id | Unset = UNSET, reference: str | Unset = UNSET, posted_from: dt.date | Unset = UNSET, posted_to: dt.date | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardPaymentLinePage:
        """List payments to card accounts. Lists payments, the newest first: a customer's own, or for staff those of
        all customers. All filters apply together. Send `next_cursor` as `cursor`, with the same filters, to get the
        next page."""
        found: CardPaymentLinePage = self._send(Request(method="GET", path="/api/v1/card-payments", query={"user_id": user_id, "account_id": account_id, "reference": reference, "posted_from": posted_from, "posted_to": posted_to, "cursor": cursor, "limit": limit}), CardPaymentLinePage)
        return found


    def iter_card_payments(self, *, user_id: Id | Unset = UNSET, account_id: Id | Unset = UNSET, reference: str | Unset = UNSET, posted_from: dt.date | Unset = UNSET, posted_to: dt.date | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[CardPaymentLine]:
        """Every row of `list_card_payments`, page by page; `limit` is the size of a page."""
        page = self.list_card_payments(user_id=user_id, account_id=account_id, reference=reference, posted_from=posted_from, posted_to=posted_to, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_card_payments(cursor=page.next_cursor, user_id=user_id, account_id=account_id, reference=reference, posted_from=posted_from, posted_to=posted_to, limit=limit)


    def make_proposal(self, *, body: WriteOffBody | WaiverBody | LimitBody | CardLimitProposalBody | CardChargeOffBody | CardCreditBody | CardRefundProposalBody | RefundBody | RestructureBody | TopUpBody, idempotency_key: str | None = None) -> ProposalAnswer:
        """Propose a write-off, a waiver, a refund, a credit, a change or a new limit. Stores the proposal. Nothing
        changes until an admin other than its maker approves it. It expires after 14 days. A proposal that could not
        be carried out today is refused at once. Send an Idempotency-Key: it is required."""
        found: ProposalAnswer = self._send(Request(method="POST", path="/api/v1/proposals", body=body, is_keyed=True, key=idempotency_key), ProposalAnswer)
        return found


    def list_proposals(self, *, status: ProposalStatus | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> ProposalAnswerPage:
        """List proposals. Lists proposals, the newest first: all, or those of one status. `proposed` means that it
        waits for a decision. Send `next_cursor` as `cursor` to get older proposals."""
        found: ProposalAnswerPage = self._send(Request(method="GET", path="/api/v1/proposals", query={"status": status, "cursor": cursor, "limit": limit}), ProposalAnswerPage)
        return found


    def iter_proposals(self, *, status: ProposalStatus | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[ProposalAnswer]:
        """Every row of `list_proposals`, page by page; `limit` is the size of a page."""
        page = self.list_proposals(status=status, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_proposals(cursor=page.next_cursor, status=status, limit=limit)


    def get_proposal(self, *, proposal_id: Id) -> ProposalAnswer:
        """Read a proposal. Gives the proposal, its maker, its checker and its result."""
        found: ProposalAnswer = self._send(Request(method="GET", path=f"/api/v1/proposals/{quote(str(proposal_id), safe='')}"), ProposalAnswer)
        return found


    def approve_proposal(self, *, proposal_id: Id, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> ProposalAnswer:
        """Approve a proposal. Approves the proposal and carries it out in the same transaction, on today's figures.
        The caller must be an admin other than its maker. If today's figures no longer allow it, the request is
        refused and the proposal stays open."""
        found: ProposalAnswer = self._send(Request(method="POST", path=f"/api/v1/proposals/{quote(str(proposal_id), safe='')}/approve", body={"note": note}, is_keyed=True, key=idempotency_key), ProposalAnswer)
        return found


    def reject_proposal(self, *, proposal_id: Id, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> ProposalAnswer:
        """Reject a proposal. Rejects the proposal. The caller must be an admin other than its maker. Nothing else
        changes."""
        found: ProposalAnswer = self._send(Request(method="POST", path=f"/api/v1/proposals/{quote(str(proposal_id), safe='')}/reject", body={"note": note}, is_keyed=True, key=idempotency_key), ProposalAnswer)
        return found


    def withdraw_proposal(self, *, proposal_id: Id, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> ProposalAnswer:
        """Withdraw a proposal. Withdraws the proposal. The caller must be its maker. Nothing else changes."""
        found: ProposalAnswer = self._send(Request(method="POST", path=f"/api/v1/proposals/{quote(str(proposal_id), safe='')}/withdraw", body={"note": note}, is_keyed=True, key=idempotency_key), ProposalAnswer)
        return found


    def close_small_balance(self, *, loan_id: Id) -> WrittenOffRest:
        """Close a loan with a small balance. Closes a loan whose payoff amount is below the tolerance of its product.
        The loan ends as `closed`, and the rest is written off as the lender's loss. One person is enough, because
        the product sets the tolerance."""
        found: WrittenOffRest = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/small-balance"), WrittenOffRest)
        return found


    def get_owed_to_borrower(self, *, loan_id: Id) -> OwedAnswer:
        """Read what a loan owes to its borrower. Gives what was paid beyond the payoff, or was left of an advance when
        the loan closed, and is not refunded yet. A refund is a proposal that two people decide."""
        found: OwedAnswer = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/owed-to-borrower"), OwedAnswer)
        return found


    def simulate_loan_change(self, *, loan_id: Id, kind: ChangeKind, annual_rate: Amount | None | Unset = UNSET, adjusts: Adjusts | Unset = UNSET, emi: Amount | None | Unset = UNSET, instalments: int | None | Unset = UNSET, moratorium: MoratoriumPart | None | Unset = UNSET, capitalises_arrears: bool | Unset = UNSET, due_day: int | None | Unset = UNSET, amount: Amount | None | Unset = UNSET) -> ChangedAnswer:
        """Simulate a change of a loan. Computes what a change would do today, with the function that makes it. Nothing
        is stored. What would be refused is refused; a top-up is decided as an application is."""
        found: ChangedAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/changes/simulate", body={"kind": kind, "annual_rate": annual_rate, "adjusts": adjusts, "emi": emi, "instalments": instalments, "moratorium": moratorium, "capitalises_arrears": capitalises_arrears, "due_day": due_day, "amount": amount}), ChangedAnswer)
        return found


    def reset_loan_rate(self, *, loan_id: Id, adjusts: Adjusts | Unset = UNSET, emi: Amount | None | Unset = UNSET, annual_rate: Amount | None | Unset = UNSET, made_on: dt.date | None | Unset = UNSET, idempotency_key: str | None = None) -> ChangedAnswer:
        """Reset the rate of a loan. Resets the rate, and plans the rest anew as the borrower chose. An instalment that
        would not pay the interest is refused: a balance never grows by a reset."""
        found: ChangedAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/rate-resets", body={"adjusts": adjusts, "emi": emi, "annual_rate": annual_rate, "made_on": made_on}, is_keyed=True, key=idempotency_key), ChangedAnswer)
        return found


    def move_due_day(self, *, loan_id: Id, due_day: int, made_on: dt.date | None | Unset = UNSET) -> ChangedAnswer:
        """Move the due day of a loan. Moves the day of the month on which instalments fall due. The current cycle gets
        longer, never shorter, and bears the interest of its days."""
        found: ChangedAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/due-day", body={"due_day": due_day, "made_on": made_on}), ChangedAnswer)
        return found


    def list_loan_changes(self, *, loan_id: Id) -> list[ChangeLine]:
        """List the changes of a loan. Lists every change in order, also those that were undone."""
        found: list[ChangeLine] = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/changes"), list[ChangeLine])
        return found


    def undo_loan_change(self, *, loan_id: Id, change_id: int, reason: str) -> ChangedAnswer:
        """Undo a change of a loan. The loan stands as if the change had never been made: bills stay as they were
        issued, and differences are posted today. One that moved dates on which a bill was issued since cannot be
        undone."""
        found: ChangedAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/changes/{quote(str(change_id), safe='')}/undo", body={"reason": reason}), ChangedAnswer)
        return found


    def give_rate_notice(self, *, loan_id: Id, effective_on: dt.date, annual_rate: Amount | None | Unset = UNSET) -> NoticeAnswer:
        """Tell a borrower of a new rate. Tells the borrower, before its day, of the rate that the benchmark then
        gives, and what each choice does. The reset is made on its day by the daily job; without a choice the EMI
        changes."""
        found: NoticeAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/rate-notices", body={"effective_on": effective_on, "annual_rate": annual_rate}), NoticeAnswer)
        return found


    def list_rate_notices(self, *, loan_id: Id) -> list[NoticeAnswer]:
        """List the notices of new rates. Lists what the borrower was told, in order of the days."""
        found: list[NoticeAnswer] = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/rate-notices"), list[NoticeAnswer])
        return found


    def choose_for_rate_notice(self, *, loan_id: Id, effective_on: dt.date, adjusts: Adjusts, emi: Amount | None | Unset = UNSET) -> NoticeAnswer:
        """Choose what gives when the rate is reset. Stores the borrower's choice, until the day before. The last
        choice counts."""
        found: NoticeAnswer = self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/rate-notices/{quote(str(effective_on), safe='')}/choice", body={"adjusts": adjusts, "emi": emi}), NoticeAnswer)
        return found


    def list_holidays(self, *, calendar: str) -> list[HolidayAnswer]:
        """List the holidays of a calendar. Lists the holidays in order. A calendar without holidays is an empty list."""
        found: list[HolidayAnswer] = self._send(Request(method="GET", path=f"/api/v1/calendars/{quote(str(calendar), safe='')}/holidays"), list[HolidayAnswer])
        return found


    def add_holidays(self, *, calendar: str, holidays: Sequence[HolidayPart]) -> HolidaysAdded:
        """Add holidays to a calendar. Adds holidays. One that is there already stays. Loans that are made keep their
        due dates."""
        found: HolidaysAdded = self._send(Request(method="POST", path=f"/api/v1/calendars/{quote(str(calendar), safe='')}/holidays", body={"holidays": holidays}), HolidaysAdded)
        return found


    def list_benchmarks(self) -> list[BenchmarkAnswer]:
        """List the rates of benchmarks. Lists every rate by code and day. The rate of a day is the latest one until
        then."""
        found: list[BenchmarkAnswer] = self._send(Request(method="GET", path="/api/v1/benchmarks"), list[BenchmarkAnswer])
        return found


    def add_benchmark(self, *, code: str, from_: dt.date, rate: Amount) -> BenchmarkAnswer:
        """Add the rate of a benchmark. Adds a rate. It never changes: from another day on there is another rate. Loans
        are reset one by one."""
        found: BenchmarkAnswer = self._send(Request(method="POST", path="/api/v1/benchmarks", body={"code": code, "from": from_, "rate": rate}), BenchmarkAnswer)
        return found


    def start_run(self, *, business_date: dt.date | None | Unset = UNSET) -> RunAnswer:
        """Start a billing run. Starts a run that bills every cycle that has ended by the business date, including
        cycles of missed days. If a run for this date is open already, the answer is that run. Starting twice never
        bills a cycle twice."""
        found: RunAnswer = self._send(Request(method="POST", path="/api/v1/billing/runs", body={"business_date": business_date}), RunAnswer)
        return found


    def list_runs(self, *, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> RunAnswerPage:
        """List billing runs. Lists runs, the newest first. Send `next_cursor` as `cursor` to get older runs."""
        found: RunAnswerPage = self._send(Request(method="GET", path="/api/v1/billing/runs", query={"cursor": cursor, "limit": limit}), RunAnswerPage)
        return found


    def iter_runs(self, *, limit: int | Unset = UNSET) -> Iterator[RunAnswer]:
        """Every row of `list_runs`, page by page; `limit` is the size of a page."""
        page = self.list_runs(limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_runs(cursor=page.next_cursor, limit=limit)


    def get_run(self, *, run_id: int) -> RunAnswer:
        """Read the progress of a run. Gives the counts and the amounts so far. You can read them while the run goes
        on."""
        found: RunAnswer = self._send(Request(method="GET", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}"), RunAnswer)
        return found


    def pause_run(self, *, run_id: int) -> RunAnswer:
        """Pause a run. Pauses the run after the ranges that workers are billing now. Resume it to bill the others."""
        found: RunAnswer = self._send(Request(method="POST", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/pause"), RunAnswer)
        return found


    def resume_run(self, *, run_id: int) -> RunAnswer:
        """Resume a paused run. Continues with the ranges that are not billed yet."""
        found: RunAnswer = self._send(Request(method="POST", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/resume"), RunAnswer)
        return found


    def cancel_run(self, *, run_id: int) -> RunAnswer:
        """Cancel a run. Ends the run. The bills that it issued stay. The next run bills the other loans."""
        found: RunAnswer = self._send(Request(method="POST", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/cancel"), RunAnswer)
        return found


    def retry_run(self, *, run_id: int) -> RunAnswer:
        """Bill parked loans again. Starts another run for the same date, because parked loans are still due. The
        answer is the new run."""
        found: RunAnswer = self._send(Request(method="POST", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/retry"), RunAnswer)
        return found


    def list_parked(self, *, run_id: int, limit: int | Unset = UNSET) -> list[ParkedAnswer]:
        """List the parked loans of a run. Lists the loans that the run could not bill, with the reason for each. The
        next run tries them again."""
        found: list[ParkedAnswer] = self._send(Request(method="GET", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/parked", query={"limit": limit}), list[ParkedAnswer])
        return found


    def upload_file(self, *, kind: Literal["customers", "loans", "transactions"], file: bytes, file_name: str) -> ImportAnswer:
        """Upload a file. Checks the file as a whole at once, and loads its rows in the background. Bad rows are left
        out and listed at `GET /imports/{import_id}/rejects`. If the same file was uploaded before, the answer is
        its first import. No row is loaded twice. Rejected rows are tried again if their reason may be gone."""
        found: ImportAnswer = self._send(Request(method="POST", path="/api/v1/imports", form={"kind": kind}, files={"file": (file_name, file)}), ImportAnswer)
        return found


    def list_imports(self, *, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> ImportAnswerPage:
        """List imports. Lists imports, the newest first. Send `next_cursor` as `cursor` to get older imports."""
        found: ImportAnswerPage = self._send(Request(method="GET", path="/api/v1/imports", query={"cursor": cursor, "limit": limit}), ImportAnswerPage)
        return found


    def iter_imports(self, *, limit: int | Unset = UNSET) -> Iterator[ImportAnswer]:
        """Every row of `list_imports`, page by page; `limit` is the size of a page."""
        page = self.list_imports(limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_imports(cursor=page.next_cursor, limit=limit)


    def get_import(self, *, import_id: int) -> ImportAnswer:
        """Read the progress of an import. Gives the counts so far. You can read them while the import goes on."""
        found: ImportAnswer = self._send(Request(method="GET", path=f"/api/v1/imports/{quote(str(import_id), safe='')}"), ImportAnswer)
        return found


    def download_rejects(self, *, import_id: int) -> bytes:
        """Download the rejected rows as CSV. Sends one line for each rejected row: its number in the file (as a
        spreadsheet shows it), a code and a reason. No reason repeats the row's values."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/imports/{quote(str(import_id), safe='')}/rejects"), bytes)
        return found


    def read_events(self, *, after: int | Unset = UNSET, type: Sequence[EventType] | Unset = UNSET, limit: int | Unset = UNSET) -> EventPageAnswer:
        """Read events in order. Gives the events after a number, the oldest first. Numbers only grow and have no gaps,
        and an event never appears before one that was read already: a reader that keeps `next_after` misses
        nothing. Events are kept for ever. An event is numbered soon after its transaction, usually within a second."""
        found: EventPageAnswer = self._send(Request(method="GET", path="/api/v1/events", query={"after": after, "type": type, "limit": limit}), EventPageAnswer)
        return found


    def get_event(self, *, event_id: Id) -> LoanEvent | LoanClassEvent | CardAccountClassEvent | PromiseEvent | BillEvent | PaymentEvent | ReversalEvent | ApplicationEvent | ScoreEvent | CardEvent | CardAccountEvent | CardStatementEvent | CardPaymentEvent | RunEvent | ImportEvent:
        """Read one event. Gives the event with this number, as it was when it happened."""
        found: LoanEvent | LoanClassEvent | CardAccountClassEvent | PromiseEvent | BillEvent | PaymentEvent | ReversalEvent | ApplicationEvent | ScoreEvent | CardEvent | CardAccountEvent | CardStatementEvent | CardPaymentEvent | RunEvent | ImportEvent = self._send(Request(method="GET", path=f"/api/v1/events/{quote(str(event_id), safe='')}"), LoanEvent | LoanClassEvent | CardAccountClassEvent | PromiseEvent | BillEvent | PaymentEvent | ReversalEvent | ApplicationEvent | ScoreEvent | CardEvent | CardAccountEvent | CardStatementEvent | CardPaymentEvent | RunEvent | ImportEvent)
        return found


    def list_endpoints(self) -> EndpointList:
        """List webhook endpoints. Lists every endpoint that was not removed."""
        found: EndpointList = self._send(Request(method="GET", path="/api/v1/webhooks/endpoints"), EndpointList)
        return found


    def add_endpoint(self, *, url: str, events: Sequence[EventType] | Unset = UNSET, description: str | None | Unset = UNSET, after: int | None | Unset = UNSET) -> EndpointWithSecret:
        """Add a webhook endpoint. Adds an address that events are sent to, and makes its secret. Keep the secret: only
        this answer shows it. It is never stored with an Idempotency-Key, so a repeat of this request adds another
        endpoint."""
        found: EndpointWithSecret = self._send(Request(method="POST", path="/api/v1/webhooks/endpoints", body={"url": url, "events": events, "description": description, "after": after}), EndpointWithSecret)
        return found


    def get_endpoint(self, *, endpoint_id: int) -> EndpointAnswer:
        """Read a webhook endpoint. Gives the endpoint, how far it is, and whether it answers."""
        found: EndpointAnswer = self._send(Request(method="GET", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}"), EndpointAnswer)
        return found


    def change_endpoint(self, *, endpoint_id: int, url: str | None | Unset = UNSET, events: Sequence[EventType] | None | Unset = UNSET, description: str | None | Unset = UNSET, status: EndpointStatus | None | Unset = UNSET) -> EndpointAnswer:
        """Change an endpoint. Changes the address, the types, the description or the status. What waits is sent at
        once."""
        found: EndpointAnswer = self._send(Request(method="PATCH", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}", body={"url": url, "events": events, "description": description, "status": status}), EndpointAnswer)
        return found


    def remove_endpoint(self, *, endpoint_id: int) -> None:
        """Remove a webhook endpoint. Removes the endpoint with everything that waits for it."""
        self._send(Request(method="DELETE", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}"), None)


    def rotate_secret(self, *, endpoint_id: int, overlap_hours: int | Unset = UNSET) -> EndpointWithSecret:
        """Replace the secret of an endpoint. Makes another secret, which only this answer shows. Until the overlap
        ends, everything is signed with both."""
        found: EndpointWithSecret = self._send(Request(method="POST", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}/rotate-secret", body={"overlap_hours": overlap_hours}), EndpointWithSecret)
        return found


    def list_deliveries(self, *, endpoint_id: int, status: DeliveryStatus | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> DeliveryAnswerPage:
        """List deliveries of an endpoint. Lists deliveries, the latest event first. Delivered ones are kept for
        `KIST_KEEP_DAYS`, dead letters for ever."""
        found: DeliveryAnswerPage = self._send(Request(method="GET", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}/deliveries", query={"status": status, "cursor": cursor, "limit": limit}), DeliveryAnswerPage)
        return found


    def iter_deliveries(self, *, endpoint_id: int, status: DeliveryStatus | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[DeliveryAnswer]:
        """Every row of `list_deliveries`, page by page; `limit` is the size of a page."""
        page = self.list_deliveries(endpoint_id=endpoint_id, status=status, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_deliveries(cursor=page.next_cursor, endpoint_id=endpoint_id, status=status, limit=limit)


    def redeliver_event(self, *, endpoint_id: int, event_id: Id) -> DeliveryAnswer:
        """Send one event again. Sends a dead letter, or an event that was delivered, once more."""
        found: DeliveryAnswer = self._send(Request(method="POST", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}/deliveries/{quote(str(event_id), safe='')}/redeliver"), DeliveryAnswer)
        return found


    def redeliver_events(self, *, endpoint_id: int, from_number: int) -> EndpointAnswer:
        """Send events again. Sends every event from a number on once more, in order, whatever became of it before."""
        found: EndpointAnswer = self._send(Request(method="POST", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}/redeliver", body={"from_number": from_number}), EndpointAnswer)
        return found


    def list_audit_events(self, *, actor: str | Unset = UNSET, action: str | Unset = UNSET, object_kind: str | Unset = UNSET, object_id: str | Unset = UNSET, customer_id: Id | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> AuditEventAnswerPage:
        """Read the audit trail. Lists events, the newest first. Filter by any of the parameters. Send `next_cursor` as
        `cursor` to get older events, also if `items` has few or none: without `object_id`, a page of a search looks
        at 50,000 events."""
        found: AuditEventAnswerPage = self._send(Request(method="GET", path="/api/v1/audit/events", query={"actor": actor, "action": action, "object_kind": object_kind, "object_id": object_id, "customer_id": customer_id, "cursor": cursor, "limit": limit}), AuditEventAnswerPage)
        return found


    def iter_audit_events(self, *, actor: str | Unset = UNSET, action: str | Unset = UNSET, object_kind: str | Unset = UNSET, object_id: str | Unset = UNSET, customer_id: Id | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[AuditEventAnswer]:
        """Every row of `list_audit_events`, page by page; `limit` is the size of a page."""
        page = self.list_audit_events(actor=actor, action=action, object_kind=object_kind, object_id=object_id, customer_id=customer_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_audit_events(cursor=page.next_cursor, actor=actor, action=action, object_kind=object_kind, object_id=object_id, customer_id=customer_id, limit=limit)


    def get_audit_head(self) -> AuditHeadAnswer:
        """Read the head of the audit chain. Gives the number and the hash of the last seal. It is null until the first
        seal is made."""
        found: AuditHeadAnswer = self._send(Request(method="GET", path="/api/v1/audit/head"), AuditHeadAnswer)
        return found


    def get_clock(self) -> ClockAnswer:
        """Read the business date. Gives the lender's date: customers pay on this date, and billing runs bill up to it."""
        found: ClockAnswer = self._send(Request(method="GET", path="/api/v1/clock"), ClockAnswer)
        return found


    def set_clock(self, *, business_date: dt.date) -> ClockAnswer:
        """Set the business date. Sets the business date to a day that is not before the present one. The date then
        stays there. The next billing run bills the days between. This route does not exist in production."""
        found: ClockAnswer = self._send(Request(method="PUT", path="/api/v1/clock", body={"business_date": business_date}), ClockAnswer)
        return found


    def list_rules(self, *, on: dt.date | Unset = UNSET) -> RulesAnswer:
        """The rules in force on a day. Lists every number that a law or a circular sets for our kind of lender on a
        day, with its source, and what changes afterwards. `KIST_LENDER_KIND` says which kind of lender we are."""
        found: RulesAnswer = self._send(Request(method="GET", path="/api/v1/rules", query={"on": on}), RulesAnswer)
        return found


    def get_provisions(self, *, on: dt.date | Unset = UNSET) -> RiskBookAnswer:
        """Provisions and portfolio at risk. Gives the book of a day-end by class, secured or not, with the provision
        at the rates of the rulebook, and what is past due for more than so many days. As CSV: the provisions."""
        found: RiskBookAnswer = self._send(Request(method="GET", path="/api/v1/risk/provisions", query={"on": on}), RiskBookAnswer)
        return found


    def get_portfolio_at_risk(self, *, on: dt.date | Unset = UNSET) -> list[AtRiskAnswer]:
        """Portfolio at risk. Gives the loans that are past due for more than 0, 30, 60 and 90 days (as the rulebook
        has it), and their share of all principal."""
        found: list[AtRiskAnswer] = self._send(Request(method="GET", path="/api/v1/risk/portfolio-at-risk", query={"on": on}), list[AtRiskAnswer])
        return found


    def get_vintages(self, *, on: dt.date | Unset = UNSET, asset_class: AssetClass | Unset = UNSET) -> list[VintageAnswer]:
        """Vintages. Gives, for the loans of each month of disbursal, the share of the amount that had failed by each
        later month. By default, failed is non-performing. As CSV: a row for each month and age."""
        found: list[VintageAnswer] = self._send(Request(method="GET", path="/api/v1/risk/vintages", query={"on": on, "asset_class": asset_class}), list[VintageAnswer])
        return found


    def get_roll_rates(self, *, until: dt.date | Unset = UNSET) -> RollsAnswer:
        """Roll rates. Gives how loans moved between classes from the month-end before a day to that day; a month-end
        is compared with the one before it."""
        found: RollsAnswer = self._send(Request(method="GET", path="/api/v1/risk/roll-rates", query={"until": until}), RollsAnswer)
        return found


    def list_files(self, *, before: dt.date | Unset = UNSET, limit: int | Unset = UNSET) -> list[BureauFileAnswer]:
        """List the files for credit bureaus. Lists the files, the newest first. The rulebook says as on which days one
        is made."""
        found: list[BureauFileAnswer] = self._send(Request(method="GET", path="/api/v1/bureau/files", query={"before": before, "limit": limit}), list[BureauFileAnswer])
        return found


    def get_file(self, *, as_on: dt.date) -> bytes:
        """Fetch a file for credit bureaus. Sends the file as it was made: a header row, then a line for each loan. Its
        layout is in docs/bureau-file.md."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/bureau/files/{quote(str(as_on), safe='')}"), bytes)
        return found


    def list_records(self, *, user_id: Id, after: dt.date | Unset = UNSET, limit: int | Unset = UNSET) -> list[SaidAnswer]:
        """What was said about a borrower. Lists every record of a borrower's loans as it was given to credit bureaus,
        the oldest first, with the day on which the file was made."""
        found: list[SaidAnswer] = self._send(Request(method="GET", path="/api/v1/bureau/records", query={"user_id": user_id, "after": after, "limit": limit}), list[SaidAnswer])
        return found


    def get_receipt(self, *, payment_id: Id, language: Language | Unset = UNSET) -> bytes:
        """The receipt of a payment. Gives the receipt, with what the payment settles as the books stand. Of a payment
        that was returned it says so."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/payments/{quote(str(payment_id), safe='')}/receipt", query={"language": language}), bytes)
        return found


    def get_account_statement(self, *, loan_id: Id, from_: dt.date | Unset = UNSET, to: dt.date | Unset = UNSET, language: Language | Unset = UNSET) -> bytes:
        """The statement of a period. Gives every line of the borrower's account in the period, what is owed before and
        after, the amount that makes the loan current today, and how to pay it."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/account-statement", query={"from": from_, "to": to, "language": language}), bytes)
        return found


    def get_interest_certificate(self, *, loan_id: Id, year: int | Unset = UNSET, language: Language | Unset = UNSET) -> bytes:
        """The interest certificate of a financial year. Gives the interest, principal and charges of the year. The
        certificate of a year that is not over is provisional. The default is the present year."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/interest-certificate", query={"year": year, "language": language}), bytes)
        return found


    def get_no_dues_letter(self, *, loan_id: Id, language: Language | Unset = UNSET) -> bytes:
        """The no-dues letter of a repaid loan. Gives the letter that nothing is due. A loan that is not repaid is
        refused (`dues_outstanding`)."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/no-dues-letter", query={"language": language}), bytes)
        return found


    def get_foreclosure_letter(self, *, loan_id: Id, on: dt.date | Unset = UNSET, language: Language | Unset = UNSET) -> bytes:
        """The foreclosure letter of a loan. Gives what closes the loan on a day within a month, and on each day before
        it."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/foreclosure-letter", query={"on": on, "language": language}), bytes)
        return found


    def get_application_key_facts(self, *, application_id: Id, language: Language | Unset = UNSET) -> OfferKeyFactsAnswer:
        """The key facts of an application. Gives the statement of an offer that waits to be accepted or has lapsed, or
        of the loan that was made. The answer is JSON or a PDF: choose it in `Accept`, or with `format`."""
        found: OfferKeyFactsAnswer = self._send(Request(method="GET", path=f"/api/v1/applications/{quote(str(application_id), safe='')}/key-facts", query={"language": language}), OfferKeyFactsAnswer)
        return found


    def get_loan_key_facts(self, *, loan_id: Id, language: Language | Unset = UNSET) -> OfferKeyFactsAnswer:
        """The key facts of a loan. Gives the statement of the loan as it was made, with its acceptance. The answer is
        JSON or a PDF: choose it in `Accept`, or with `format`."""
        found: OfferKeyFactsAnswer = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/key-facts", query={"language": language}), OfferKeyFactsAnswer)
        return found


    def accept_key_facts(self, *, application_id: Id, language: Language | Unset = UNSET) -> ApplicationAnswer:
        """Accept the key facts of an application. Makes and disburses the loan on what the statement names. A
        statement that was accepted before is answered with its loan."""
        found: ApplicationAnswer = self._send(Request(method="POST", path=f"/api/v1/applications/{quote(str(application_id), safe='')}/key-facts/acceptance", body={"language": language}), ApplicationAnswer)
        return found


    def list_card_statements(self, *, account_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardStatementLinePage:
        """List the statements of a card account. Gives the statements, the newest first. A statement is issued when
        its day is over."""
        found: CardStatementLinePage = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/statements", query={"cursor": cursor, "limit": limit}), CardStatementLinePage)
        return found


    def iter_card_statements(self, *, account_id: Id, limit: int | Unset = UNSET) -> Iterator[CardStatementLine]:
        """Every row of `list_card_statements`, page by page; `limit` is the size of a page."""
        page = self.list_card_statements(account_id=account_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_card_statements(cursor=page.next_cursor, account_id=account_id, limit=limit)


    def get_card_statement(self, *, account_id: Id, number: int, language: Language | Unset = UNSET) -> CardStatementAnswer:
        """Read a statement of a card account. Gives the statement as it was issued: every posting, the parts of the
        minimum due, and the days, balances and rates that each figure of interest came from. The answer is JSON or
        a PDF: choose it in `Accept`, or with `format`."""
        found: CardStatementAnswer = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/statements/{quote(str(number), safe='')}", query={"language": language}), CardStatementAnswer)
        return found


    def get_lender(self, *, on: dt.date | Unset = UNSET) -> LenderAnswer:
        """Read the lender's profile. Gives the version that is in force on a day."""
        found: LenderAnswer = self._send(Request(method="GET", path="/api/v1/lender", query={"on": on}), LenderAnswer)
        return found


    def add_lender_version(self, *, effective_from: dt.date, profile: LenderProfileBody, logo: str | None | Unset = UNSET) -> LenderAnswer:
        """Add a version of the lender's profile. Adds the next version, in force from a given day. It cannot be
        changed later: the next version corrects it."""
        found: LenderAnswer = self._send(Request(method="POST", path="/api/v1/lender", body={"effective_from": effective_from, "profile": profile, "logo": logo}), LenderAnswer)
        return found


    def list_lender_versions(self) -> list[LenderAnswer]:
        """List the versions of the lender's profile. Lists all versions, the newest first."""
        found: list[LenderAnswer] = self._send(Request(method="GET", path="/api/v1/lender/versions"), list[LenderAnswer])
        return found


    def get_gst_report(self, *, on: dt.date | Unset = UNSET) -> GstReportAnswer:
        """The GST report of a month. Gives the invoices, credit notes and debit notes of the charges of loans and card
        accounts that were booked in a month, by place of supply and service, and compares them with the ledger. As
        CSV: the lines."""
        found: GstReportAnswer = self._send(Request(method="GET", path="/api/v1/gst/report", query={"on": on}), GstReportAnswer)
        return found


    def list_loan_tax_documents(self, *, loan_id: Id) -> list[TaxDocumentAnswer]:
        """List the tax documents of a loan. Gives every invoice, credit note and debit note of the charges of a loan,
        in the order of booking. A number is given when the day of the charge is over."""
        found: list[TaxDocumentAnswer] = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/tax-documents"), list[TaxDocumentAnswer])
        return found


    def get_loan_tax_document(self, *, loan_id: Id, number: str, language: Language | Unset = UNSET) -> bytes:
        """A tax document of a loan. Gives the invoice or the note with its value, its tax by head, and the invoice
        that a note is for."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/tax-documents/{quote(str(number), safe='')}", query={"language": language}), bytes)
        return found


    def list_card_tax_documents(self, *, account_id: Id) -> list[TaxDocumentAnswer]:
        """List the tax documents of a card account. Gives every invoice, credit note and debit note of the fees and
        the interest of an account, in the order of booking. A number is given when the day of the charge is over."""
        found: list[TaxDocumentAnswer] = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/tax-documents"), list[TaxDocumentAnswer])
        return found


    def get_card_tax_document(self, *, account_id: Id, number: str, language: Language | Unset = UNSET) -> bytes:
        """A tax document of a card account. Gives the invoice or the note with its value, its tax by head, and the
        invoice that a note is for."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/tax-documents/{quote(str(number), safe='')}", query={"language": language}), bytes)
        return found


    def get_chart(self) -> list[ChartEntryAnswer]:
        """Read the chart of accounts. Lists every account of the ledgers of loans and cards, in order of the codes."""
        found: list[ChartEntryAnswer] = self._send(Request(method="GET", path="/api/v1/accounting/chart"), list[ChartEntryAnswer])
        return found


    def change_chart(self, *, accounts: Sequence[ChartEntryBody]) -> list[ChartEntryAnswer]:
        """Change codes and names of accounts. Gives accounts the lender's codes and names, and answers the whole
        chart. Reports and exports of any day use it from now on; no booking changes."""
        found: list[ChartEntryAnswer] = self._send(Request(method="PATCH", path="/api/v1/accounting/chart", body={"accounts": accounts}), list[ChartEntryAnswer])
        return found


    def get_journal(self, *, from_: dt.date, to: dt.date) -> list[JournalDayAnswer]:
        """Read the daily journal. Gives what was booked on each of at most 31 days, by account and product. Days
        without a booking are left out. A line's transfers are at `/accounting/journal/transfers`; an export has any
        number of days."""
        found: list[JournalDayAnswer] = self._send(Request(method="GET", path="/api/v1/accounting/journal", query={"from": from_, "to": to}), list[JournalDayAnswer])
        return found


    def list_booked_transfers(self, *, on: dt.date, book: Book, account: str, product: str, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> BookedTransferAnswerPage:
        """The transfers behind a line of the journal. Lists the transfers that debit or credit an account for a
        product on a day. Send `next_cursor` as `cursor`, with the same parameters, to get the next page."""
        found: BookedTransferAnswerPage = self._send(Request(method="GET", path="/api/v1/accounting/journal/transfers", query={"on": on, "book": book, "account": account, "product": product, "cursor": cursor, "limit": limit}), BookedTransferAnswerPage)
        return found


    def iter_booked_transfers(self, *, on: dt.date, book: Book, account: str, product: str, limit: int | Unset = UNSET) -> Iterator[BookedTransferAnswer]:
        """Every row of `list_booked_transfers`, page by page; `limit` is the size of a page."""
        page = self.list_booked_transfers(on=on, book=book, account=account, product=product, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_booked_transfers(cursor=page.next_cursor, on=on, book=book, account=account, product=product, limit=limit)


    def get_trial_balance(self, *, on: dt.date | Unset = UNSET) -> TrialBalanceAnswer:
        """Read the trial balance of a day. Gives every balance at the end of a day, by account and product."""
        found: TrialBalanceAnswer = self._send(Request(method="GET", path="/api/v1/accounting/trial-balance", query={"on": on}), TrialBalanceAnswer)
        return found


    def get_profit_and_loss(self, *, from_: dt.date, to: dt.date) -> ProfitAndLossAnswer:
        """Read the profit and loss of some days. Gives income and expenses that were booked on these days, by account
        and product."""
        found: ProfitAndLossAnswer = self._send(Request(method="GET", path="/api/v1/accounting/profit-and-loss", query={"from": from_, "to": to}), ProfitAndLossAnswer)
        return found


    def get_accrued_interest(self, *, on: dt.date | Unset = UNSET) -> AccruedAnswer:
        """Interest that is accrued and not billed. Gives the interest that has accrued until the end of a day and was
        not billed by then, by product. It is in no ledger yet. That of non-performing loans and cards is no income.
        Every loan and card account is read, so a large book takes time."""
        found: AccruedAnswer = self._send(Request(method="GET", path="/api/v1/accounting/accrued-interest", query={"on": on}), AccruedAnswer)
        return found


    def get_balance_sheet(self, *, on: dt.date | Unset = UNSET) -> BalanceSheetAnswer:
        """Read the balance of the book. Gives assets and liabilities at the end of a day, by account and product, and
        the result so far."""
        found: BalanceSheetAnswer = self._send(Request(method="GET", path="/api/v1/accounting/balance-sheet", query={"on": on}), BalanceSheetAnswer)
        return found


    def propose_period(self, *, ends_on: dt.date, idempotency_key: str | None = None) -> PeriodAnswer:
        """Propose to close the books through a day. Proposes to close the books through a day that is over. Nothing is
        closed until an admin other than the maker approves it. Send an Idempotency-Key: it is required."""
        found: PeriodAnswer = self._send(Request(method="POST", path="/api/v1/accounting/periods", body={"ends_on": ends_on}, is_keyed=True, key=idempotency_key), PeriodAnswer)
        return found


    def list_periods(self, *, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> PeriodAnswerPage:
        """List periods. Lists periods, the newest first. Send `next_cursor` as `cursor` to get older ones."""
        found: PeriodAnswerPage = self._send(Request(method="GET", path="/api/v1/accounting/periods", query={"cursor": cursor, "limit": limit}), PeriodAnswerPage)
        return found


    def iter_periods(self, *, limit: int | Unset = UNSET) -> Iterator[PeriodAnswer]:
        """Every row of `list_periods`, page by page; `limit` is the size of a page."""
        page = self.list_periods(limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_periods(cursor=page.next_cursor, limit=limit)


    def get_period(self, *, period: int) -> PeriodAnswer:
        """Read a period. Gives the period and its decision."""
        found: PeriodAnswer = self._send(Request(method="GET", path=f"/api/v1/accounting/periods/{quote(str(period), safe='')}"), PeriodAnswer)
        return found


    def approve_period(self, *, period: int, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> PeriodAnswer:
        """Close a period. Closes the books through the period's end and keeps the balances of that day. From now on
        nothing is booked on a day of the period; a correction is booked on the day on which it is made. The caller
        must be an admin other than its maker. A closed period stays closed."""
        found: PeriodAnswer = self._send(Request(method="POST", path=f"/api/v1/accounting/periods/{quote(str(period), safe='')}/approve", body={"note": note}, is_keyed=True, key=idempotency_key), PeriodAnswer)
        return found


    def reject_period(self, *, period: int, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> PeriodAnswer:
        """Reject a period. Rejects the proposal. The caller must be an admin other than its maker. Nothing else
        changes."""
        found: PeriodAnswer = self._send(Request(method="POST", path=f"/api/v1/accounting/periods/{quote(str(period), safe='')}/reject", body={"note": note}, is_keyed=True, key=idempotency_key), PeriodAnswer)
        return found


    def withdraw_period(self, *, period: int, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> PeriodAnswer:
        """Withdraw a period. Withdraws the proposal. The caller must be its maker. Nothing else changes."""
        found: PeriodAnswer = self._send(Request(method="POST", path=f"/api/v1/accounting/periods/{quote(str(period), safe='')}/withdraw", body={"note": note}, is_keyed=True, key=idempotency_key), PeriodAnswer)
        return found


    def export_books(self, *, of: ExportOf, from_: dt.date, to: dt.date) -> bytes:
        """Export the journal, the transfers or the accounts. Sends a file of any number of days. `journal` has a row
        for each day, account and product, or for Tally a voucher for each day; `transfers` has a row for each
        transfer; `accounts` makes the accounts in Tally, so import it before the journal. The same days give the
        same bytes. The layout is in docs/accounting.md."""
        found: bytes = self._send(Request(method="GET", path=f"/api/v1/accounting/exports/{quote(str(of), safe='')}", query={"from": from_, "to": to}), bytes)
        return found


    def list_cases(self, *, sort: CaseSort | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET, kind: ProductKind | Unset = UNSET, asset_class: AssetClass | Unset = UNSET, officer_id: int | Unset = UNSET, unassigned: bool | Unset = UNSET, days_from: int | Unset = UNSET, days_to: int | Unset = UNSET, overdue_from: Amount | Unset = UNSET, overdue_to: Amount | Unset = UNSET, promise: PromiseStatus | Unset = UNSET, action_to: dt.date | Unset = UNSET) -> CaseAnswerPage:
        """List the work list. Lists the loans and card accounts that are past due, the most days past due first, or by
        amount or next action. All filters apply together. Send `next_cursor` as `cursor`, with the same filters and
        sort, to get the next page."""
        found: CaseAnswerPage = self._send(Request(method="GET", path="/api/v1/collections/cases", query={"sort": sort, "cursor": cursor, "limit": limit, "kind": kind, "asset_class": asset_class, "officer_id": officer_id, "unassigned": unassigned, "days_from": days_from, "days_to": days_to, "overdue_from": overdue_from, "overdue_to": overdue_to, "promise": promise, "action_to": action_to}), CaseAnswerPage)
        return found


    def iter_cases(self, *, sort: CaseSort | Unset = UNSET, limit: int | Unset = UNSET, kind: ProductKind | Unset = UNSET, asset_class: AssetClass | Unset = UNSET, officer_id: int | Unset = UNSET, unassigned: bool | Unset = UNSET, days_from: int | Unset = UNSET, days_to: int | Unset = UNSET, overdue_from: Amount | Unset = UNSET, overdue_to: Amount | Unset = UNSET, promise: PromiseStatus | Unset = UNSET, action_to: dt.date | Unset = UNSET) -> Iterator[CaseAnswer]:
        """Every row of `list_cases`, page by page; `limit` is the size of a page."""
        page = self.list_cases(sort=sort, limit=limit, kind=kind, asset_class=asset_class, officer_id=officer_id, unassigned=unassigned, days_from=days_from, days_to=days_to, overdue_from=overdue_from, overdue_to=overdue_to, promise=promise, action_to=action_to)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_cases(cursor=page.next_cursor, sort=sort, limit=limit, kind=kind, asset_class=asset_class, officer_id=officer_id, unassigned=unassigned, days_from=days_from, days_to=days_to, overdue_from=overdue_from, overdue_to=overdue_to, promise=promise, action_to=action_to)


    def export_cases(self, *, sort: CaseSort | Unset = UNSET, kind: ProductKind | Unset = UNSET, asset_class: AssetClass | Unset = UNSET, officer_id: int | Unset = UNSET, unassigned: bool | Unset = UNSET, days_from: int | Unset = UNSET, days_to: int | Unset = UNSET, overdue_from: Amount | Unset = UNSET, overdue_to: Amount | Unset = UNSET, promise: PromiseStatus | Unset = UNSET, action_to: dt.date | Unset = UNSET) -> bytes:
        """Fetch the work list as a file. Sends all rows of the list, not a page of them, as CSV or as a workbook. The
        export is in the audit trail."""
        found: bytes = self._send(Request(method="GET", path="/api/v1/collections/cases/export", query={"sort": sort, "kind": kind, "asset_class": asset_class, "officer_id": officer_id, "unassigned": unassigned, "days_from": days_from, "days_to": days_to, "overdue_from": overdue_from, "overdue_to": overdue_to, "promise": promise, "action_to": action_to}), bytes)
        return found


    def get_loan_case(self, *, loan_id: Id) -> CollectionsAnswer:
        """Read a loan's case and promises. Gives the loan's case, if it is or was past due, and every promise to pay
        on it."""
        found: CollectionsAnswer = self._send(Request(method="GET", path=f"/api/v1/collections/loans/{quote(str(loan_id), safe='')}"), CollectionsAnswer)
        return found


    def get_card_account_case(self, *, account_id: Id) -> CollectionsAnswer:
        """Read a card account's case and promises. Gives the card account's case, if it is or was past due, and every
        promise to pay on it."""
        found: CollectionsAnswer = self._send(Request(method="GET", path=f"/api/v1/collections/card-accounts/{quote(str(account_id), safe='')}"), CollectionsAnswer)
        return found


    def list_officers(self) -> list[OfficerAnswer]:
        """List the staff who may be in charge of cases. Lists the accounts of staff that are not disabled, by name."""
        found: list[OfficerAnswer] = self._send(Request(method="GET", path="/api/v1/collections/officers"), list[OfficerAnswer])
        return found


    def write_note(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, user_id: Id | None | Unset = UNSET, text: str, idempotency_key: str | None = None) -> EntryAnswer:
        """Write a note on a loan, a card account or a user. Adds a note to the diary. It cannot be changed or removed.
        Its text is in no log, event or audit record."""
        found: EntryAnswer = self._send(Request(method="POST", path="/api/v1/collections/notes", body={"loan_id": loan_id, "card_account_id": card_account_id, "user_id": user_id, "text": text}, is_keyed=True, key=idempotency_key), EntryAnswer)
        return found


    def note_contact(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, user_id: Id | None | Unset = UNSET, channel: Channel, outcome: Outcome, at: dt.datetime | None | Unset = UNSET, text: str | None | Unset = UNSET, idempotency_key: str | None = None) -> EntryAnswer:
        """Note an attempt to contact a borrower. Adds an attempt to the diary. Outside the hours of the rulebook, in
        the lender's time zone, it is refused: borrowers must not be contacted then."""
        found: EntryAnswer = self._send(Request(method="POST", path="/api/v1/collections/contacts", body={"loan_id": loan_id, "card_account_id": card_account_id, "user_id": user_id, "channel": channel, "outcome": outcome, "at": at, "text": text}, is_keyed=True, key=idempotency_key), EntryAnswer)
        return found


    def list_diary(self, *, loan_id: Id | Unset = UNSET, card_account_id: Id | Unset = UNSET, user_id: Id | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> EntryAnswerPage:
        """Read the diary of a loan, a card account or a user. Lists the entries, the newest first. Name exactly one of
        a loan, a card account and a user. Send `next_cursor` as `cursor` to get older entries."""
        found: EntryAnswerPage = self._send(Request(method="GET", path="/api/v1/collections/diary", query={"loan_id": loan_id, "card_account_id": card_account_id, "user_id": user_id, "cursor": cursor, "limit": limit}), EntryAnswerPage)
        return found


    def iter_diary(self, *, loan_id: Id | Unset = UNSET, card_account_id: Id | Unset = UNSET, user_id: Id | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[EntryAnswer]:
        """Every row of `list_diary`, page by page; `limit` is the size of a page."""
        page = self.list_diary(loan_id=loan_id, card_account_id=card_account_id, user_id=user_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_diary(cursor=page.next_cursor, loan_id=loan_id, card_account_id=card_account_id, user_id=user_id, limit=limit)


    def make_promise(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, amount: Amount, pay_by: dt.date, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> PromiseAnswer:
        """Note a promise to pay. Notes that the borrower promised to pay. It is kept if that much comes by the day:
        payments count by their value date, and those that were known already do not. The daily run says whether it
        is kept."""
        found: PromiseAnswer = self._send(Request(method="POST", path="/api/v1/collections/promises", body={"loan_id": loan_id, "card_account_id": card_account_id, "amount": amount, "pay_by": pay_by, "note": note}, is_keyed=True, key=idempotency_key), PromiseAnswer)
        return found


    def list_promises(self, *, user_id: Id | Unset = UNSET, status: PromiseStatus | Unset = UNSET, officer_id: int | Unset = UNSET, pay_from: dt.date | Unset = UNSET, pay_to: dt.date | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> ListedPromisePage:
        """List promises to pay. Lists promises by the promised day, the earliest first. All filters apply together.
        Send `next_cursor` as `cursor` to get the next page."""
        found: ListedPromisePage = self._send(Request(method="GET", path="/api/v1/collections/promises", query={"user_id": user_id, "status": status, "officer_id": officer_id, "pay_from": pay_from, "pay_to": pay_to, "cursor": cursor, "limit": limit}), ListedPromisePage)
        return found


    def iter_promises(self, *, user_id: Id | Unset = UNSET, status: PromiseStatus | Unset = UNSET, officer_id: int | Unset = UNSET, pay_from: dt.date | Unset = UNSET, pay_to: dt.date | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[ListedPromise]:
        """Every row of `list_promises`, page by page; `limit` is the size of a page."""
        page = self.list_promises(user_id=user_id, status=status, officer_id=officer_id, pay_from=pay_from, pay_to=pay_to, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_promises(cursor=page.next_cursor, user_id=user_id, status=status, officer_id=officer_id, pay_from=pay_from, pay_to=pay_to, limit=limit)


    def get_promise(self, *, promise_id: Id) -> PromiseAnswer:
        """Read a promise to pay. Gives the promise and how it stands since the latest daily run."""
        found: PromiseAnswer = self._send(Request(method="GET", path=f"/api/v1/collections/promises/{quote(str(promise_id), safe='')}"), PromiseAnswer)
        return found


    def withdraw_promise(self, *, promise_id: Id, idempotency_key: str | None = None) -> PromiseAnswer:
        """Withdraw a promise to pay. Withdraws an open promise, which was noted by mistake or agreed otherwise. It is
        neither kept nor broken."""
        found: PromiseAnswer = self._send(Request(method="POST", path=f"/api/v1/collections/promises/{quote(str(promise_id), safe='')}/withdraw", is_keyed=True, key=idempotency_key), PromiseAnswer)
        return found


    def assign_case(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, officer_id: int | None, idempotency_key: str | None = None) -> CaseAnswer:
        """Put an officer in charge of a case. Puts a member of staff in charge of a case of the work list, or nobody."""
        found: CaseAnswer = self._send(Request(method="POST", path="/api/v1/collections/assignments", body={"loan_id": loan_id, "card_account_id": card_account_id, "officer_id": officer_id}, is_keyed=True, key=idempotency_key), CaseAnswer)
        return found


    def assign_cases(self, *, officer_ids: Sequence[int], filters: CaseFilters, sort: CaseSort | Unset = UNSET, limit: int | Unset = UNSET, idempotency_key: str | None = None) -> BulkAssignmentAnswer:
        """Deal cases of a filter to officers. Deals the first cases that the filters find to the officers, in turn, in
        the order of the list: each gets as many of the worst as the others. Cases that are an officer's already are
        counted and stay."""
        found: BulkAssignmentAnswer = self._send(Request(method="POST", path="/api/v1/collections/assignments/bulk", body={"officer_ids": officer_ids, "filters": filters, "sort": sort, "limit": limit}, is_keyed=True, key=idempotency_key), BulkAssignmentAnswer)
        return found


    def plan_action(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, action: NextAction | None | Unset = UNSET, on: dt.date | None | Unset = UNSET, idempotency_key: str | None = None) -> CaseAnswer:
        """Plan what is done next on a case. Plans the next action on a case of the work list, in place of the one that
        was planned before."""
        found: CaseAnswer = self._send(Request(method="POST", path="/api/v1/collections/actions", body={"loan_id": loan_id, "card_account_id": card_account_id, "action": action, "on": on}, is_keyed=True, key=idempotency_key), CaseAnswer)
        return found


    def list_views(self) -> list[ViewAnswer]:
        """List saved views of the work list. Lists the caller's own views and those that others share, by name."""
        found: list[ViewAnswer] = self._send(Request(method="GET", path="/api/v1/collections/views"), list[ViewAnswer])
        return found


    def save_view(self, *, name: str, filters: CaseFilters, sort: CaseSort | Unset = UNSET, shared: bool | Unset = UNSET) -> ViewAnswer:
        """Save a view of the work list. Saves filters and an order under a name. The caller's view of that name is
        replaced."""
        found: ViewAnswer = self._send(Request(method="PUT", path="/api/v1/collections/views", body={"name": name, "filters": filters, "sort": sort, "shared": shared}), ViewAnswer)
        return found


    def remove_view(self, *, view_id: int) -> None:
        """Remove a saved view. Removes one of the caller's own views."""
        self._send(Request(method="DELETE", path=f"/api/v1/collections/views/{quote(str(view_id), safe='')}"), None)


    def get_day(self, *, on: dt.date | Unset = UNSET) -> DayAnswer:
        """Read a day of collections by officer. Gives, for each officer, how much falls due, is to be done, is
        promised, bounced and was paid on a day."""
        found: DayAnswer = self._send(Request(method="GET", path="/api/v1/collections/day", query={"on": on}), DayAnswer)
        return found


    def list_day_section(self, *, section: DaySection, on: dt.date | Unset = UNSET, officer_id: int | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> DayLineAnswerPage:
        """List a section of a day of collections. Lists the lines of a section, by user. Send `next_cursor` as
        `cursor`, with the same day and officer, to get the next page."""
        found: DayLineAnswerPage = self._send(Request(method="GET", path=f"/api/v1/collections/day/{quote(str(section), safe='')}", query={"on": on, "officer_id": officer_id, "cursor": cursor, "limit": limit}), DayLineAnswerPage)
        return found


    def iter_day_section(self, *, section: DaySection, on: dt.date | Unset = UNSET, officer_id: int | Unset = UNSET, limit: int | Unset = UNSET) -> Iterator[DayLineAnswer]:
        """Every row of `list_day_section`, page by page; `limit` is the size of a page."""
        page = self.list_day_section(section=section, on=on, officer_id=officer_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = self.list_day_section(cursor=page.next_cursor, section=section, on=on, officer_id=officer_id, limit=limit)


class AsyncOperations:
    """The operations of a client for asyncio."""


    async def _send(self, request: Request, kind: Any) -> Any:
        raise NotImplementedError


    async def get_loan(self, *, loan_id: Id) -> LoanAnswer:
        """Read a loan. Gives the loan on the business date. It includes every cycle that has ended by then, billed
        already or not."""
        found: LoanAnswer = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}"), LoanAnswer)
        return found


    async def get_schedule(self, *, loan_id: Id) -> ScheduleAnswer:
        """Read the schedule in force. Gives every instalment. A billed one is shown as it was billed, less principal
        that returned to the plan. The others are shown as they will be if the open bills are paid today and each
        later bill on its billing date."""
        found: ScheduleAnswer = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/schedule"), ScheduleAnswer)
        return found


    async def list_bills(self, *, loan_id: Id) -> list[BillAnswer]:
        """List the bills of a loan. Lists the bills, the oldest first. A bill never changes after it is issued; only
        its unpaid part does."""
        found: list[BillAnswer] = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/bills"), list[BillAnswer])
        return found


    async def get_ledger(self, *, loan_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> LedgerLinePage:
        """Read the ledger of a loan. Lists every transfer in the order of posting. Send `next_cursor` as `cursor` to
        get the next page."""
        found: LedgerLinePage = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/ledger", query={"cursor": cursor, "limit": limit}), LedgerLinePage)
        return found


    async def iter_ledger(self, *, loan_id: Id, limit: int | Unset = UNSET) -> AsyncIterator[LedgerLine]:
        """Every row of `get_ledger`, page by page; `limit` is the size of a page."""
        page = await self.get_ledger(loan_id=loan_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.get_ledger(cursor=page.next_cursor, loan_id=loan_id, limit=limit)


    async def get_payoff(self, *, loan_id: Id, on: dt.date | Unset = UNSET) -> PayoffAnswer:
        """Read the payoff amount. Gives the amount that closes the loan, and its parts, on the business date. With
        `on` it gives the amount on a later day, if nothing is paid before."""
        found: PayoffAnswer = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/payoff", query={"on": on}), PayoffAnswer)
        return found


    async def list_loans(self, *, user_id: Id | Unset = UNSET, status: LoanStatus | Unset = UNSET, product: str | Unset = UNSET, overdue: bool | Unset = UNSET, disbursed_from: dt.date | Unset = UNSET, disbursed_to: dt.date | Unset = UNSET, due_from: dt.date | Unset = UNSET, due_to: dt.date | Unset = UNSET, sort: LoanSort | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> LoanLinePage:
        """List loans. Lists loans as the last billing run left them: a customer's own, or for staff those of all
        customers. All filters apply together. Send `next_cursor` as `cursor`, with the same filters and sort, to
        get the next page."""
        found: LoanLinePage = await self._send(Request(method="GET", path="/api/v1/loans", query={"user_id": user_id, "status": status, "product": product, "overdue": overdue, "disbursed_from": disbursed_from, "disbursed_to": disbursed_to, "due_from": due_from, "due_to": due_to, "sort": sort, "cursor": cursor, "limit": limit}), LoanLinePage)
        return found


    async def iter_loans(self, *, user_id: Id | Unset = UNSET, status: LoanStatus | Unset = UNSET, product: str | Unset = UNSET, overdue: bool | Unset = UNSET, disbursed_from: dt.date | Unset = UNSET, disbursed_to: dt.date | Unset = UNSET, due_from: dt.date | Unset = UNSET, due_to: dt.date | Unset = UNSET, sort: LoanSort | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[LoanLine]:
        """Every row of `list_loans`, page by page; `limit` is the size of a page."""
        page = await self.list_loans(user_id=user_id, status=status, product=product, overdue=overdue, disbursed_from=disbursed_from, disbursed_to=disbursed_to, due_from=due_from, due_to=due_to, sort=sort, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_loans(cursor=page.next_cursor, user_id=user_id, status=status, product=product, overdue=overdue, disbursed_from=disbursed_from, disbursed_to=disbursed_to, due_from=due_from, due_to=due_to, sort=sort, limit=limit)


    async def take_payment(self, *, loan_id: Id, amount: Amount, payment_method: str | None | Unset = UNSET, reference_id: str | None | Unset = UNSET, value_date: dt.date | None | Unset = UNSET, instalment: int | None | Unset = UNSET, as_: TreatAs | Unset = UNSET, idempotency_key: str | None = None) -> PaymentAnswer:
        """Pay an instalment, in advance, or principal. Settles open bills first, the oldest before the others; what is
        left is an advance up to the next instalment, and prepays principal beyond it. What is more than the payoff
        is refused, or owed to the borrower, as the product says. On a loan that was written off, send it as a
        `recovery`. The same `reference_id` on the same loan is one payment for ever."""
        found: PaymentAnswer = await self._send(Request(method="POST", path="/api/v1/loans/payments", body={"loan_id": loan_id, "amount": amount, "payment_method": payment_method, "reference_id": reference_id, "value_date": value_date, "instalment": instalment, "as": as_}, is_keyed=True, key=idempotency_key), PaymentAnswer)
        return found


    async def reverse_payment(self, *, payment_id: Id, reason: str, cause: ReversalCause | Unset = UNSET, idempotency_key: str | None = None) -> ReversalAnswer:
        """Take back a payment that bounced. The loan stands as if the payment had never come: bills stay as they were
        issued, and the difference of interest and late charges is posted today. A loan that the payment had closed
        is open again. A returned payment costs the product's bounce charge, which the next bill demands."""
        found: ReversalAnswer = await self._send(Request(method="POST", path=f"/api/v1/payments/{quote(str(payment_id), safe='')}/reverse", body={"reason": reason, "cause": cause}, is_keyed=True, key=idempotency_key), ReversalAnswer)
        return found


    async def list_payments(self, *, user_id: Id | Unset = UNSET, loan_id: Id | Unset = UNSET, reference_id: str | Unset = UNSET, booked_from: dt.date | Unset = UNSET, booked_to: dt.date | Unset = UNSET, reversed: bool | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> PaymentLinePage:
        """List payments. Lists payments, the newest first: a customer's own, or for staff those of all customers. All
        filters apply together. Send `next_cursor` as `cursor`, with the same filters, to get the next page."""
        found: PaymentLinePage = await self._send(Request(method="GET", path="/api/v1/payments", query={"user_id": user_id, "loan_id": loan_id, "reference_id": reference_id, "booked_from": booked_from, "booked_to": booked_to, "reversed": reversed, "cursor": cursor, "limit": limit}), PaymentLinePage)
        return found


    async def iter_payments(self, *, user_id: Id | Unset = UNSET, loan_id: Id | Unset = UNSET, reference_id: str | Unset = UNSET, booked_from: dt.date | Unset = UNSET, booked_to: dt.date | Unset = UNSET, reversed: bool | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[PaymentLine]:
        """Every row of `list_payments`, page by page; `limit` is the size of a page."""
        page = await self.list_payments(user_id=user_id, loan_id=loan_id, reference_id=reference_id, booked_from=booked_from, booked_to=booked_to, reversed=reversed, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_payments(cursor=page.next_cursor, user_id=user_id, loan_id=loan_id, reference_id=reference_id, booked_from=booked_from, booked_to=booked_to, reversed=reversed, limit=limit)


    async def get_payment(self, *, payment_id: Id) -> PaymentDetails:
        """Read a payment. Gives the payment as it was taken, and what it settles as the books stand now."""
        found: PaymentDetails = await self._send(Request(method="GET", path=f"/api/v1/payments/{quote(str(payment_id), safe='')}"), PaymentDetails)
        return found


    async def list_loan_charges(self, *, loan_id: Id) -> ChargesAnswer:
        """List the charges of a loan. Gives the charges that the product names, and every charge that was posted, the
        oldest first."""
        found: ChargesAnswer = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/charges"), ChargesAnswer)
        return found


    async def book_charge(self, *, loan_id: Id, charge: str, reason: str, idempotency_key: str | None = None) -> BookedAnswer:
        """Book a charge that the product names. Books a charge for a service or an event, such as a duplicate
        statement: its amount is the product's, its tax that of the day. The next bill demands it. It can be waived,
        and taken back if its cause is undone. Send an Idempotency-Key: it is required."""
        found: BookedAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/charges", body={"charge": charge, "reason": reason}, is_keyed=True, key=idempotency_key), BookedAnswer)
        return found


    async def simulate_charge(self, *, loan_id: Id, charge: str) -> BookedAnswer:
        """Simulate a charge of a loan. Gives what a charge would come to today with its tax, and what the loan would
        owe. Nothing is written."""
        found: BookedAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/charges/simulate", body={"charge": charge}), BookedAnswer)
        return found


    async def take_back_charge(self, *, loan_id: Id, charge_id: int, reason: str, idempotency_key: str | None = None) -> TakeBackAnswer:
        """Take back a charge whose cause was undone. The loan stands as if the charge had never been booked. What was
        paid of it pays something else. To forgive a charge that was due, propose a waiver."""
        found: TakeBackAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/charges/{quote(str(charge_id), safe='')}/take-back", body={"reason": reason}, is_keyed=True, key=idempotency_key), TakeBackAnswer)
        return found


    async def get_statement(self, *, loan_id: Id, language: Language | Unset = UNSET) -> StatementAnswer:
        """Read the statement of a loan. Gives every instalment with its status, every payment with its parts, and the
        coming instalments. The answer is JSON, a PDF or a CSV file: choose it in `Accept`, or with `format`."""
        found: StatementAnswer = await self._send(Request(method="GET", path="/api/v1/statements", query={"loan_id": loan_id, "language": language}), StatementAnswer)
        return found


    async def sign_in(self, *, username: str, password: str) -> TokenAnswer:
        """Sign in. Gives a pair of tokens for an e-mail address and a password, for customers and for staff. The body
        is an OAuth2 password form: put the e-mail address in `username`."""
        found: TokenAnswer = await self._send(Request(method="POST", path="/api/v1/auth/token", form={"username": username, "password": password}), TokenAnswer)
        return found


    async def refresh_tokens(self, *, refresh_token: str) -> TokenAnswer:
        """Renew the tokens. Gives a new pair of tokens for a refresh token, which works once. If it is sent again more
        than ten seconds later, every token of that sign-in is revoked: sign in again."""
        found: TokenAnswer = await self._send(Request(method="POST", path="/api/v1/auth/refresh", body={"refresh_token": refresh_token}), TokenAnswer)
        return found


    async def change_password(self, *, current_password: str | None | Unset = UNSET, new_password: str) -> TokenAnswer:
        """Set or change the password. Sets the new password and revokes every earlier token of the caller. The answer
        holds a new pair."""
        found: TokenAnswer = await self._send(Request(method="PUT", path="/api/v1/auth/password", body={"current_password": current_password, "new_password": new_password}), TokenAnswer)
        return found


    async def sign_out(self, *, refresh_token: str) -> None:
        """Sign out. Revokes every refresh token of that sign-in. The access token stays valid until it expires."""
        await self._send(Request(method="POST", path="/api/v1/auth/logout", body={"refresh_token": refresh_token}), None)


    async def sign_out_everywhere(self) -> None:
        """Sign out everywhere. Revokes every token of the caller at once, on every device."""
        await self._send(Request(method="POST", path="/api/v1/auth/logout-everywhere"), None)


    async def list_services(self) -> ServicesAnswer:
        """List the services. Lists every service, revoked ones included, without their tokens."""
        found: ServicesAnswer = await self._send(Request(method="GET", path="/api/v1/auth/service-tokens"), ServicesAnswer)
        return found


    async def create_service(self, *, name: str, scopes: Sequence[ServiceScope], days: int | Unset = UNSET) -> NewServiceAnswer:
        """Make a service and its token. Makes a service and its token. The token may call the routes of its scopes,
        for every customer."""
        found: NewServiceAnswer = await self._send(Request(method="POST", path="/api/v1/auth/service-tokens", body={"name": name, "scopes": scopes, "days": days}), NewServiceAnswer)
        return found


    async def revoke_service(self, *, service_id: int) -> None:
        """Revoke a service's token. Revokes the token: the service's next call is refused. Revoking it again changes
        nothing."""
        await self._send(Request(method="DELETE", path=f"/api/v1/auth/service-tokens/{quote(str(service_id), safe='')}"), None)


    async def list_customers(self, *, phone: str | Unset = UNSET, email: str | Unset = UNSET, external_id: str | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> UserLinePage:
        """List customers. Lists registered customers in the order of their numbers, for staff. All filters apply
        together. To keep a phone number or an e-mail address out of the logs of proxies, use `POST
        /api/v1/users/search`."""
        found: UserLinePage = await self._send(Request(method="GET", path="/api/v1/users", query={"phone": phone, "email": email, "external_id": external_id, "cursor": cursor, "limit": limit}), UserLinePage)
        return found


    async def iter_customers(self, *, phone: str | Unset = UNSET, email: str | Unset = UNSET, external_id: str | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[UserLine]:
        """Every row of `list_customers`, page by page; `limit` is the size of a page."""
        page = await self.list_customers(phone=phone, email=email, external_id=external_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_customers(cursor=page.next_cursor, phone=phone, email=email, external_id=external_id, limit=limit)


    async def search_customers(self, *, aadhar_id: str | None | Unset = UNSET, phone: str | None | Unset = UNSET, email: str | None | Unset = UNSET, external_id: str | None | Unset = UNSET) -> FoundAnswer:
        """Search customers by an Aadhaar number or other values. Finds customers for staff. An Aadhaar number is never
        compared itself, only its keyed hash. The audit trail keeps who searched and by which fields, never the
        values."""
        found: FoundAnswer = await self._send(Request(method="POST", path="/api/v1/users/search", body={"aadhar_id": aadhar_id, "phone": phone, "email": email, "external_id": external_id}), FoundAnswer)
        return found


    async def register_customer(self, *, aadhar_id: str, name: str, email: str, annual_income: Amount | None | Unset = UNSET, employment_type: str | None | Unset = UNSET, phone: str | None | Unset = UNSET, address: str | None | Unset = UNSET, age: int | None | Unset = UNSET, password: str | None | Unset = UNSET, external_id: str | None | Unset = UNSET) -> RegisterAnswer:
        """Register a customer. Registers a customer. No token is needed. Each Aadhaar number and each e-mail address
        can be registered once."""
        found: RegisterAnswer = await self._send(Request(method="POST", path="/api/v1/users/register", body={"aadhar_id": aadhar_id, "name": name, "email": email, "annual_income": annual_income, "employment_type": employment_type, "phone": phone, "address": address, "age": age, "password": password, "external_id": external_id}), RegisterAnswer)
        return found


    async def get_customer(self, *, user_id: Id) -> UserAnswer:
        """Read a customer. Gives a customer's data, to the customer and to staff."""
        found: UserAnswer = await self._send(Request(method="GET", path=f"/api/v1/users/{quote(str(user_id), safe='')}"), UserAnswer)
        return found


    async def change_customer(self, *, user_id: Id, name: str | None | Unset = UNSET, email: str | None | Unset = UNSET, phone: str | None | Unset = UNSET, address: str | None | Unset = UNSET, age: int | None | Unset = UNSET, employment_type: str | None | Unset = UNSET, gst_state: str | None | Unset = UNSET, annual_income: Amount | None | Unset = UNSET) -> UserAnswer:
        """Change a customer's data. Changes the given values and answers all of them. The audit trail keeps who
        changed which fields. The approved limit stays: a new one is proposed (`POST /api/v1/proposals`)."""
        found: UserAnswer = await self._send(Request(method="PATCH", path=f"/api/v1/users/{quote(str(user_id), safe='')}", body={"name": name, "email": email, "phone": phone, "address": address, "age": age, "employment_type": employment_type, "gst_state": gst_state, "annual_income": annual_income}), UserAnswer)
        return found


    async def reveal_aadhaar(self, *, user_id: Id, reason: str) -> RevealAnswer:
        """Reveal an Aadhaar number. Gives the whole Aadhaar number to an admin, or to a service with the scope
        `identity:reveal`, and audits it. Every other route shows it as `XXXX XXXX 9012`."""
        found: RevealAnswer = await self._send(Request(method="POST", path=f"/api/v1/users/{quote(str(user_id), safe='')}/aadhaar/reveal", body={"reason": reason}), RevealAnswer)
        return found


    async def get_score(self, *, user_id: Id) -> ScoreAnswer:
        """Read a credit score. Gives the latest score, from 300 to 900. A background job computes it from the
        customer's bank transactions."""
        found: ScoreAnswer = await self._send(Request(method="GET", path="/api/v1/credit/scores", query={"user_id": user_id}), ScoreAnswer)
        return found


    async def replay_score(self, *, score_id: Id) -> ReplayAnswer:
        """Replay a credit score. Computes a stored score again from its stored facts and its version of the scorecard.
        Nothing is stored. The result is always the same as the stored score; if `same` is false, report it."""
        found: ReplayAnswer = await self._send(Request(method="POST", path=f"/api/v1/credit/scores/{quote(str(score_id), safe='')}/replay"), ReplayAnswer)
        return found


    async def list_products(self) -> list[ProductAnswer]:
        """List the products on offer. Lists the version of each product that is on offer on the business date, in the
        order of the codes."""
        found: list[ProductAnswer] = await self._send(Request(method="GET", path="/api/v1/products"), list[ProductAnswer])
        return found


    async def add_product_version(self, *, code: str, offered_from: dt.date, terms: dict[str, Any]) -> ProductAnswer:
        """Add a version of a product. Adds the next version of a product, on offer from a given day. It cannot be
        changed later. Loans keep the version that they were made under."""
        found: ProductAnswer = await self._send(Request(method="POST", path="/api/v1/products", body={"code": code, "offered_from": offered_from, "terms": terms}), ProductAnswer)
        return found


    async def list_applications(self, *, user_id: Id | Unset = UNSET, status: ApplicationStatus | Unset = UNSET, product: str | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> ApplicationLinePage:
        """List applications. Lists applications, the newest first: a customer's own, or for staff those of all
        customers. All filters apply together. Send `next_cursor` as `cursor`, with the same filters, to get the
        next page."""
        found: ApplicationLinePage = await self._send(Request(method="GET", path="/api/v1/applications", query={"user_id": user_id, "status": status, "product": product, "cursor": cursor, "limit": limit}), ApplicationLinePage)
        return found


    async def iter_applications(self, *, user_id: Id | Unset = UNSET, status: ApplicationStatus | Unset = UNSET, product: str | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[ApplicationLine]:
        """Every row of `list_applications`, page by page; `limit` is the size of a page."""
        page = await self.list_applications(user_id=user_id, status=status, product=product, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_applications(cursor=page.next_cursor, user_id=user_id, status=status, product=product, limit=limit)


    async def apply_for_loan(self, *, user_id: Id, product: str, amount: Amount | None | Unset = UNSET, tenure_months: int | None | Unset = UNSET, purpose: str | None | Unset = UNSET, annual_rate: Amount | None | Unset = UNSET, first_due_on: dt.date | None | Unset = UNSET, every: int | None | Unset = UNSET, frequency: Frequency | None | Unset = UNSET, idempotency_key: str | None = None) -> ApplicationAnswer:
        """Apply for a loan or a card. Decides the application at once. If it is approved, the loan is made and
        disbursed. Where the product asks that the borrower accepts the key facts first, the status is `offered`:
        read them, and accept them in time. `score_not_available` (409) is not a refusal: apply again when the score
        is available. If the same application comes again within a minute, the answer is the first one's result.
        Send a new Idempotency-Key to make a second application."""
        found: ApplicationAnswer = await self._send(Request(method="POST", path="/api/v1/loans/apply", body={"user_id": user_id, "product": product, "amount": amount, "tenure_months": tenure_months, "purpose": purpose, "annual_rate": annual_rate, "first_due_on": first_due_on, "every": every, "frequency": frequency}, is_keyed=True, key=idempotency_key), ApplicationAnswer)
        return found


    async def get_application(self, *, application_id: Id) -> ApplicationAnswer:
        """Read an application. Gives the status (pending, offered, approved, refused or expired), the reasons and the
        loan."""
        found: ApplicationAnswer = await self._send(Request(method="GET", path=f"/api/v1/applications/{quote(str(application_id), safe='')}"), ApplicationAnswer)
        return found


    async def quote_loan(self, *, language: Language | Unset = UNSET, amount: Amount, annual_rate: Amount, instalments: int, disbursed_on: dt.date, every: int | Unset = UNSET, frequency: Frequency | Unset = UNSET, amortisation: Amortisation | Unset = UNSET, interest_basis: InterestBasis | Unset = UNSET, day_count: DayCount | Unset = UNSET, first_due_on: dt.date | None | Unset = UNSET, due_day: int | None | Unset = UNSET, odd_first_period: OddFirstPeriod | None | Unset = UNSET, rounding: RoundingBody | Unset = UNSET, interest_rounding: RoundingBody | None | Unset = UNSET, moratorium: MoratoriumBody | None | Unset = UNSET, balloon: Amount | Unset = UNSET, disbursals: Sequence[FlowBody] | Unset = UNSET, fees: Sequence[FeeBody] | Unset = UNSET) -> QuoteAnswer:
        """Quote a loan. Computes the schedule and the cost of any loan, whether a product offers it or not. Nothing is
        stored. Ask for a PDF, in `Accept` or with `format`, to get the RBI's key facts statement."""
        found: QuoteAnswer = await self._send(Request(method="POST", path="/api/v1/loans/quote", query={"language": language}, body={"amount": amount, "annual_rate": annual_rate, "instalments": instalments, "disbursed_on": disbursed_on, "every": every, "frequency": frequency, "amortisation": amortisation, "interest_basis": interest_basis, "day_count": day_count, "first_due_on": first_due_on, "due_day": due_day, "odd_first_period": odd_first_period, "rounding": rounding, "interest_rounding": interest_rounding, "moratorium": moratorium, "balloon": balloon, "disbursals": disbursals, "fees": fees}), QuoteAnswer)
        return found


    async def compute_apr(self, *, advances: Sequence[FlowBody], payments: Sequence[FlowBody], convention: AprConvention | Unset = UNSET, frequency: Frequency | Unset = UNSET, every: int | Unset = UNSET) -> AprOfFlows:
        """Compute the APR of cash flows. Computes the annual percentage rate by the given convention. The request is
        refused, with a code of its own, if the flows have no rate, have several rates, or go in one direction only."""
        found: AprOfFlows = await self._send(Request(method="POST", path="/api/v1/loans/apr", body={"advances": advances, "payments": payments, "convention": convention, "frequency": frequency, "every": every}), AprOfFlows)
        return found


    async def explain_interest(self, *, loan_id: Id, from_: dt.date | Unset = UNSET, to: dt.date | Unset = UNSET) -> ExplanationAnswer:
        """Explain the interest of a loan. Shows how the interest was computed, from the day `from` up to the day `to`,
        which is not included. The default is the time from the disbursal to the business date."""
        found: ExplanationAnswer = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/explain", query={"from": from_, "to": to}), ExplanationAnswer)
        return found


    async def simulate_change(self, *, loan_id: Id, kind: SimulationKind, amount: Amount | None | Unset = UNSET, annual_rate: Amount | None | Unset = UNSET, on: dt.date | None | Unset = UNSET, as_: TreatAs | Unset = UNSET) -> SimulationAnswer:
        """Simulate a payment, a payoff or a rate. Computes what a payment, a prepayment, a payoff or a rate would do.
        Nothing is stored. For a prepayment the answer has one alternative for each way of re-planning that the
        product offers."""
        found: SimulationAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/simulate", body={"kind": kind, "amount": amount, "annual_rate": annual_rate, "on": on, "as": as_}), SimulationAnswer)
        return found


    async def get_delinquency(self, *, loan_id: Id, on: dt.date | Unset = UNSET, as_known_on: dt.date | Unset = UNSET) -> DelinquencyAnswer:
        """Days past due and class of a loan. Gives the days past due and the asset class of a loan at a day-end, why
        they are so, and every change until then. With `as_known_on`, payments that were entered or reversed later
        do not count."""
        found: DelinquencyAnswer = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/delinquency", query={"on": on, "as_known_on": as_known_on}), DelinquencyAnswer)
        return found


    async def get_card_of_loan(self, *, loan_id: Id) -> CardAnswer:
        """Read the card of a loan. Gives the card that was issued with the loan. The status is 404 if the loan's
        product issues no card."""
        found: CardAnswer = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/card"), CardAnswer)
        return found


    async def get_card(self, *, token: str) -> CardAnswer:
        """Read a card. Gives the card to its holder and to staff."""
        found: CardAnswer = await self._send(Request(method="GET", path=f"/api/v1/cards/{quote(str(token), safe='')}"), CardAnswer)
        return found


    async def block_card(self, *, token: str) -> CardAnswer:
        """Block a card. Blocks the card, for its holder or for staff. Blocking a blocked card changes nothing."""
        found: CardAnswer = await self._send(Request(method="POST", path=f"/api/v1/cards/{quote(str(token), safe='')}/block"), CardAnswer)
        return found


    async def unblock_card(self, *, token: str) -> CardAnswer:
        """Unblock a card. Unblocks the card, for its holder or for staff. Only staff can remove a block that staff
        set."""
        found: CardAnswer = await self._send(Request(method="POST", path=f"/api/v1/cards/{quote(str(token), safe='')}/unblock"), CardAnswer)
        return found


    async def set_controls(self, *, token: str, per_transaction: Amount | None | Unset = UNSET, per_day: Amount | None | Unset = UNSET, purchases: bool | Unset = UNSET, cash: bool | Unset = UNSET, online: bool | Unset = UNSET, blocked_categories: Sequence[str] | Unset = UNSET, countries: Sequence[str] | Unset = UNSET) -> CardAnswer:
        """Set what a card may do. Sets the spending controls of the card: an authorisation beyond them is declined."""
        found: CardAnswer = await self._send(Request(method="PUT", path=f"/api/v1/cards/{quote(str(token), safe='')}/controls", body={"per_transaction": per_transaction, "per_day": per_day, "purchases": purchases, "cash": cash, "online": online, "blocked_categories": blocked_categories, "countries": countries}), CardAnswer)
        return found


    async def replace_card(self, *, token: str, idempotency_key: str | None = None) -> CardAnswer:
        """Replace a lost card. Ends the card for ever and issues another one on the same account."""
        found: CardAnswer = await self._send(Request(method="POST", path=f"/api/v1/cards/{quote(str(token), safe='')}/replace", is_keyed=True, key=idempotency_key), CardAnswer)
        return found


    async def authorise_card(self, *, account_id: Id, reference: str, amount: Amount, kind: SpendKind, merchant: Merchant, card_token: str, transacted_at: dt.datetime, online: bool | Unset = UNSET) -> AuthorisationAnswer:
        """Authorise a card transaction. Approves and holds the amount, or declines with a code. The same reference is
        answered with the first answer for ever; with another amount it is refused."""
        found: AuthorisationAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/authorisations", body={"reference": reference, "amount": amount, "kind": kind, "merchant": merchant, "card_token": card_token, "transacted_at": transacted_at, "online": online}), AuthorisationAnswer)
        return found


    async def list_authorisations(self, *, account_id: Id, limit: int | Unset = UNSET) -> list[AuthorisationAnswer]:
        """List authorisations. Gives the latest authorisations. `available` is what was available after each."""
        found: list[AuthorisationAnswer] = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/authorisations", query={"limit": limit}), list[AuthorisationAnswer])
        return found


    async def capture_authorisation(self, *, account_id: Id, authorisation: str, reference: str, amount: Amount, final: bool | Unset = UNSET, transacted_on: dt.date | None | Unset = UNSET, merchant: str | None | Unset = UNSET, currency: str | Unset = UNSET) -> MovementAnswer:
        """Capture an authorisation. Posts the clearing and lets go of so much of the hold. More than the hold is
        refused, beyond what the product allows. An expired authorisation is captured all the same."""
        found: MovementAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/captures", body={"authorisation": authorisation, "reference": reference, "amount": amount, "final": final, "transacted_on": transacted_on, "merchant": merchant, "currency": currency}), MovementAnswer)
        return found


    async def reverse_authorisation(self, *, account_id: Id, authorisation: str) -> AuthorisationAnswer:
        """Reverse an authorisation. Lets go of the hold. A second time changes nothing."""
        found: AuthorisationAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/reversals", body={"authorisation": authorisation}), AuthorisationAnswer)
        return found


    async def post_card_clearing(self, *, account_id: Id, reference: str, amount: Amount, kind: SpendKind | Unset = UNSET, transacted_on: dt.date | None | Unset = UNSET, merchant: str | None | Unset = UNSET, card_token: str | None | Unset = UNSET, currency: str | Unset = UNSET) -> MovementAnswer:
        """Post a clearing. Posts a purchase or a cash advance without an authorisation. It may go over the limit."""
        found: MovementAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/postings", body={"reference": reference, "amount": amount, "kind": kind, "transacted_on": transacted_on, "merchant": merchant, "card_token": card_token, "currency": currency}), MovementAnswer)
        return found


    async def list_card_postings(self, *, account_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardPostingAnswerPage:
        """List what moved a card account. Gives the postings in order."""
        found: CardPostingAnswerPage = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/postings", query={"cursor": cursor, "limit": limit}), CardPostingAnswerPage)
        return found


    async def iter_card_postings(self, *, account_id: Id, limit: int | Unset = UNSET) -> AsyncIterator[CardPostingAnswer]:
        """Every row of `list_card_postings`, page by page; `limit` is the size of a page."""
        page = await self.list_card_postings(account_id=account_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_card_postings(cursor=page.next_cursor, account_id=account_id, limit=limit)


    async def undo_card_posting(self, *, account_id: Id, posting: int, reason: str, amount: Amount | None | Unset = UNSET, idempotency_key: str | None = None) -> MovementAnswer:
        """Return a payment or reverse a purchase. The account stands as if the payment or the purchase had never been
        made: it is lived again. Statements stay, and the differences of interest, fees and tax are posted today."""
        found: MovementAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/postings/{quote(str(posting), safe='')}/undo", body={"reason": reason, "amount": amount}, is_keyed=True, key=idempotency_key), MovementAnswer)
        return found


    async def pay_card_account(self, *, account_id: Id, amount: Amount, reference: str, value_date: dt.date | None | Unset = UNSET) -> MovementAnswer:
        """Pay a card account. Settles what was billed before what was not, tax, fees and interest first; what is more
        than everything is a credit balance. An earlier value date lives the account again. Of an account that was
        charged off it is a recovery: income of the lender, up to what was lost."""
        found: MovementAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/payments", body={"amount": amount, "reference": reference, "value_date": value_date}), MovementAnswer)
        return found


    async def refund_card_purchase(self, *, account_id: Id, amount: Amount, reference: str, purchase: int | None | Unset = UNSET, refunded_on: dt.date | None | Unset = UNSET, merchant: str | None | Unset = UNSET) -> MovementAnswer:
        """Post a refund. Lowers the purchase from the refund's date; what is more than is left of it is used like a
        payment. A closed account takes it too, as a credit balance, which a proposal `card_refund` pays back; one
        that was charged off as a recovery. Of a purchase in a foreign currency a part of the mark-up goes too."""
        found: MovementAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/refunds", body={"amount": amount, "reference": reference, "purchase": purchase, "refunded_on": refunded_on, "merchant": merchant}), MovementAnswer)
        return found


    async def pay_out_card_credit(self, *, account_id: Id, amount: Amount | None | Unset = UNSET, idempotency_key: str | None = None) -> MovementAnswer:
        """Pay a credit balance out. Pays the credit balance to the holder's bank account."""
        found: MovementAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/payouts", body={"amount": amount}, is_keyed=True, key=idempotency_key), MovementAnswer)
        return found


    async def keep_card_credit(self, *, account_id: Id) -> KeptCredit:
        """Keep a refund as credit. Answers the question what becomes of a refund of a purchase that was paid for.
        Without an answer it is paid to the bank account after seven days."""
        found: KeptCredit = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/credits/keep"), KeptCredit)
        return found


    async def open_card_account(self, *, user_id: Id, product: str | Unset = UNSET, limit: Amount, statement_day: int, cardholder: str | None | Unset = UNSET, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Open a card account. Opens an account with its first card on the business date. A customer applies with
        `POST /loans/apply` instead: the decision opens the account."""
        found: CardAccountAnswer = await self._send(Request(method="POST", path="/api/v1/card-accounts", body={"user_id": user_id, "product": product, "limit": limit, "statement_day": statement_day, "cardholder": cardholder}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    async def list_card_accounts(self, *, user_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardAccountAnswerPage:
        """List the card accounts of a customer. Gives the accounts in the order in which they were opened."""
        found: CardAccountAnswerPage = await self._send(Request(method="GET", path="/api/v1/card-accounts", query={"user_id": user_id, "cursor": cursor, "limit": limit}), CardAccountAnswerPage)
        return found


    async def iter_card_accounts(self, *, user_id: Id, limit: int | Unset = UNSET) -> AsyncIterator[CardAccountAnswer]:
        """Every row of `list_card_accounts`, page by page; `limit` is the size of a page."""
        page = await self.list_card_accounts(user_id=user_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_card_accounts(cursor=page.next_cursor, user_id=user_id, limit=limit)


    async def get_card_account(self, *, account_id: Id) -> CardAccountAnswer:
        """Read a card account. Gives limit, balances, what is available and due, and how late the account is, on the
        business date."""
        found: CardAccountAnswer = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}"), CardAccountAnswer)
        return found


    async def list_account_cards(self, *, account_id: Id) -> list[CardAnswer]:
        """List the cards of a card account. Gives the cards that draw on the account, the oldest first."""
        found: list[CardAnswer] = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/cards"), list[CardAnswer])
        return found


    async def add_account_card(self, *, account_id: Id, name: str, idempotency_key: str | None = None) -> CardAnswer:
        """Issue an add-on card. Issues another card that draws on the same line."""
        found: CardAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/cards", body={"name": name}, is_keyed=True, key=idempotency_key), CardAnswer)
        return found


    async def list_card_ledger(self, *, account_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardLedgerLinePage:
        """List the books of a card account. Gives the transfers in order. Each debits one account and credits another."""
        found: CardLedgerLinePage = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/ledger", query={"cursor": cursor, "limit": limit}), CardLedgerLinePage)
        return found


    async def iter_card_ledger(self, *, account_id: Id, limit: int | Unset = UNSET) -> AsyncIterator[CardLedgerLine]:
        """Every row of `list_card_ledger`, page by page; `limit` is the size of a page."""
        page = await self.list_card_ledger(account_id=account_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_card_ledger(cursor=page.next_cursor, account_id=account_id, limit=limit)


    async def show_what_if(self, *, account_id: Id, amount: Amount | Unset = UNSET) -> list[CardOutlookAnswer]:
        """What would happen. Lives the account ahead on a copy, without further spending: paying only the minimum on
        each due date, and, where an amount is given, paying that amount."""
        found: list[CardOutlookAnswer] = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/what-if", query={"amount": amount}), list[CardOutlookAnswer])
        return found


    async def show_closing_quote(self, *, account_id: Id, on: dt.date | Unset = UNSET) -> CardClosingQuoteAnswer:
        """What closes a card account. Gives what must be paid on a day (default: the business date) so that nothing is
        owed."""
        found: CardClosingQuoteAnswer = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/closing-quote", query={"on": on}), CardClosingQuoteAnswer)
        return found


    async def show_foreclosure_quote(self, *, account_id: Id, plan: int, on: dt.date | Unset = UNSET) -> CardForeclosureQuoteAnswer:
        """What a plan costs to foreclose. Gives what foreclosing a plan on a day (default: the business date) makes
        due, with its interest, fee and tax."""
        found: CardForeclosureQuoteAnswer = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/plans/{quote(str(plan), safe='')}/foreclosure-quote", query={"on": on}), CardForeclosureQuoteAnswer)
        return found


    async def convert_card_purchase(self, *, account_id: Id, purchase: int, instalments: int, annual_rate: Amount | None | Unset = UNSET, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Convert a purchase to instalments. What is unpaid of the purchase becomes a plan, of which each statement
        bills one instalment. What an issued statement asks for is worked out again without it."""
        found: CardAccountAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/conversions", body={"purchase": purchase, "instalments": instalments, "annual_rate": annual_rate}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    async def foreclose_card_plan(self, *, account_id: Id, plan: int, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Foreclose an instalment plan. What is left of the plan is due at once, with its interest up to today and the
        product's fee."""
        found: CardAccountAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/plans/{quote(str(plan), safe='')}/foreclose", is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    async def dispute_card_posting(self, *, account_id: Id, posting: int, amount: Amount | None | Unset = UNSET, reason: str, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Dispute a purchase. What is unpaid of it is set aside: no interest, and in no total or minimum. It still
        uses the limit."""
        found: CardAccountAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/disputes", body={"posting": posting, "amount": amount, "reason": reason}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    async def decide_card_dispute(self, *, account_id: Id, dispute: int, winner: Literal["holder", "merchant"], reason: str, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Decide a dispute. For the merchant: the amount is owed from today. For the holder: a reversal, of what was
        already paid too."""
        found: CardAccountAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/disputes/{quote(str(dispute), safe='')}/decide", body={"winner": winner, "reason": reason}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    async def change_card_limit(self, *, account_id: Id, limit: Amount, requested: bool | Unset = UNSET) -> CardAccountAnswer:
        """Change the limit. Raises the limit only on the holder's recorded request; without one, two people decide it
        (`/proposals`). Lowers it at once, never below what is owed and held."""
        found: CardAccountAnswer = await self._send(Request(method="PUT", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/limit", body={"limit": limit, "requested": requested}), CardAccountAnswer)
        return found


    async def consent_over_limit(self, *, account_id: Id, consents: bool) -> CardAccountAnswer:
        """Consent to go over the limit. Records the holder's consent, or that it is withdrawn. Without it nothing is
        approved over the limit."""
        found: CardAccountAnswer = await self._send(Request(method="PUT", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/over-limit-consent", body={"consents": consents}), CardAccountAnswer)
        return found


    async def block_card_account(self, *, account_id: Id) -> CardAccountAnswer:
        """Block a card account. Declines every authorisation from now on. Blocking a blocked account changes nothing."""
        found: CardAccountAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/block"), CardAccountAnswer)
        return found


    async def unblock_card_account(self, *, account_id: Id) -> CardAccountAnswer:
        """Unblock a card account. Only staff can remove a block that staff set."""
        found: CardAccountAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/unblock"), CardAccountAnswer)
        return found


    async def preview_statement_day(self, *, account_id: Id, statement_day: int) -> DayMoveAnswer:
        """What moving the statement day means. Shows where the open cycle would end, and the longest interest-free
        time, before it is confirmed."""
        found: DayMoveAnswer = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/statement-day", query={"statement_day": statement_day}), DayMoveAnswer)
        return found


    async def move_statement_day(self, *, account_id: Id, statement_day: int) -> CardAccountAnswer:
        """Move the statement day. The open cycle ends on the first new day on or after the date on which it would have
        ended."""
        found: CardAccountAnswer = await self._send(Request(method="PUT", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/statement-day", body={"statement_day": statement_day}), CardAccountAnswer)
        return found


    async def want_every_statement(self, *, account_id: Id, always: bool) -> CardAccountAnswer:
        """Get a statement every month. Whether a statement comes although nothing is owed and nothing moved."""
        found: CardAccountAnswer = await self._send(Request(method="PUT", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/always-statement", body={"always": always}), CardAccountAnswer)
        return found


    async def tell_card_terms(self, *, account_id: Id, version: int, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Tell the holder of new terms. A new rate or fee begins on the day after a statement, a month after it was
        told."""
        found: CardAccountAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/terms", body={"version": version}, is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    async def close_card_account(self, *, account_id: Id, idempotency_key: str | None = None) -> CardAccountAnswer:
        """Close a card account. Closes the account when nothing is owed and nothing is held: pay what `closing-quote`
        names first. A credit balance is paid out."""
        found: CardAccountAnswer = await self._send(Request(method="POST", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/closing", is_keyed=True, key=idempotency_key), CardAccountAnswer)
        return found


    async def list_card_payments(self, *, user_id: Id | Unset = UNSET, account_id: Id | Unset = UNSET, reference: str | Unset = UNSET, posted_from: dt.date | Unset = UNSET, posted_to: dt.date | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardPaymentLinePage:
        """List payments to card accounts. Lists payments, the newest first: a customer's own, or for staff those of
        all customers. All filters apply together. Send `next_cursor` as `cursor`, with the same filters, to get the
        next page."""
        found: CardPaymentLinePage = await self._send(Request(method="GET", path="/api/v1/card-payments", query={"user_id": user_id, "account_id": account_id, "reference": reference, "posted_from": posted_from, "posted_to": posted_to, "cursor": cursor, "limit": limit}), CardPaymentLinePage)
        return found


    async def iter_card_payments(self, *, user_id: Id | Unset = UNSET, account_id: Id | Unset = UNSET, reference: str | Unset = UNSET, posted_from: dt.date | Unset = UNSET, posted_to: dt.date | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[CardPaymentLine]:
        """Every row of `list_card_payments`, page by page; `limit` is the size of a page."""
        page = await self.list_card_payments(user_id=user_id, account_id=account_id, reference=reference, posted_from=posted_from, posted_to=posted_to, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_card_payments(cursor=page.next_cursor, user_id=user_id, account_id=account_id, reference=reference, posted_from=posted_from, posted_to=posted_to, limit=limit)


    async def make_proposal(self, *, body: WriteOffBody | WaiverBody | LimitBody | CardLimitProposalBody | CardChargeOffBody | CardCreditBody | CardRefundProposalBody | RefundBody | RestructureBody | TopUpBody, idempotency_key: str | None = None) -> ProposalAnswer:
        """Propose a write-off, a waiver, a refund, a credit, a change or a new limit. Stores the proposal. Nothing
        changes until an admin other than its maker approves it. It expires after 14 days. A proposal that could not
        be carried out today is refused at once. Send an Idempotency-Key: it is required."""
        found: ProposalAnswer = await self._send(Request(method="POST", path="/api/v1/proposals", body=body, is_keyed=True, key=idempotency_key), ProposalAnswer)
        return found


    async def list_proposals(self, *, status: ProposalStatus | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> ProposalAnswerPage:
        """List proposals. Lists proposals, the newest first: all, or those of one status. `proposed` means that it
        waits for a decision. Send `next_cursor` as `cursor` to get older proposals."""
        found: ProposalAnswerPage = await self._send(Request(method="GET", path="/api/v1/proposals", query={"status": status, "cursor": cursor, "limit": limit}), ProposalAnswerPage)
        return found


    async def iter_proposals(self, *, status: ProposalStatus | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[ProposalAnswer]:
        """Every row of `list_proposals`, page by page; `limit` is the size of a page."""
        page = await self.list_proposals(status=status, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_proposals(cursor=page.next_cursor, status=status, limit=limit)


    async def get_proposal(self, *, proposal_id: Id) -> ProposalAnswer:
        """Read a proposal. Gives the proposal, its maker, its checker and its result."""
        found: ProposalAnswer = await self._send(Request(method="GET", path=f"/api/v1/proposals/{quote(str(proposal_id), safe='')}"), ProposalAnswer)
        return found


    async def approve_proposal(self, *, proposal_id: Id, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> ProposalAnswer:
        """Approve a proposal. Approves the proposal and carries it out in the same transaction, on today's figures.
        The caller must be an admin other than its maker. If today's figures no longer allow it, the request is
        refused and the proposal stays open."""
        found: ProposalAnswer = await self._send(Request(method="POST", path=f"/api/v1/proposals/{quote(str(proposal_id), safe='')}/approve", body={"note": note}, is_keyed=True, key=idempotency_key), ProposalAnswer)
        return found


    async def reject_proposal(self, *, proposal_id: Id, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> ProposalAnswer:
        """Reject a proposal. Rejects the proposal. The caller must be an admin other than its maker. Nothing else
        changes."""
        found: ProposalAnswer = await self._send(Request(method="POST", path=f"/api/v1/proposals/{quote(str(proposal_id), safe='')}/reject", body={"note": note}, is_keyed=True, key=idempotency_key), ProposalAnswer)
        return found


    async def withdraw_proposal(self, *, proposal_id: Id, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> ProposalAnswer:
        """Withdraw a proposal. Withdraws the proposal. The caller must be its maker. Nothing else changes."""
        found: ProposalAnswer = await self._send(Request(method="POST", path=f"/api/v1/proposals/{quote(str(proposal_id), safe='')}/withdraw", body={"note": note}, is_keyed=True, key=idempotency_key), ProposalAnswer)
        return found


    async def close_small_balance(self, *, loan_id: Id) -> WrittenOffRest:
        """Close a loan with a small balance. Closes a loan whose payoff amount is below the tolerance of its product.
        The loan ends as `closed`, and the rest is written off as the lender's loss. One person is enough, because
        the product sets the tolerance."""
        found: WrittenOffRest = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/small-balance"), WrittenOffRest)
        return found


    async def get_owed_to_borrower(self, *, loan_id: Id) -> OwedAnswer:
        """Read what a loan owes to its borrower. Gives what was paid beyond the payoff, or was left of an advance when
        the loan closed, and is not refunded yet. A refund is a proposal that two people decide."""
        found: OwedAnswer = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/owed-to-borrower"), OwedAnswer)
        return found


    async def simulate_loan_change(self, *, loan_id: Id, kind: ChangeKind, annual_rate: Amount | None | Unset = UNSET, adjusts: Adjusts | Unset = UNSET, emi: Amount | None | Unset = UNSET, instalments: int | None | Unset = UNSET, moratorium: MoratoriumPart | None | Unset = UNSET, capitalises_arrears: bool | Unset = UNSET, due_day: int | None | Unset = UNSET, amount: Amount | None | Unset = UNSET) -> ChangedAnswer:
        """Simulate a change of a loan. Computes what a change would do today, with the function that makes it. Nothing
        is stored. What would be refused is refused; a top-up is decided as an application is."""
        found: ChangedAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/changes/simulate", body={"kind": kind, "annual_rate": annual_rate, "adjusts": adjusts, "emi": emi, "instalments": instalments, "moratorium": moratorium, "capitalises_arrears": capitalises_arrears, "due_day": due_day, "amount": amount}), ChangedAnswer)
        return found


    async def reset_loan_rate(self, *, loan_id: Id, adjusts: Adjusts | Unset = UNSET, emi: Amount | None | Unset = UNSET, annual_rate: Amount | None | Unset = UNSET, made_on: dt.date | None | Unset = UNSET, idempotency_key: str | None = None) -> ChangedAnswer:
        """Reset the rate of a loan. Resets the rate, and plans the rest anew as the borrower chose. An instalment that
        would not pay the interest is refused: a balance never grows by a reset."""
        found: ChangedAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/rate-resets", body={"adjusts": adjusts, "emi": emi, "annual_rate": annual_rate, "made_on": made_on}, is_keyed=True, key=idempotency_key), ChangedAnswer)
        return found


    async def move_due_day(self, *, loan_id: Id, due_day: int, made_on: dt.date | None | Unset = UNSET) -> ChangedAnswer:
        """Move the due day of a loan. Moves the day of the month on which instalments fall due. The current cycle gets
        longer, never shorter, and bears the interest of its days."""
        found: ChangedAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/due-day", body={"due_day": due_day, "made_on": made_on}), ChangedAnswer)
        return found


    async def list_loan_changes(self, *, loan_id: Id) -> list[ChangeLine]:
        """List the changes of a loan. Lists every change in order, also those that were undone."""
        found: list[ChangeLine] = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/changes"), list[ChangeLine])
        return found


    async def undo_loan_change(self, *, loan_id: Id, change_id: int, reason: str) -> ChangedAnswer:
        """Undo a change of a loan. The loan stands as if the change had never been made: bills stay as they were
        issued, and differences are posted today. One that moved dates on which a bill was issued since cannot be
        undone."""
        found: ChangedAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/changes/{quote(str(change_id), safe='')}/undo", body={"reason": reason}), ChangedAnswer)
        return found


    async def give_rate_notice(self, *, loan_id: Id, effective_on: dt.date, annual_rate: Amount | None | Unset = UNSET) -> NoticeAnswer:
        """Tell a borrower of a new rate. Tells the borrower, before its day, of the rate that the benchmark then
        gives, and what each choice does. The reset is made on its day by the daily job; without a choice the EMI
        changes."""
        found: NoticeAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/rate-notices", body={"effective_on": effective_on, "annual_rate": annual_rate}), NoticeAnswer)
        return found


    async def list_rate_notices(self, *, loan_id: Id) -> list[NoticeAnswer]:
        """List the notices of new rates. Lists what the borrower was told, in order of the days."""
        found: list[NoticeAnswer] = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/rate-notices"), list[NoticeAnswer])
        return found


    async def choose_for_rate_notice(self, *, loan_id: Id, effective_on: dt.date, adjusts: Adjusts, emi: Amount | None | Unset = UNSET) -> NoticeAnswer:
        """Choose what gives when the rate is reset. Stores the borrower's choice, until the day before. The last
        choice counts."""
        found: NoticeAnswer = await self._send(Request(method="POST", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/rate-notices/{quote(str(effective_on), safe='')}/choice", body={"adjusts": adjusts, "emi": emi}), NoticeAnswer)
        return found


    async def list_holidays(self, *, calendar: str) -> list[HolidayAnswer]:
        """List the holidays of a calendar. Lists the holidays in order. A calendar without holidays is an empty list."""
        found: list[HolidayAnswer] = await self._send(Request(method="GET", path=f"/api/v1/calendars/{quote(str(calendar), safe='')}/holidays"), list[HolidayAnswer])
        return found


    async def add_holidays(self, *, calendar: str, holidays: Sequence[HolidayPart]) -> HolidaysAdded:
        """Add holidays to a calendar. Adds holidays. One that is there already stays. Loans that are made keep their
        due dates."""
        found: HolidaysAdded = await self._send(Request(method="POST", path=f"/api/v1/calendars/{quote(str(calendar), safe='')}/holidays", body={"holidays": holidays}), HolidaysAdded)
        return found


    async def list_benchmarks(self) -> list[BenchmarkAnswer]:
        """List the rates of benchmarks. Lists every rate by code and day. The rate of a day is the latest one until
        then."""
        found: list[BenchmarkAnswer] = await self._send(Request(method="GET", path="/api/v1/benchmarks"), list[BenchmarkAnswer])
        return found


    async def add_benchmark(self, *, code: str, from_: dt.date, rate: Amount) -> BenchmarkAnswer:
        """Add the rate of a benchmark. Adds a rate. It never changes: from another day on there is another rate. Loans
        are reset one by one."""
        found: BenchmarkAnswer = await self._send(Request(method="POST", path="/api/v1/benchmarks", body={"code": code, "from": from_, "rate": rate}), BenchmarkAnswer)
        return found


    async def start_run(self, *, business_date: dt.date | None | Unset = UNSET) -> RunAnswer:
        """Start a billing run. Starts a run that bills every cycle that has ended by the business date, including
        cycles of missed days. If a run for this date is open already, the answer is that run. Starting twice never
        bills a cycle twice."""
        found: RunAnswer = await self._send(Request(method="POST", path="/api/v1/billing/runs", body={"business_date": business_date}), RunAnswer)
        return found


    async def list_runs(self, *, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> RunAnswerPage:
        """List billing runs. Lists runs, the newest first. Send `next_cursor` as `cursor` to get older runs."""
        found: RunAnswerPage = await self._send(Request(method="GET", path="/api/v1/billing/runs", query={"cursor": cursor, "limit": limit}), RunAnswerPage)
        return found


    async def iter_runs(self, *, limit: int | Unset = UNSET) -> AsyncIterator[RunAnswer]:
        """Every row of `list_runs`, page by page; `limit` is the size of a page."""
        page = await self.list_runs(limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_runs(cursor=page.next_cursor, limit=limit)


    async def get_run(self, *, run_id: int) -> RunAnswer:
        """Read the progress of a run. Gives the counts and the amounts so far. You can read them while the run goes
        on."""
        found: RunAnswer = await self._send(Request(method="GET", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}"), RunAnswer)
        return found


    async def pause_run(self, *, run_id: int) -> RunAnswer:
        """Pause a run. Pauses the run after the ranges that workers are billing now. Resume it to bill the others."""
        found: RunAnswer = await self._send(Request(method="POST", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/pause"), RunAnswer)
        return found


    async def resume_run(self, *, run_id: int) -> RunAnswer:
        """Resume a paused run. Continues with the ranges that are not billed yet."""
        found: RunAnswer = await self._send(Request(method="POST", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/resume"), RunAnswer)
        return found


    async def cancel_run(self, *, run_id: int) -> RunAnswer:
        """Cancel a run. Ends the run. The bills that it issued stay. The next run bills the other loans."""
        found: RunAnswer = await self._send(Request(method="POST", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/cancel"), RunAnswer)
        return found


    async def retry_run(self, *, run_id: int) -> RunAnswer:
        """Bill parked loans again. Starts another run for the same date, because parked loans are still due. The
        answer is the new run."""
        found: RunAnswer = await self._send(Request(method="POST", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/retry"), RunAnswer)
        return found


    async def list_parked(self, *, run_id: int, limit: int | Unset = UNSET) -> list[ParkedAnswer]:
        """List the parked loans of a run. Lists the loans that the run could not bill, with the reason for each. The
        next run tries them again."""
        found: list[ParkedAnswer] = await self._send(Request(method="GET", path=f"/api/v1/billing/runs/{quote(str(run_id), safe='')}/parked", query={"limit": limit}), list[ParkedAnswer])
        return found


    async def upload_file(self, *, kind: Literal["customers", "loans", "transactions"], file: bytes, file_name: str) -> ImportAnswer:
        """Upload a file. Checks the file as a whole at once, and loads its rows in the background. Bad rows are left
        out and listed at `GET /imports/{import_id}/rejects`. If the same file was uploaded before, the answer is
        its first import. No row is loaded twice. Rejected rows are tried again if their reason may be gone."""
        found: ImportAnswer = await self._send(Request(method="POST", path="/api/v1/imports", form={"kind": kind}, files={"file": (file_name, file)}), ImportAnswer)
        return found


    async def list_imports(self, *, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> ImportAnswerPage:
        """List imports. Lists imports, the newest first. Send `next_cursor` as `cursor` to get older imports."""
        found: ImportAnswerPage = await self._send(Request(method="GET", path="/api/v1/imports", query={"cursor": cursor, "limit": limit}), ImportAnswerPage)
        return found


    async def iter_imports(self, *, limit: int | Unset = UNSET) -> AsyncIterator[ImportAnswer]:
        """Every row of `list_imports`, page by page; `limit` is the size of a page."""
        page = await self.list_imports(limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_imports(cursor=page.next_cursor, limit=limit)


    async def get_import(self, *, import_id: int) -> ImportAnswer:
        """Read the progress of an import. Gives the counts so far. You can read them while the import goes on."""
        found: ImportAnswer = await self._send(Request(method="GET", path=f"/api/v1/imports/{quote(str(import_id), safe='')}"), ImportAnswer)
        return found


    async def download_rejects(self, *, import_id: int) -> bytes:
        """Download the rejected rows as CSV. Sends one line for each rejected row: its number in the file (as a
        spreadsheet shows it), a code and a reason. No reason repeats the row's values."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/imports/{quote(str(import_id), safe='')}/rejects"), bytes)
        return found


    async def read_events(self, *, after: int | Unset = UNSET, type: Sequence[EventType] | Unset = UNSET, limit: int | Unset = UNSET) -> EventPageAnswer:
        """Read events in order. Gives the events after a number, the oldest first. Numbers only grow and have no gaps,
        and an event never appears before one that was read already: a reader that keeps `next_after` misses
        nothing. Events are kept for ever. An event is numbered soon after its transaction, usually within a second."""
        found: EventPageAnswer = await self._send(Request(method="GET", path="/api/v1/events", query={"after": after, "type": type, "limit": limit}), EventPageAnswer)
        return found


    async def get_event(self, *, event_id: Id) -> LoanEvent | LoanClassEvent | CardAccountClassEvent | PromiseEvent | BillEvent | PaymentEvent | ReversalEvent | ApplicationEvent | ScoreEvent | CardEvent | CardAccountEvent | CardStatementEvent | CardPaymentEvent | RunEvent | ImportEvent:
        """Read one event. Gives the event with this number, as it was when it happened."""
        found: LoanEvent | LoanClassEvent | CardAccountClassEvent | PromiseEvent | BillEvent | PaymentEvent | ReversalEvent | ApplicationEvent | ScoreEvent | CardEvent | CardAccountEvent | CardStatementEvent | CardPaymentEvent | RunEvent | ImportEvent = await self._send(Request(method="GET", path=f"/api/v1/events/{quote(str(event_id), safe='')}"), LoanEvent | LoanClassEvent | CardAccountClassEvent | PromiseEvent | BillEvent | PaymentEvent | ReversalEvent | ApplicationEvent | ScoreEvent | CardEvent | CardAccountEvent | CardStatementEvent | CardPaymentEvent | RunEvent | ImportEvent)
        return found


    async def list_endpoints(self) -> EndpointList:
        """List webhook endpoints. Lists every endpoint that was not removed."""
        found: EndpointList = await self._send(Request(method="GET", path="/api/v1/webhooks/endpoints"), EndpointList)
        return found


    async def add_endpoint(self, *, url: str, events: Sequence[EventType] | Unset = UNSET, description: str | None | Unset = UNSET, after: int | None | Unset = UNSET) -> EndpointWithSecret:
        """Add a webhook endpoint. Adds an address that events are sent to, and makes its secret. Keep the secret: only
        this answer shows it. It is never stored with an Idempotency-Key, so a repeat of this request adds another
        endpoint."""
        found: EndpointWithSecret = await self._send(Request(method="POST", path="/api/v1/webhooks/endpoints", body={"url": url, "events": events, "description": description, "after": after}), EndpointWithSecret)
        return found


    async def get_endpoint(self, *, endpoint_id: int) -> EndpointAnswer:
        """Read a webhook endpoint. Gives the endpoint, how far it is, and whether it answers."""
        found: EndpointAnswer = await self._send(Request(method="GET", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}"), EndpointAnswer)
        return found


    async def change_endpoint(self, *, endpoint_id: int, url: str | None | Unset = UNSET, events: Sequence[EventType] | None | Unset = UNSET, description: str | None | Unset = UNSET, status: EndpointStatus | None | Unset = UNSET) -> EndpointAnswer:
        """Change an endpoint. Changes the address, the types, the description or the status. What waits is sent at
        once."""
        found: EndpointAnswer = await self._send(Request(method="PATCH", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}", body={"url": url, "events": events, "description": description, "status": status}), EndpointAnswer)
        return found


    async def remove_endpoint(self, *, endpoint_id: int) -> None:
        """Remove a webhook endpoint. Removes the endpoint with everything that waits for it."""
        await self._send(Request(method="DELETE", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}"), None)


    async def rotate_secret(self, *, endpoint_id: int, overlap_hours: int | Unset = UNSET) -> EndpointWithSecret:
        """Replace the secret of an endpoint. Makes another secret, which only this answer shows. Until the overlap
        ends, everything is signed with both."""
        found: EndpointWithSecret = await self._send(Request(method="POST", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}/rotate-secret", body={"overlap_hours": overlap_hours}), EndpointWithSecret)
        return found


    async def list_deliveries(self, *, endpoint_id: int, status: DeliveryStatus | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> DeliveryAnswerPage:
        """List deliveries of an endpoint. Lists deliveries, the latest event first. Delivered ones are kept for
        `KIST_KEEP_DAYS`, dead letters for ever."""
        found: DeliveryAnswerPage = await self._send(Request(method="GET", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}/deliveries", query={"status": status, "cursor": cursor, "limit": limit}), DeliveryAnswerPage)
        return found


    async def iter_deliveries(self, *, endpoint_id: int, status: DeliveryStatus | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[DeliveryAnswer]:
        """Every row of `list_deliveries`, page by page; `limit` is the size of a page."""
        page = await self.list_deliveries(endpoint_id=endpoint_id, status=status, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_deliveries(cursor=page.next_cursor, endpoint_id=endpoint_id, status=status, limit=limit)


    async def redeliver_event(self, *, endpoint_id: int, event_id: Id) -> DeliveryAnswer:
        """Send one event again. Sends a dead letter, or an event that was delivered, once more."""
        found: DeliveryAnswer = await self._send(Request(method="POST", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}/deliveries/{quote(str(event_id), safe='')}/redeliver"), DeliveryAnswer)
        return found


    async def redeliver_events(self, *, endpoint_id: int, from_number: int) -> EndpointAnswer:
        """Send events again. Sends every event from a number on once more, in order, whatever became of it before."""
        found: EndpointAnswer = await self._send(Request(method="POST", path=f"/api/v1/webhooks/endpoints/{quote(str(endpoint_id), safe='')}/redeliver", body={"from_number": from_number}), EndpointAnswer)
        return found


    async def list_audit_events(self, *, actor: str | Unset = UNSET, action: str | Unset = UNSET, object_kind: str | Unset = UNSET, object_id: str | Unset = UNSET, customer_id: Id | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> AuditEventAnswerPage:
        """Read the audit trail. Lists events, the newest first. Filter by any of the parameters. Send `next_cursor` as
        `cursor` to get older events, also if `items` has few or none: without `object_id`, a page of a search looks
        at 50,000 events."""
        found: AuditEventAnswerPage = await self._send(Request(method="GET", path="/api/v1/audit/events", query={"actor": actor, "action": action, "object_kind": object_kind, "object_id": object_id, "customer_id": customer_id, "cursor": cursor, "limit": limit}), AuditEventAnswerPage)
        return found


    async def iter_audit_events(self, *, actor: str | Unset = UNSET, action: str | Unset = UNSET, object_kind: str | Unset = UNSET, object_id: str | Unset = UNSET, customer_id: Id | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[AuditEventAnswer]:
        """Every row of `list_audit_events`, page by page; `limit` is the size of a page."""
        page = await self.list_audit_events(actor=actor, action=action, object_kind=object_kind, object_id=object_id, customer_id=customer_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_audit_events(cursor=page.next_cursor, actor=actor, action=action, object_kind=object_kind, object_id=object_id, customer_id=customer_id, limit=limit)


    async def get_audit_head(self) -> AuditHeadAnswer:
        """Read the head of the audit chain. Gives the number and the hash of the last seal. It is null until the first
        seal is made."""
        found: AuditHeadAnswer = await self._send(Request(method="GET", path="/api/v1/audit/head"), AuditHeadAnswer)
        return found


    async def get_clock(self) -> ClockAnswer:
        """Read the business date. Gives the lender's date: customers pay on this date, and billing runs bill up to it."""
        found: ClockAnswer = await self._send(Request(method="GET", path="/api/v1/clock"), ClockAnswer)
        return found


    async def set_clock(self, *, business_date: dt.date) -> ClockAnswer:
        """Set the business date. Sets the business date to a day that is not before the present one. The date then
        stays there. The next billing run bills the days between. This route does not exist in production."""
        found: ClockAnswer = await self._send(Request(method="PUT", path="/api/v1/clock", body={"business_date": business_date}), ClockAnswer)
        return found


    async def list_rules(self, *, on: dt.date | Unset = UNSET) -> RulesAnswer:
        """The rules in force on a day. Lists every number that a law or a circular sets for our kind of lender on a
        day, with its source, and what changes afterwards. `KIST_LENDER_KIND` says which kind of lender we are."""
        found: RulesAnswer = await self._send(Request(method="GET", path="/api/v1/rules", query={"on": on}), RulesAnswer)
        return found


    async def get_provisions(self, *, on: dt.date | Unset = UNSET) -> RiskBookAnswer:
        """Provisions and portfolio at risk. Gives the book of a day-end by class, secured or not, with the provision
        at the rates of the rulebook, and what is past due for more than so many days. As CSV: the provisions."""
        found: RiskBookAnswer = await self._send(Request(method="GET", path="/api/v1/risk/provisions", query={"on": on}), RiskBookAnswer)
        return found


    async def get_portfolio_at_risk(self, *, on: dt.date | Unset = UNSET) -> list[AtRiskAnswer]:
        """Portfolio at risk. Gives the loans that are past due for more than 0, 30, 60 and 90 days (as the rulebook
        has it), and their share of all principal."""
        found: list[AtRiskAnswer] = await self._send(Request(method="GET", path="/api/v1/risk/portfolio-at-risk", query={"on": on}), list[AtRiskAnswer])
        return found


    async def get_vintages(self, *, on: dt.date | Unset = UNSET, asset_class: AssetClass | Unset = UNSET) -> list[VintageAnswer]:
        """Vintages. Gives, for the loans of each month of disbursal, the share of the amount that had failed by each
        later month. By default, failed is non-performing. As CSV: a row for each month and age."""
        found: list[VintageAnswer] = await self._send(Request(method="GET", path="/api/v1/risk/vintages", query={"on": on, "asset_class": asset_class}), list[VintageAnswer])
        return found


    async def get_roll_rates(self, *, until: dt.date | Unset = UNSET) -> RollsAnswer:
        """Roll rates. Gives how loans moved between classes from the month-end before a day to that day; a month-end
        is compared with the one before it."""
        found: RollsAnswer = await self._send(Request(method="GET", path="/api/v1/risk/roll-rates", query={"until": until}), RollsAnswer)
        return found


    async def list_files(self, *, before: dt.date | Unset = UNSET, limit: int | Unset = UNSET) -> list[BureauFileAnswer]:
        """List the files for credit bureaus. Lists the files, the newest first. The rulebook says as on which days one
        is made."""
        found: list[BureauFileAnswer] = await self._send(Request(method="GET", path="/api/v1/bureau/files", query={"before": before, "limit": limit}), list[BureauFileAnswer])
        return found


    async def get_file(self, *, as_on: dt.date) -> bytes:
        """Fetch a file for credit bureaus. Sends the file as it was made: a header row, then a line for each loan. Its
        layout is in docs/bureau-file.md."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/bureau/files/{quote(str(as_on), safe='')}"), bytes)
        return found


    async def list_records(self, *, user_id: Id, after: dt.date | Unset = UNSET, limit: int | Unset = UNSET) -> list[SaidAnswer]:
        """What was said about a borrower. Lists every record of a borrower's loans as it was given to credit bureaus,
        the oldest first, with the day on which the file was made."""
        found: list[SaidAnswer] = await self._send(Request(method="GET", path="/api/v1/bureau/records", query={"user_id": user_id, "after": after, "limit": limit}), list[SaidAnswer])
        return found


    async def get_receipt(self, *, payment_id: Id, language: Language | Unset = UNSET) -> bytes:
        """The receipt of a payment. Gives the receipt, with what the payment settles as the books stand. Of a payment
        that was returned it says so."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/payments/{quote(str(payment_id), safe='')}/receipt", query={"language": language}), bytes)
        return found


    async def get_account_statement(self, *, loan_id: Id, from_: dt.date | Unset = UNSET, to: dt.date | Unset = UNSET, language: Language | Unset = UNSET) -> bytes:
        """The statement of a period. Gives every line of the borrower's account in the period, what is owed before and
        after, the amount that makes the loan current today, and how to pay it."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/account-statement", query={"from": from_, "to": to, "language": language}), bytes)
        return found


    async def get_interest_certificate(self, *, loan_id: Id, year: int | Unset = UNSET, language: Language | Unset = UNSET) -> bytes:
        """The interest certificate of a financial year. Gives the interest, principal and charges of the year. The
        certificate of a year that is not over is provisional. The default is the present year."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/interest-certificate", query={"year": year, "language": language}), bytes)
        return found


    async def get_no_dues_letter(self, *, loan_id: Id, language: Language | Unset = UNSET) -> bytes:
        """The no-dues letter of a repaid loan. Gives the letter that nothing is due. A loan that is not repaid is
        refused (`dues_outstanding`)."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/no-dues-letter", query={"language": language}), bytes)
        return found


    async def get_foreclosure_letter(self, *, loan_id: Id, on: dt.date | Unset = UNSET, language: Language | Unset = UNSET) -> bytes:
        """The foreclosure letter of a loan. Gives what closes the loan on a day within a month, and on each day before
        it."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/foreclosure-letter", query={"on": on, "language": language}), bytes)
        return found


    async def get_application_key_facts(self, *, application_id: Id, language: Language | Unset = UNSET) -> OfferKeyFactsAnswer:
        """The key facts of an application. Gives the statement of an offer that waits to be accepted or has lapsed, or
        of the loan that was made. The answer is JSON or a PDF: choose it in `Accept`, or with `format`."""
        found: OfferKeyFactsAnswer = await self._send(Request(method="GET", path=f"/api/v1/applications/{quote(str(application_id), safe='')}/key-facts", query={"language": language}), OfferKeyFactsAnswer)
        return found


    async def get_loan_key_facts(self, *, loan_id: Id, language: Language | Unset = UNSET) -> OfferKeyFactsAnswer:
        """The key facts of a loan. Gives the statement of the loan as it was made, with its acceptance. The answer is
        JSON or a PDF: choose it in `Accept`, or with `format`."""
        found: OfferKeyFactsAnswer = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/key-facts", query={"language": language}), OfferKeyFactsAnswer)
        return found


    async def accept_key_facts(self, *, application_id: Id, language: Language | Unset = UNSET) -> ApplicationAnswer:
        """Accept the key facts of an application. Makes and disburses the loan on what the statement names. A
        statement that was accepted before is answered with its loan."""
        found: ApplicationAnswer = await self._send(Request(method="POST", path=f"/api/v1/applications/{quote(str(application_id), safe='')}/key-facts/acceptance", body={"language": language}), ApplicationAnswer)
        return found


    async def list_card_statements(self, *, account_id: Id, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> CardStatementLinePage:
        """List the statements of a card account. Gives the statements, the newest first. A statement is issued when
        its day is over."""
        found: CardStatementLinePage = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/statements", query={"cursor": cursor, "limit": limit}), CardStatementLinePage)
        return found


    async def iter_card_statements(self, *, account_id: Id, limit: int | Unset = UNSET) -> AsyncIterator[CardStatementLine]:
        """Every row of `list_card_statements`, page by page; `limit` is the size of a page."""
        page = await self.list_card_statements(account_id=account_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_card_statements(cursor=page.next_cursor, account_id=account_id, limit=limit)


    async def get_card_statement(self, *, account_id: Id, number: int, language: Language | Unset = UNSET) -> CardStatementAnswer:
        """Read a statement of a card account. Gives the statement as it was issued: every posting, the parts of the
        minimum due, and the days, balances and rates that each figure of interest came from. The answer is JSON or
        a PDF: choose it in `Accept`, or with `format`."""
        found: CardStatementAnswer = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/statements/{quote(str(number), safe='')}", query={"language": language}), CardStatementAnswer)
        return found


    async def get_lender(self, *, on: dt.date | Unset = UNSET) -> LenderAnswer:
        """Read the lender's profile. Gives the version that is in force on a day."""
        found: LenderAnswer = await self._send(Request(method="GET", path="/api/v1/lender", query={"on": on}), LenderAnswer)
        return found


    async def add_lender_version(self, *, effective_from: dt.date, profile: LenderProfileBody, logo: str | None | Unset = UNSET) -> LenderAnswer:
        """Add a version of the lender's profile. Adds the next version, in force from a given day. It cannot be
        changed later: the next version corrects it."""
        found: LenderAnswer = await self._send(Request(method="POST", path="/api/v1/lender", body={"effective_from": effective_from, "profile": profile, "logo": logo}), LenderAnswer)
        return found


    async def list_lender_versions(self) -> list[LenderAnswer]:
        """List the versions of the lender's profile. Lists all versions, the newest first."""
        found: list[LenderAnswer] = await self._send(Request(method="GET", path="/api/v1/lender/versions"), list[LenderAnswer])
        return found


    async def get_gst_report(self, *, on: dt.date | Unset = UNSET) -> GstReportAnswer:
        """The GST report of a month. Gives the invoices, credit notes and debit notes of the charges of loans and card
        accounts that were booked in a month, by place of supply and service, and compares them with the ledger. As
        CSV: the lines."""
        found: GstReportAnswer = await self._send(Request(method="GET", path="/api/v1/gst/report", query={"on": on}), GstReportAnswer)
        return found


    async def list_loan_tax_documents(self, *, loan_id: Id) -> list[TaxDocumentAnswer]:
        """List the tax documents of a loan. Gives every invoice, credit note and debit note of the charges of a loan,
        in the order of booking. A number is given when the day of the charge is over."""
        found: list[TaxDocumentAnswer] = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/tax-documents"), list[TaxDocumentAnswer])
        return found


    async def get_loan_tax_document(self, *, loan_id: Id, number: str, language: Language | Unset = UNSET) -> bytes:
        """A tax document of a loan. Gives the invoice or the note with its value, its tax by head, and the invoice
        that a note is for."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/loans/{quote(str(loan_id), safe='')}/tax-documents/{quote(str(number), safe='')}", query={"language": language}), bytes)
        return found


    async def list_card_tax_documents(self, *, account_id: Id) -> list[TaxDocumentAnswer]:
        """List the tax documents of a card account. Gives every invoice, credit note and debit note of the fees and
        the interest of an account, in the order of booking. A number is given when the day of the charge is over."""
        found: list[TaxDocumentAnswer] = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/tax-documents"), list[TaxDocumentAnswer])
        return found


    async def get_card_tax_document(self, *, account_id: Id, number: str, language: Language | Unset = UNSET) -> bytes:
        """A tax document of a card account. Gives the invoice or the note with its value, its tax by head, and the
        invoice that a note is for."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/card-accounts/{quote(str(account_id), safe='')}/tax-documents/{quote(str(number), safe='')}", query={"language": language}), bytes)
        return found


    async def get_chart(self) -> list[ChartEntryAnswer]:
        """Read the chart of accounts. Lists every account of the ledgers of loans and cards, in order of the codes."""
        found: list[ChartEntryAnswer] = await self._send(Request(method="GET", path="/api/v1/accounting/chart"), list[ChartEntryAnswer])
        return found


    async def change_chart(self, *, accounts: Sequence[ChartEntryBody]) -> list[ChartEntryAnswer]:
        """Change codes and names of accounts. Gives accounts the lender's codes and names, and answers the whole
        chart. Reports and exports of any day use it from now on; no booking changes."""
        found: list[ChartEntryAnswer] = await self._send(Request(method="PATCH", path="/api/v1/accounting/chart", body={"accounts": accounts}), list[ChartEntryAnswer])
        return found


    async def get_journal(self, *, from_: dt.date, to: dt.date) -> list[JournalDayAnswer]:
        """Read the daily journal. Gives what was booked on each of at most 31 days, by account and product. Days
        without a booking are left out. A line's transfers are at `/accounting/journal/transfers`; an export has any
        number of days."""
        found: list[JournalDayAnswer] = await self._send(Request(method="GET", path="/api/v1/accounting/journal", query={"from": from_, "to": to}), list[JournalDayAnswer])
        return found


    async def list_booked_transfers(self, *, on: dt.date, book: Book, account: str, product: str, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> BookedTransferAnswerPage:
        """The transfers behind a line of the journal. Lists the transfers that debit or credit an account for a
        product on a day. Send `next_cursor` as `cursor`, with the same parameters, to get the next page."""
        found: BookedTransferAnswerPage = await self._send(Request(method="GET", path="/api/v1/accounting/journal/transfers", query={"on": on, "book": book, "account": account, "product": product, "cursor": cursor, "limit": limit}), BookedTransferAnswerPage)
        return found


    async def iter_booked_transfers(self, *, on: dt.date, book: Book, account: str, product: str, limit: int | Unset = UNSET) -> AsyncIterator[BookedTransferAnswer]:
        """Every row of `list_booked_transfers`, page by page; `limit` is the size of a page."""
        page = await self.list_booked_transfers(on=on, book=book, account=account, product=product, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_booked_transfers(cursor=page.next_cursor, on=on, book=book, account=account, product=product, limit=limit)


    async def get_trial_balance(self, *, on: dt.date | Unset = UNSET) -> TrialBalanceAnswer:
        """Read the trial balance of a day. Gives every balance at the end of a day, by account and product."""
        found: TrialBalanceAnswer = await self._send(Request(method="GET", path="/api/v1/accounting/trial-balance", query={"on": on}), TrialBalanceAnswer)
        return found


    async def get_profit_and_loss(self, *, from_: dt.date, to: dt.date) -> ProfitAndLossAnswer:
        """Read the profit and loss of some days. Gives income and expenses that were booked on these days, by account
        and product."""
        found: ProfitAndLossAnswer = await self._send(Request(method="GET", path="/api/v1/accounting/profit-and-loss", query={"from": from_, "to": to}), ProfitAndLossAnswer)
        return found


    async def get_accrued_interest(self, *, on: dt.date | Unset = UNSET) -> AccruedAnswer:
        """Interest that is accrued and not billed. Gives the interest that has accrued until the end of a day and was
        not billed by then, by product. It is in no ledger yet. That of non-performing loans and cards is no income.
        Every loan and card account is read, so a large book takes time."""
        found: AccruedAnswer = await self._send(Request(method="GET", path="/api/v1/accounting/accrued-interest", query={"on": on}), AccruedAnswer)
        return found


    async def get_balance_sheet(self, *, on: dt.date | Unset = UNSET) -> BalanceSheetAnswer:
        """Read the balance of the book. Gives assets and liabilities at the end of a day, by account and product, and
        the result so far."""
        found: BalanceSheetAnswer = await self._send(Request(method="GET", path="/api/v1/accounting/balance-sheet", query={"on": on}), BalanceSheetAnswer)
        return found


    async def propose_period(self, *, ends_on: dt.date, idempotency_key: str | None = None) -> PeriodAnswer:
        """Propose to close the books through a day. Proposes to close the books through a day that is over. Nothing is
        closed until an admin other than the maker approves it. Send an Idempotency-Key: it is required."""
        found: PeriodAnswer = await self._send(Request(method="POST", path="/api/v1/accounting/periods", body={"ends_on": ends_on}, is_keyed=True, key=idempotency_key), PeriodAnswer)
        return found


    async def list_periods(self, *, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> PeriodAnswerPage:
        """List periods. Lists periods, the newest first. Send `next_cursor` as `cursor` to get older ones."""
        found: PeriodAnswerPage = await self._send(Request(method="GET", path="/api/v1/accounting/periods", query={"cursor": cursor, "limit": limit}), PeriodAnswerPage)
        return found


    async def iter_periods(self, *, limit: int | Unset = UNSET) -> AsyncIterator[PeriodAnswer]:
        """Every row of `list_periods`, page by page; `limit` is the size of a page."""
        page = await self.list_periods(limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_periods(cursor=page.next_cursor, limit=limit)


    async def get_period(self, *, period: int) -> PeriodAnswer:
        """Read a period. Gives the period and its decision."""
        found: PeriodAnswer = await self._send(Request(method="GET", path=f"/api/v1/accounting/periods/{quote(str(period), safe='')}"), PeriodAnswer)
        return found


    async def approve_period(self, *, period: int, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> PeriodAnswer:
        """Close a period. Closes the books through the period's end and keeps the balances of that day. From now on
        nothing is booked on a day of the period; a correction is booked on the day on which it is made. The caller
        must be an admin other than its maker. A closed period stays closed."""
        found: PeriodAnswer = await self._send(Request(method="POST", path=f"/api/v1/accounting/periods/{quote(str(period), safe='')}/approve", body={"note": note}, is_keyed=True, key=idempotency_key), PeriodAnswer)
        return found


    async def reject_period(self, *, period: int, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> PeriodAnswer:
        """Reject a period. Rejects the proposal. The caller must be an admin other than its maker. Nothing else
        changes."""
        found: PeriodAnswer = await self._send(Request(method="POST", path=f"/api/v1/accounting/periods/{quote(str(period), safe='')}/reject", body={"note": note}, is_keyed=True, key=idempotency_key), PeriodAnswer)
        return found


    async def withdraw_period(self, *, period: int, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> PeriodAnswer:
        """Withdraw a period. Withdraws the proposal. The caller must be its maker. Nothing else changes."""
        found: PeriodAnswer = await self._send(Request(method="POST", path=f"/api/v1/accounting/periods/{quote(str(period), safe='')}/withdraw", body={"note": note}, is_keyed=True, key=idempotency_key), PeriodAnswer)
        return found


    async def export_books(self, *, of: ExportOf, from_: dt.date, to: dt.date) -> bytes:
        """Export the journal, the transfers or the accounts. Sends a file of any number of days. `journal` has a row
        for each day, account and product, or for Tally a voucher for each day; `transfers` has a row for each
        transfer; `accounts` makes the accounts in Tally, so import it before the journal. The same days give the
        same bytes. The layout is in docs/accounting.md."""
        found: bytes = await self._send(Request(method="GET", path=f"/api/v1/accounting/exports/{quote(str(of), safe='')}", query={"from": from_, "to": to}), bytes)
        return found


    async def list_cases(self, *, sort: CaseSort | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET, kind: ProductKind | Unset = UNSET, asset_class: AssetClass | Unset = UNSET, officer_id: int | Unset = UNSET, unassigned: bool | Unset = UNSET, days_from: int | Unset = UNSET, days_to: int | Unset = UNSET, overdue_from: Amount | Unset = UNSET, overdue_to: Amount | Unset = UNSET, promise: PromiseStatus | Unset = UNSET, action_to: dt.date | Unset = UNSET) -> CaseAnswerPage:
        """List the work list. Lists the loans and card accounts that are past due, the most days past due first, or by
        amount or next action. All filters apply together. Send `next_cursor` as `cursor`, with the same filters and
        sort, to get the next page."""
        found: CaseAnswerPage = await self._send(Request(method="GET", path="/api/v1/collections/cases", query={"sort": sort, "cursor": cursor, "limit": limit, "kind": kind, "asset_class": asset_class, "officer_id": officer_id, "unassigned": unassigned, "days_from": days_from, "days_to": days_to, "overdue_from": overdue_from, "overdue_to": overdue_to, "promise": promise, "action_to": action_to}), CaseAnswerPage)
        return found


    async def iter_cases(self, *, sort: CaseSort | Unset = UNSET, limit: int | Unset = UNSET, kind: ProductKind | Unset = UNSET, asset_class: AssetClass | Unset = UNSET, officer_id: int | Unset = UNSET, unassigned: bool | Unset = UNSET, days_from: int | Unset = UNSET, days_to: int | Unset = UNSET, overdue_from: Amount | Unset = UNSET, overdue_to: Amount | Unset = UNSET, promise: PromiseStatus | Unset = UNSET, action_to: dt.date | Unset = UNSET) -> AsyncIterator[CaseAnswer]:
        """Every row of `list_cases`, page by page; `limit` is the size of a page."""
        page = await self.list_cases(sort=sort, limit=limit, kind=kind, asset_class=asset_class, officer_id=officer_id, unassigned=unassigned, days_from=days_from, days_to=days_to, overdue_from=overdue_from, overdue_to=overdue_to, promise=promise, action_to=action_to)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_cases(cursor=page.next_cursor, sort=sort, limit=limit, kind=kind, asset_class=asset_class, officer_id=officer_id, unassigned=unassigned, days_from=days_from, days_to=days_to, overdue_from=overdue_from, overdue_to=overdue_to, promise=promise, action_to=action_to)


    async def export_cases(self, *, sort: CaseSort | Unset = UNSET, kind: ProductKind | Unset = UNSET, asset_class: AssetClass | Unset = UNSET, officer_id: int | Unset = UNSET, unassigned: bool | Unset = UNSET, days_from: int | Unset = UNSET, days_to: int | Unset = UNSET, overdue_from: Amount | Unset = UNSET, overdue_to: Amount | Unset = UNSET, promise: PromiseStatus | Unset = UNSET, action_to: dt.date | Unset = UNSET) -> bytes:
        """Fetch the work list as a file. Sends all rows of the list, not a page of them, as CSV or as a workbook. The
        export is in the audit trail."""
        found: bytes = await self._send(Request(method="GET", path="/api/v1/collections/cases/export", query={"sort": sort, "kind": kind, "asset_class": asset_class, "officer_id": officer_id, "unassigned": unassigned, "days_from": days_from, "days_to": days_to, "overdue_from": overdue_from, "overdue_to": overdue_to, "promise": promise, "action_to": action_to}), bytes)
        return found


    async def get_loan_case(self, *, loan_id: Id) -> CollectionsAnswer:
        """Read a loan's case and promises. Gives the loan's case, if it is or was past due, and every promise to pay
        on it."""
        found: CollectionsAnswer = await self._send(Request(method="GET", path=f"/api/v1/collections/loans/{quote(str(loan_id), safe='')}"), CollectionsAnswer)
        return found


    async def get_card_account_case(self, *, account_id: Id) -> CollectionsAnswer:
        """Read a card account's case and promises. Gives the card account's case, if it is or was past due, and every
        promise to pay on it."""
        found: CollectionsAnswer = await self._send(Request(method="GET", path=f"/api/v1/collections/card-accounts/{quote(str(account_id), safe='')}"), CollectionsAnswer)
        return found


    async def list_officers(self) -> list[OfficerAnswer]:
        """List the staff who may be in charge of cases. Lists the accounts of staff that are not disabled, by name."""
        found: list[OfficerAnswer] = await self._send(Request(method="GET", path="/api/v1/collections/officers"), list[OfficerAnswer])
        return found


    async def write_note(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, user_id: Id | None | Unset = UNSET, text: str, idempotency_key: str | None = None) -> EntryAnswer:
        """Write a note on a loan, a card account or a user. Adds a note to the diary. It cannot be changed or removed.
        Its text is in no log, event or audit record."""
        found: EntryAnswer = await self._send(Request(method="POST", path="/api/v1/collections/notes", body={"loan_id": loan_id, "card_account_id": card_account_id, "user_id": user_id, "text": text}, is_keyed=True, key=idempotency_key), EntryAnswer)
        return found


    async def note_contact(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, user_id: Id | None | Unset = UNSET, channel: Channel, outcome: Outcome, at: dt.datetime | None | Unset = UNSET, text: str | None | Unset = UNSET, idempotency_key: str | None = None) -> EntryAnswer:
        """Note an attempt to contact a borrower. Adds an attempt to the diary. Outside the hours of the rulebook, in
        the lender's time zone, it is refused: borrowers must not be contacted then."""
        found: EntryAnswer = await self._send(Request(method="POST", path="/api/v1/collections/contacts", body={"loan_id": loan_id, "card_account_id": card_account_id, "user_id": user_id, "channel": channel, "outcome": outcome, "at": at, "text": text}, is_keyed=True, key=idempotency_key), EntryAnswer)
        return found


    async def list_diary(self, *, loan_id: Id | Unset = UNSET, card_account_id: Id | Unset = UNSET, user_id: Id | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> EntryAnswerPage:
        """Read the diary of a loan, a card account or a user. Lists the entries, the newest first. Name exactly one of
        a loan, a card account and a user. Send `next_cursor` as `cursor` to get older entries."""
        found: EntryAnswerPage = await self._send(Request(method="GET", path="/api/v1/collections/diary", query={"loan_id": loan_id, "card_account_id": card_account_id, "user_id": user_id, "cursor": cursor, "limit": limit}), EntryAnswerPage)
        return found


    async def iter_diary(self, *, loan_id: Id | Unset = UNSET, card_account_id: Id | Unset = UNSET, user_id: Id | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[EntryAnswer]:
        """Every row of `list_diary`, page by page; `limit` is the size of a page."""
        page = await self.list_diary(loan_id=loan_id, card_account_id=card_account_id, user_id=user_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_diary(cursor=page.next_cursor, loan_id=loan_id, card_account_id=card_account_id, user_id=user_id, limit=limit)


    async def make_promise(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, amount: Amount, pay_by: dt.date, note: str | None | Unset = UNSET, idempotency_key: str | None = None) -> PromiseAnswer:
        """Note a promise to pay. Notes that the borrower promised to pay. It is kept if that much comes by the day:
        payments count by their value date, and those that were known already do not. The daily run says whether it
        is kept."""
        found: PromiseAnswer = await self._send(Request(method="POST", path="/api/v1/collections/promises", body={"loan_id": loan_id, "card_account_id": card_account_id, "amount": amount, "pay_by": pay_by, "note": note}, is_keyed=True, key=idempotency_key), PromiseAnswer)
        return found


    async def list_promises(self, *, user_id: Id | Unset = UNSET, status: PromiseStatus | Unset = UNSET, officer_id: int | Unset = UNSET, pay_from: dt.date | Unset = UNSET, pay_to: dt.date | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> ListedPromisePage:
        """List promises to pay. Lists promises by the promised day, the earliest first. All filters apply together.
        Send `next_cursor` as `cursor` to get the next page."""
        found: ListedPromisePage = await self._send(Request(method="GET", path="/api/v1/collections/promises", query={"user_id": user_id, "status": status, "officer_id": officer_id, "pay_from": pay_from, "pay_to": pay_to, "cursor": cursor, "limit": limit}), ListedPromisePage)
        return found


    async def iter_promises(self, *, user_id: Id | Unset = UNSET, status: PromiseStatus | Unset = UNSET, officer_id: int | Unset = UNSET, pay_from: dt.date | Unset = UNSET, pay_to: dt.date | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[ListedPromise]:
        """Every row of `list_promises`, page by page; `limit` is the size of a page."""
        page = await self.list_promises(user_id=user_id, status=status, officer_id=officer_id, pay_from=pay_from, pay_to=pay_to, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_promises(cursor=page.next_cursor, user_id=user_id, status=status, officer_id=officer_id, pay_from=pay_from, pay_to=pay_to, limit=limit)


    async def get_promise(self, *, promise_id: Id) -> PromiseAnswer:
        """Read a promise to pay. Gives the promise and how it stands since the latest daily run."""
        found: PromiseAnswer = await self._send(Request(method="GET", path=f"/api/v1/collections/promises/{quote(str(promise_id), safe='')}"), PromiseAnswer)
        return found


    async def withdraw_promise(self, *, promise_id: Id, idempotency_key: str | None = None) -> PromiseAnswer:
        """Withdraw a promise to pay. Withdraws an open promise, which was noted by mistake or agreed otherwise. It is
        neither kept nor broken."""
        found: PromiseAnswer = await self._send(Request(method="POST", path=f"/api/v1/collections/promises/{quote(str(promise_id), safe='')}/withdraw", is_keyed=True, key=idempotency_key), PromiseAnswer)
        return found


    async def assign_case(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, officer_id: int | None, idempotency_key: str | None = None) -> CaseAnswer:
        """Put an officer in charge of a case. Puts a member of staff in charge of a case of the work list, or nobody."""
        found: CaseAnswer = await self._send(Request(method="POST", path="/api/v1/collections/assignments", body={"loan_id": loan_id, "card_account_id": card_account_id, "officer_id": officer_id}, is_keyed=True, key=idempotency_key), CaseAnswer)
        return found


    async def assign_cases(self, *, officer_ids: Sequence[int], filters: CaseFilters, sort: CaseSort | Unset = UNSET, limit: int | Unset = UNSET, idempotency_key: str | None = None) -> BulkAssignmentAnswer:
        """Deal cases of a filter to officers. Deals the first cases that the filters find to the officers, in turn, in
        the order of the list: each gets as many of the worst as the others. Cases that are an officer's already are
        counted and stay."""
        found: BulkAssignmentAnswer = await self._send(Request(method="POST", path="/api/v1/collections/assignments/bulk", body={"officer_ids": officer_ids, "filters": filters, "sort": sort, "limit": limit}, is_keyed=True, key=idempotency_key), BulkAssignmentAnswer)
        return found


    async def plan_action(self, *, loan_id: Id | None | Unset = UNSET, card_account_id: Id | None | Unset = UNSET, action: NextAction | None | Unset = UNSET, on: dt.date | None | Unset = UNSET, idempotency_key: str | None = None) -> CaseAnswer:
        """Plan what is done next on a case. Plans the next action on a case of the work list, in place of the one that
        was planned before."""
        found: CaseAnswer = await self._send(Request(method="POST", path="/api/v1/collections/actions", body={"loan_id": loan_id, "card_account_id": card_account_id, "action": action, "on": on}, is_keyed=True, key=idempotency_key), CaseAnswer)
        return found


    async def list_views(self) -> list[ViewAnswer]:
        """List saved views of the work list. Lists the caller's own views and those that others share, by name."""
        found: list[ViewAnswer] = await self._send(Request(method="GET", path="/api/v1/collections/views"), list[ViewAnswer])
        return found


    async def save_view(self, *, name: str, filters: CaseFilters, sort: CaseSort | Unset = UNSET, shared: bool | Unset = UNSET) -> ViewAnswer:
        """Save a view of the work list. Saves filters and an order under a name. The caller's view of that name is
        replaced."""
        found: ViewAnswer = await self._send(Request(method="PUT", path="/api/v1/collections/views", body={"name": name, "filters": filters, "sort": sort, "shared": shared}), ViewAnswer)
        return found


    async def remove_view(self, *, view_id: int) -> None:
        """Remove a saved view. Removes one of the caller's own views."""
        await self._send(Request(method="DELETE", path=f"/api/v1/collections/views/{quote(str(view_id), safe='')}"), None)


    async def get_day(self, *, on: dt.date | Unset = UNSET) -> DayAnswer:
        """Read a day of collections by officer. Gives, for each officer, how much falls due, is to be done, is
        promised, bounced and was paid on a day."""
        found: DayAnswer = await self._send(Request(method="GET", path="/api/v1/collections/day", query={"on": on}), DayAnswer)
        return found


    async def list_day_section(self, *, section: DaySection, on: dt.date | Unset = UNSET, officer_id: int | Unset = UNSET, cursor: str | Unset = UNSET, limit: int | Unset = UNSET) -> DayLineAnswerPage:
        """List a section of a day of collections. Lists the lines of a section, by user. Send `next_cursor` as
        `cursor`, with the same day and officer, to get the next page."""
        found: DayLineAnswerPage = await self._send(Request(method="GET", path=f"/api/v1/collections/day/{quote(str(section), safe='')}", query={"on": on, "officer_id": officer_id, "cursor": cursor, "limit": limit}), DayLineAnswerPage)
        return found


    async def iter_day_section(self, *, section: DaySection, on: dt.date | Unset = UNSET, officer_id: int | Unset = UNSET, limit: int | Unset = UNSET) -> AsyncIterator[DayLineAnswer]:
        """Every row of `list_day_section`, page by page; `limit` is the size of a page."""
        page = await self.list_day_section(section=section, on=on, officer_id=officer_id, limit=limit)
        while True:
            for row in page.items:
                yield row
            if page.next_cursor is None:
                return
            page = await self.list_day_section(cursor=page.next_cursor, section=section, on=on, officer_id=officer_id, limit=limit)
