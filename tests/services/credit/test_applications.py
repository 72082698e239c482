"""Applications on the real database: decided once, stored with reasons, and disbursed in the same transaction."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError

from app.db.errors import DatabaseFault, classify
from app.db.models import Application, BankTransaction, Customer
from app.db.repositories.credit.applications import ApplicationNotFound
from app.db.repositories.credit.scoring import get_loan_facts
from app.db.repositories.people.customers import lock_customer
from app.db.repositories.products.products import add_product
from app.domain.calendar import Frequency
from app.domain.credit.decisions import AmountRequired, AnnualRateFixed, AnnualRateRequired, Outcome, TenureRequired
from app.domain.operations.proposals import WriteOff
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.people.customers import CustomerNotFound
from app.domain.products.seeded import STANDARD_LOAN
from app.domain.public_ids import LoanReference
from app.domain.schedules.terms import InstalmentsInvalid
from app.services.credit.applications import (
    ApplicationReferred,
    ApplicationRequest,
    ApplicationStatus,
    ApplicationView,
    ApplicationWaiting,
    ScoreNotAvailable,
    expire_pending,
    view_application,
)
from app.services.credit.eligibility import check_eligibility
from app.services.operations.proposals import ProposalRequest, approve, propose
from app.services.products.products import ProductUnknown
from tests.services.credit.desk import ADMIN, LAKH, OFFICER, START, TODAY, CreditHelper

NOTHING = {"applications": 0, "loans": 0, "transfers": 0}


def codes(view: ApplicationView) -> list[str]:
    return [reason["code"] for reason in view.application.reasons]


class TestApproved:
    async def test_the_loan_is_made_in_the_same_transaction(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=450, income_paise=1_50_000_00)

        view = await helper.apply(customer, amount=5_000)

        assert view.status is ApplicationStatus.APPROVED
        assert view.application.reasons == []
        assert view.application.annual_rate_percent == Decimal("10.5")
        assert (view.application.applied_on, view.application.decided_on) == (TODAY, TODAY)
        assert view.application.score_id is not None
        assert view.plan is not None
        assert view.plan.disbursed_on == TODAY
        assert view.plan.due_on[0] == date(2026, 12, 21)
        assert len(view.plan.due_on) == 12
        assert await helper.counts() == {"applications": 1, "loans": 1, "transfers": 1}

    @pytest.mark.parametrize(
        "product,amount,tenure,rate,emi_paise,first_due_on",
        [
            ("CREDIT_CARD", None, None, None, 448_94, date(2026, 12, 21)),
            ("CREDIT_CARD_LOAN", 50_000, 12, "10.5", 4406_04, date(2026, 12, 21)),
            ("PERSONAL_LOAN", 500_000, 24, None, 24_500_00, date(2026, 12, 5)),
            # A thin file scores 50, which must pay 12 %: 8.5 is corrected.
            ("STANDARD_LOAN", 200_000, 24, "8.5", 9414_69, date(2026, 12, 21)),
        ],
    )
    async def test_every_product(
        self,
        helper: CreditHelper,
        product: str,
        amount: int | None,
        tenure: int | None,
        rate: str | None,
        emi_paise: int,
        first_due_on: date,
    ) -> None:
        customer = await helper.add_customer(score=720)

        view = await helper.apply(customer, product, amount=amount, tenure=tenure, rate=rate)

        assert (view.status, view.application.reasons) == (ApplicationStatus.APPROVED, [])
        assert view.plan is not None
        assert (view.plan.emi_paise, view.plan.due_on[0]) == (emi_paise, first_due_on)

    async def test_a_corrected_rate_is_kept_beside_the_requested_one(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()

        view = await helper.apply(customer, "STANDARD_LOAN", amount=200_000, tenure=24, rate="8.5")

        assert view.application.requested_rate_percent == Decimal("8.5")
        assert view.application.annual_rate_percent == 12

    async def test_customers_apply_for_themselves_only(self, helper: CreditHelper) -> None:
        customer, other = await helper.add_customer(score=720), await helper.add_customer(score=720)
        themselves = Actor(role=Role.CUSTOMER, user_account_id=7, customer_id=customer)

        with pytest.raises(CustomerNotFound):
            await helper.apply(other, actor=themselves)
        assert await helper.counts() == NOTHING
        assert (await helper.apply(customer, actor=themselves)).status is ApplicationStatus.APPROVED


class TestEmiCap:
    @pytest.mark.parametrize(
        "frequency,every,amount,tenure,rate,monthly_paise",
        [
            (Frequency.WEEK, 1, 195_000, 144, "30", 8_655_23),  # 1,997.36 a week
            (Frequency.MONTH, 3, 50_000, 4, "12", 4_483_78),  # 13,451.35 a quarter
            (Frequency.DAY, 30, 50_000, 12, "12", 4_500_25),  # 4,438.60 every 30 days
        ],
    )
    async def test_instalments_of_existing_loans_count_by_the_month(
        self,
        helper: CreditHelper,
        frequency: Frequency,
        every: int,
        amount: int,
        tenure: int,
        rate: str,
        monthly_paise: int,
    ) -> None:
        product = replace(
            STANDARD_LOAN, version=2, repayment=replace(STANDARD_LOAN.repayment, frequency=frequency, every=every)
        )
        async with helper.uow_factory.open(SYSTEM) as uow:
            await add_product(uow.session, product, offered_from=date(2000, 1, 2), now=START, actor="system")
        customer = await helper.add_customer()
        first = await helper.apply(customer, "STANDARD_LOAN", amount=amount, tenure=tenure, rate=rate)
        assert first.status is ApplicationStatus.APPROVED
        async with helper.uow_factory.open(SYSTEM) as uow:
            facts = await get_loan_facts(uow.session, customer, as_of=TODAY)
        assert facts.active_emi_paise == monthly_paise

        for income_paise, found in ((24 * monthly_paise, []), (24 * monthly_paise - 1, [monthly_paise])):
            async with helper.uow_factory.open(SYSTEM) as uow:
                await uow.session.execute(
                    update(Customer).where(Customer.customer_id == customer).values(annual_income_paise=income_paise)
                )
            # Existing instalments alone count for a standard loan.
            asked = ApplicationRequest(
                customer_id=customer,
                product_code="STANDARD_LOAN",
                amount_paise=1_000_00,
                instalments=1,
                annual_rate_percent=Decimal(16),
            )
            async with helper.uow_factory.open(OFFICER) as uow:
                decision = await check_eligibility(uow, asked)
            assert [reason.figures["active_emi_paise"] for reason in decision.reasons] == found


class TestRefused:
    async def test_a_refusal_is_stored_with_every_reason_and_figure(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=440, income_paise=1_00_000_00)

        view = await helper.apply(customer)

        assert view.status is ApplicationStatus.REFUSED
        assert codes(view) == ["score_too_low", "income_too_low", "emi_cap_exceeded"]
        stored = await helper.stored(view.application.id)
        assert stored.status == "refused"
        assert stored.reasons == view.application.reasons
        assert stored.reasons[0] == {
            "code": "score_too_low",
            "message": "The credit score of 440 is below the required 450.",
            "figures": {"score": 440.0, "minimum_score": 450.0, "scorecard": "bank_balance"},
        }
        assert stored.loan_id is None
        assert await helper.counts() == {"applications": 1, "loans": 0, "transfers": 0}

    async def test_the_fourth_active_loan_is_refused(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=720)
        for tenure in (12, 13, 14):
            assert (await helper.apply(customer, tenure=tenure)).status is ApplicationStatus.APPROVED

        assert codes(await helper.apply(customer, tenure=15)) == ["too_many_active_loans"]

    async def test_after_a_write_off_nothing_is_lent(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=720)
        first = await helper.apply(customer)
        assert first.application.loan_id is not None
        async with helper.uow_factory.open(OFFICER) as uow:
            loan = LoanReference(number=first.application.loan_id, year=None)
            request = ProposalRequest(proposed=WriteOff(), reason="no estate", loan=loan)
            proposal = (await propose(uow, request)).stored.proposal
        async with helper.uow_factory.open(ADMIN) as uow:
            await approve(uow, proposal.id)
        before = await helper.counts()

        refused = await helper.apply(customer, tenure=13)
        assert (refused.status, codes(refused)) == (ApplicationStatus.REFUSED, ["written_off_before"])
        assert await helper.counts() == before | {"applications": before["applications"] + 1}
        someone_else = await helper.apply(await helper.add_customer(score=720))
        assert someone_else.status is ApplicationStatus.APPROVED

    async def test_what_is_owed_already_counts_against_the_limit(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(limit_paise=3 * LAKH)

        first = await helper.apply(customer, "STANDARD_LOAN", amount=200_000, tenure=24, rate="12")
        exactly = await helper.apply(customer, "STANDARD_LOAN", amount=100_000, tenure=25, rate="12")
        beyond = await helper.apply(customer, "STANDARD_LOAN", amount=1, tenure=1, rate="12")

        assert (first.status, exactly.status) == (ApplicationStatus.APPROVED, ApplicationStatus.APPROVED)
        assert codes(beyond) == ["limit_exceeded"]
        assert beyond.application.reasons[0]["figures"] == {
            "amount_paise": 1_00,
            "active_principal_paise": 3 * LAKH,
            "approved_limit_paise": 3 * LAKH,
        }

    async def test_two_applications_at_once_cannot_both_fit_under_the_limit(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(limit_paise=3 * LAKH)

        views = await asyncio.gather(
            *(
                helper.apply(customer, "STANDARD_LOAN", amount=200_000, tenure=tenure, rate="12", repeat_allowed=True)
                for tenure in (12, 24, 36)
            )
        )

        assert sorted(view.status for view in views) == ["approved", "refused", "refused"]
        assert await helper.counts() == {"applications": 3, "loans": 1, "transfers": 1}


class TestWrongRequests:
    @pytest.mark.parametrize(
        "change,error",
        [
            ({"product": "MOON_LOAN"}, ProductUnknown),
            ({"amount": None}, AmountRequired),
            ({"tenure": None}, TenureRequired),
            ({"tenure": 1201}, InstalmentsInvalid),
            ({"rate": None}, AnnualRateRequired),
            ({"product": "PERSONAL_LOAN", "rate": "9"}, AnnualRateFixed),
        ],
    )
    async def test_nothing_is_stored(
        self, helper: CreditHelper, change: dict[str, Any], error: type[Exception]
    ) -> None:
        customer = await helper.add_customer(score=720)

        with pytest.raises(error):
            await helper.apply(customer, **change)

        assert await helper.counts() == NOTHING

    async def test_unknown_customers_and_prospects_are_not_found(self, helper: CreditHelper) -> None:
        prospect = await helper.add_customer(state="prospect")

        for customer in (prospect, 999):
            with pytest.raises(CustomerNotFound):
                await helper.apply(customer)


class TestMissingFacts:
    async def test_a_missing_score_is_not_a_refusal(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()

        with pytest.raises(ScoreNotAvailable) as answer:
            await helper.apply(customer)

        assert [reason["code"] for reason in answer.value.details["reasons"]] == ["score_pending"]  # type: ignore[attr-defined]
        assert await helper.counts() == NOTHING
        await helper.set_score(customer, 720)
        assert (await helper.apply(customer)).status is ApplicationStatus.APPROVED

    async def test_an_unknown_income_refers(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=720, income_paise=None)

        with pytest.raises(ApplicationReferred):
            await helper.apply(customer)

        assert await helper.counts() == NOTHING

    async def test_the_credits_of_a_year_stand_in_for_an_income(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=720, income_paise=None)
        async with helper.uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(
                insert(BankTransaction).values(
                    customer_id=customer,
                    import_id=1,
                    row_number=1,
                    transacted_on=date(2026, 3, 1),
                    direction="CREDIT",
                    amount_paise=1_49_999_99,
                )
            )

        view = await helper.apply(customer, amount=500)

        assert codes(view) == ["income_too_low"]
        assert view.application.reasons[0]["figures"]["income_estimated"] is True


class TestCardThatWaits:
    async def test_it_is_decided_issued_and_disbursed_when_the_score_arrives(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()
        waiting = await helper.apply_for_card(customer)
        assert waiting.status is ApplicationStatus.PENDING
        assert codes(waiting) == ["score_pending"]
        assert waiting.application.expires_on == date(2026, 12, 21)
        assert await helper.counts() == {"applications": 1, "loans": 0, "transfers": 0}
        # Without a score nothing is decided.
        assert [view.status for view in await helper.decide_pending(customer)] == [ApplicationStatus.PENDING]

        await helper.set_score(customer, 450)
        await helper.set_date(date(2026, 11, 25))
        (decided,) = await helper.decide_pending(customer)
        again = await helper.decide_pending(customer)

        assert again == []
        assert decided.status is ApplicationStatus.APPROVED
        assert decided.application.decided_on == date(2026, 11, 25)
        assert decided.plan is not None
        assert decided.plan.disbursed_on == date(2026, 11, 25)
        assert await helper.counts() == {"applications": 1, "loans": 1, "transfers": 1}
        stored = await helper.stored(waiting.application.id)
        assert (stored.status, stored.reasons, stored.loan_id) == ("approved", [], decided.application.loan_id)

    async def test_it_is_refused_on_the_facts_of_that_day(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(income_paise=1_00_000_00)
        await helper.apply_for_card(customer)

        await helper.set_score(customer, 440)
        (decided,) = await helper.decide_pending(customer)

        assert decided.status is ApplicationStatus.REFUSED
        assert codes(decided) == ["score_too_low", "income_too_low"]

    async def test_applying_again_decides_the_waiting_application(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()
        first = await helper.apply_for_card(customer)
        helper.now += timedelta(minutes=5)
        again = await helper.apply_for_card(customer)
        await helper.set_score(customer, 720)
        decided = await helper.apply_for_card(customer)
        # After a minute the same application is a new one, and it is refused: a customer gets one card.
        refused = await helper.apply_for_card(customer)

        assert first.application.id == again.application.id == decided.application.id
        assert (again.status, decided.status) == (ApplicationStatus.PENDING, ApplicationStatus.APPROVED)
        assert codes(refused) == ["too_many_active_loans"]
        assert await helper.counts() == {"applications": 2, "loans": 1, "transfers": 1}

    async def test_ten_at_once_are_one(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()

        views = await asyncio.gather(*(helper.apply_for_card(customer) for _ in range(10)))

        assert len({view.application.id for view in views}) == 1
        assert await helper.counts() == {"applications": 1, "loans": 0, "transfers": 0}

    async def test_the_job_does_not_wait_for_a_locked_customer(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()
        await helper.apply_for_card(customer)
        await helper.set_score(customer, 720)

        async with helper.uow_factory.open(SYSTEM) as other:
            await lock_customer(other.session, customer)
            with pytest.raises(DBAPIError) as busy:
                await helper.decide_pending(customer)

        assert classify(busy.value) is DatabaseFault.BUSY
        assert [view.status for view in await helper.decide_pending(customer)] == [ApplicationStatus.APPROVED]

    async def test_it_expires_after_thirty_days(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()
        waiting = await helper.apply_for_card(customer)
        await helper.set_score(customer, 720)
        await helper.set_date(date(2026, 12, 20))
        async with helper.uow_factory.open(SYSTEM) as uow:
            assert await expire_pending(uow) == 0

        await helper.set_date(date(2026, 12, 21))
        async with helper.uow_factory.open(SYSTEM) as uow:
            seen = await view_application(uow, waiting.application.id)
        (decided,) = await helper.decide_pending(customer)
        async with helper.uow_factory.open(SYSTEM) as uow:
            assert await expire_pending(uow) == 0

        assert seen.status is decided.status is ApplicationStatus.EXPIRED
        assert (await helper.stored(waiting.application.id)).status == "expired"
        assert (await helper.counts())["loans"] == 0

    async def test_the_sweep_ends_it_and_a_new_one_may_be_made(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()
        first = await helper.apply_for_card(customer)
        await helper.set_date(date(2026, 12, 21))
        async with helper.uow_factory.open(SYSTEM) as uow:
            assert await expire_pending(uow) == 1
            assert await expire_pending(uow) == 0
        helper.now += timedelta(minutes=5)

        second = await helper.apply_for_card(customer)

        assert second.application.id != first.application.id
        assert second.status is ApplicationStatus.PENDING

    async def test_a_second_application_for_the_product_cannot_wait(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()
        waiting = await helper.apply_for_card(customer)
        async with helper.uow_factory.open(SYSTEM) as uow:
            await uow.session.execute(update(Application).values(fingerprint=b"of other terms"))
        helper.now += timedelta(minutes=5)

        with pytest.raises(ApplicationWaiting):
            await helper.apply_for_card(customer)

        assert (await helper.stored(waiting.application.id)).status == "pending"


class TestTheSameApplication:
    async def test_within_a_minute_it_is_the_first_one(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=720)
        first = await helper.apply(customer)
        helper.now += timedelta(seconds=60)

        again = await helper.apply(customer, rate="11")

        assert again == first
        assert await helper.counts() == {"applications": 1, "loans": 1, "transfers": 1}

    async def test_after_a_minute_or_with_other_terms_it_is_another(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=720)
        first = await helper.apply(customer)
        other = await helper.apply(customer, tenure=13)
        helper.now += timedelta(seconds=60, microseconds=1)
        later = await helper.apply(customer)

        assert len({view.application.id for view in (first, other, later)}) == 3
        assert (await helper.counts())["loans"] == 3

    async def test_an_idempotency_key_makes_it_another(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=720)
        await helper.apply(customer)

        await helper.apply(customer, repeat_allowed=True)

        assert (await helper.counts())["loans"] == 2

    async def test_ten_at_once_are_one_loan(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer(score=720)

        views = await asyncio.gather(*(helper.apply(customer) for _ in range(10)))

        assert len({view.application.loan_id for view in views}) == 1
        assert await helper.counts() == {"applications": 1, "loans": 1, "transfers": 1}


class TestReading:
    async def test_for_the_applicant_and_for_staff(self, helper: CreditHelper) -> None:
        customer, other = await helper.add_customer(score=720), await helper.add_customer()
        made = await helper.apply(customer)
        for actor in (OFFICER, Actor(role=Role.CUSTOMER, user_account_id=1, customer_id=customer)):
            async with helper.uow_factory.open(actor) as uow:
                assert await view_application(uow, made.application.id) == made

        async with helper.uow_factory.open(Actor(role=Role.CUSTOMER, user_account_id=2, customer_id=other)) as uow:
            for number in (made.application.id, 999):
                with pytest.raises(ApplicationNotFound):
                    await view_application(uow, number)

    async def test_eligibility_decides_and_stores_nothing(self, helper: CreditHelper) -> None:
        customer = await helper.add_customer()
        request = ApplicationRequest(
            customer_id=customer,
            product_code="STANDARD_LOAN",
            amount_paise=2 * LAKH,
            instalments=24,
            annual_rate_percent=Decimal("8.5"),
        )

        async with helper.uow_factory.open(OFFICER) as uow:
            decision = await check_eligibility(uow, request)

        assert (decision.outcome, decision.annual_rate_percent, decision.emi_paise) == (
            Outcome.APPROVE,
            Decimal(12),
            9414_69,
        )
        assert await helper.counts() == NOTHING
