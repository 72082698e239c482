"""Imports of customers and other lenders' loans: every figure of the real files, and each difficulty on its own."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import xlsxwriter
from sqlalchemy import func, select

from app.db.models import Customer, ExternalLoan, Identity, Import, PublicId
from app.db.repositories.credit import scoring
from app.db.repositories.credit.exposures import get_exposures
from app.db.repositories.imports import ingestion as repository
from app.db.repositories.lending import external_loans
from app.db.repositories.people.customers import find_identity, get_profile
from app.db.repositories.products.products import add_product, add_scorecard
from app.domain.credit.scoring import LOAN_HISTORY, SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Actor, Role
from app.domain.people.customers import approved_limit_paise
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.domain.schedules.building import legacy_annual_instalment
from app.services.credit.eligibility import ApplicationRequest, check_eligibility
from app.services.credit.scoring import compute_score
from app.services.imports import ingestion
from app.services.imports.ingestion import CUSTOMERS, LOANS, TRANSACTIONS, ImportOutcome
from app.services.lending.external_loans import find_external_loan, list_external_loans
from app.services.people.customers import IdentityService, make_identity_service
from app.services.tables.columns import LayoutUnknown
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
real = pytest.mark.skipif(not DATA.exists(), reason="the real files are not here: ../shared/data")

CUSTOMER_HEADER = ["Customer ID", "First Name", "Last Name", "Age", "Phone Number", "Monthly Salary", "Approved Limit"]
LOAN_HEADER = [
    "Customer ID", "Loan ID", "Loan Amount", "Tenure", "Interest Rate", "Monthly payment", "EMIs paid on Time",
    "Date of Approval", "End Date",
]  # fmt: skip
ASHA = ["7", "Asha", "Rao", 30, 9876543210, 50000, 1800000]
LOAN = ["7", "L1", 100000, 12, 10.5, 8791, 9, date(2026, 3, 31), date(2027, 3, 31)]


@pytest.fixture
def identity(settings: Settings) -> IdentityService:
    return make_identity_service(settings)


@pytest_asyncio.fixture
async def scorecards(uow_factory: UnitOfWorkFactory) -> None:
    async with uow_factory.open(SYSTEM) as uow:
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")


def write(path: Path, rows: Sequence[Sequence[Any]], *, first_row: int = 0, blank_rows: int = 0) -> Path:
    """A workbook with days as dates, and with formatted empty rows at its end."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate(rows, start=first_row):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value)
                else:
                    sheet.write(number, column, value)
        for number in range(blank_rows):
            sheet.write_blank(first_row + len(rows) + number, 1, None, day)
    return path


async def load(uow_factory: UnitOfWorkFactory, identity: IdentityService, path: Path, kind: str) -> ImportOutcome:
    return await ingestion.import_file(uow_factory, SYSTEM, path, kind=kind, identity=identity)


async def rejects(uow_factory: UnitOfWorkFactory, outcome: ImportOutcome) -> dict[int, str]:
    async with uow_factory.open(SYSTEM) as uow:
        rows = await repository.list_rejects(uow.session, outcome.import_id, after=0, limit=1000)
    return {row.row_number: row.code for row in rows}


async def count(uow_factory: UnitOfWorkFactory, table: type) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        return int((await uow.session.execute(select(func.count()).select_from(table))).scalar_one())


async def number_of(uow_factory: UnitOfWorkFactory, external_id: str) -> int:
    async with uow_factory.open(SYSTEM) as uow:
        found = await find_identity(uow.session, kind="external", value=external_id.encode())
    assert found is not None
    return found


@real
async def test_the_real_files(uow_factory: UnitOfWorkFactory, identity: IdentityService, scorecards: None) -> None:
    customers = await load(uow_factory, identity, DATA / "customer_data.xlsx", CUSTOMERS)
    assert (customers.rows_read, customers.rows_loaded, customers.rows_rejected) == (300, 300, 0)
    loans = await load(uow_factory, identity, DATA / "loan_data.xlsx", LOANS)
    assert (loans.rows_read, loans.rows_loaded, loans.rows_rejected) == (782, 782, 0)
    assert (await count(uow_factory, Customer), await count(uow_factory, ExternalLoan)) == (300, 782)
    assert await count(uow_factory, PublicId) == 782
    async with uow_factory.open(SYSTEM) as uow:
        ids = (await uow.session.execute(select(func.count(ExternalLoan.external_id.distinct())))).scalar_one()
        assert ids == 753
        holders = (await uow.session.execute(select(func.count(ExternalLoan.customer_id.distinct())))).scalar_one()
        assert holders == 283
    async with uow_factory.open(SYSTEM) as uow:
        rows = (await uow.session.execute(select(Customer))).scalars()
        by_the_rule = [
            row.external_id
            for row in rows
            if row.approved_limit_paise == approved_limit_paise(row.annual_income_paise or 0)
        ]
        assert by_the_rule == ["7"]
        first = await get_profile(uow.session, await find_identity(uow.session, kind="external", value=b"1") or 0)
    assert (first.name, first.phone, first.age) == ("Aaron Garcia", "9629317944", 63)
    assert (first.annual_income_paise, first.approved_limit_paise) == (60_000_000, 450_000_000)
    for path, kind, outcome in (("customer_data.xlsx", CUSTOMERS, customers), ("loan_data.xlsx", LOANS, loans)):
        again = await load(uow_factory, identity, DATA / path, kind)
        assert again.already_loaded
        assert again.import_id == outcome.import_id
    assert (
        await count(uow_factory, Customer),
        await count(uow_factory, ExternalLoan),
        await count(uow_factory, Import),
    ) == (300, 782, 2)


@real
async def test_what_the_real_loans_say(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, scorecards: None
) -> None:
    # The loans are imported first: their people are prospects, whose rows later become the customers.
    await load(uow_factory, identity, DATA / "loan_data.xlsx", LOANS)
    await load(uow_factory, identity, DATA / "customer_data.xlsx", CUSTOMERS)
    async with uow_factory.open(SYSTEM) as uow:
        people = {
            row.external_id: (row.customer_id, row.approved_limit_paise, row.annual_income_paise)
            for row in await uow.session.execute(
                select(
                    Customer.external_id,
                    Customer.customer_id,
                    Customer.approved_limit_paise,
                    Customer.annual_income_paise,
                ).where(Customer.state == "customer")
            )
        }
        assert len(people) == 300
        on = await uow.business_date()
        assert on == date(2026, 11, 21)
        loans = {number: await list_external_loans(uow, number) for number, _, _ in people.values()}
        for day, active, over_limit, over_half in (
            (date(2023, 9, 1), 462, 15, 44),
            (date(2025, 11, 21), 332, 11, 23),
            (date(2026, 11, 21), 278, 9, 21),
        ):
            exposures = {
                number: (await get_exposures(uow.session, number, on=day)).active for number, _, _ in people.values()
            }
            assert sum(map(len, exposures.values())) == active
            assert sum(loan.is_active(day) for held in loans.values() for loan in held) == active
            assert over_limit == sum(
                sum(loan.principal_paise for loan in exposures[number]) > limit for number, limit, _ in people.values()
            )
            assert over_half == sum(
                24 * sum(loan.emi_paise for loan in exposures[number]) > income for number, _, income in people.values()
            )
        every = [loan for held in loans.values() for loan in held]
        assert (
            sum(
                loan.instalment_paise
                == legacy_annual_instalment(
                    loan.amount_paise, annual_rate_percent=loan.annual_rate_percent, instalments=loan.tenure
                )
                for loan in every
            )
            == 782
        )
        assert sum(loan.repayments_left(on) > 0 for loan in every) == sum(loan.ends_on > on for loan in every)
        scores = {}
        for external_id, (number, _, _) in people.items():
            scored = await compute_score(uow, number, scorecard=LOAN_HISTORY)
            assert scored is not None
            scores[external_id] = (scored.score, scored.reasons[0].code)
    values = [score for score, reason in scores.values() if reason != "thin_file"]
    assert len(scores) - len(values) == 17
    assert sum(score == 0 for score in values) == 9
    assert sum(30 < score <= 50 for score in values) == 112
    assert sum(score > 50 for score in values) == 162
    assert (scores["14"][0], scores["270"][0]) == (Decimal("67.96"), Decimal("62.11"))


async def test_a_loan_is_found_by_our_number(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    await load(uow_factory, identity, write(tmp_path / "l.xlsx", [LOAN_HEADER, LOAN, ["8", *LOAN[1:]]]), LOANS)
    owner, other = await number_of(uow_factory, "7"), await number_of(uow_factory, "8")
    async with uow_factory.open(SYSTEM) as uow:
        [loan] = await list_external_loans(uow, owner)
        assert await find_external_loan(uow, loan.loan_id) == loan
        assert await find_external_loan(uow, 999) is None
        facts = await external_loans.get_loan_facts(uow.session, owner, as_of=date(2026, 11, 21))
        ours = await scoring.get_loan_facts(uow.session, owner, as_of=date(2026, 11, 21))
    assert (loan.external_id, loan.annual_rate_percent, loan.instalment_paise) == ("L1", Decimal("10.5"), 879_100)
    assert (loan.approved_on, loan.ends_on, loan.paid_on_time) == (date(2026, 3, 31), date(2027, 3, 31), 9)
    # 30 April, 31 May, ...: limited to the month's end and back to the anchor day; the last one is on the end date.
    assert [loan.repayments_left(day) for day in (date(2026, 3, 31), date(2026, 11, 29), date(2026, 11, 30))] == [
        12,
        5,
        4,
    ]
    assert [loan.is_active(day) for day in (date(2026, 3, 30), date(2027, 3, 31), date(2027, 4, 1))] == [
        False,
        True,
        False,
    ]
    assert (facts.loans_taken, facts.loans_this_year, facts.instalments, ours.loans_taken) == (1, 1, 12, 0)
    async with uow_factory.open(Actor(role=Role.CUSTOMER, user_account_id=1, customer_id=other)) as uow:
        assert await find_external_loan(uow, loan.loan_id) is None
        assert await list_external_loans(uow, owner) == []


@pytest.mark.parametrize(
    "header",
    [
        CUSTOMER_HEADER,
        ["customer_id", "first_name", "last_name", "age", "phone_number", "monthly_salary", "approved_limit"],
        ["CUSTOMERID", " First  Name", "LAST_NAME", "Age", "Phone_Number", "monthly salary", "approvedlimit", "x"],
    ],
)
async def test_every_header_says_the_same(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, header: list[str]
) -> None:
    path = write(tmp_path / "c.xlsx", [header, ASHA], first_row=2, blank_rows=3)
    outcome = await load(uow_factory, identity, path, CUSTOMERS)
    assert (outcome.rows_read, outcome.rows_loaded, outcome.rows_rejected) == (1, 1, 0)
    number = await number_of(uow_factory, "7")
    async with uow_factory.open(SYSTEM) as uow:
        profile = await get_profile(uow.session, number)
    assert (profile.name, profile.age, profile.phone) == ("Asha Rao", 30, "9876543210")
    assert (profile.annual_income_paise, profile.approved_limit_paise) == (60_000_000, 180_000_000)
    assert (profile.external_id, profile.registered_on) == ("7", date(2026, 11, 21))


BAD_CUSTOMERS: list[tuple[list[Any], str]] = [
    ([*ASHA, "more"], "too_many_fields"),
    ([None, *ASHA[1:]], "customer_missing"),
    (["1.11122E+11", *ASHA[1:]], "customer_unreadable"),
    (["two words", *ASHA[1:]], "customer_unreadable"),
    ([7.5, *ASHA[1:]], "customer_unreadable"),
    ([1e20, *ASHA[1:]], "customer_unreadable"),
    (["234123412346", *ASHA[1:]], "customer_unreadable"),
    (["2341-2341-2346", *ASHA[1:]], "customer_unreadable"),
    (["234123412347", *ASHA[1:]], "ok: twelve digits that are no Aadhaar number"),
    ([70, "", *ASHA[2:]], "name_missing"),
    ([71, "x" * 101, *ASHA[2:]], "name_unusable"),
    ([72, "a\nb", *ASHA[2:]], "name_unusable"),
    ([73, "A", "B", 17, *ASHA[4:]], "age_unreadable"),
    ([74, "A", "B", "old", *ASHA[4:]], "age_unreadable"),
    ([75, "A", "B", 30.5, *ASHA[4:]], "age_unreadable"),
    ([76, "A", "B", 30, "9.629317944E9", *ASHA[5:]], "phone_unreadable"),
    ([77, "A", "B", 30, 9876543210, None, 1], "salary_missing"),
    ([78, "A", "B", 30, 9876543210, -1, 1], "salary_unreadable"),
    ([79, "A", "B", 30, 9876543210, "many", 1], "salary_unreadable"),
    ([80, "A", "B", 30, 9876543210, 33333.333333, 1], "salary_unreadable"),
    ([81, "A", "B", 30, 9876543210, 1, None], "limit_missing"),
    ([82, "A", "B", 30, 9876543210, 1, 1e12], "limit_unreadable"),
    ([True, *ASHA[1:]], "ok: a truth value is a text like any other"),
    (["7", *ASHA[1:]], "customer_twice"),
    (["007", *ASHA[1:]], "ok: zeros make another person"),
    ([83, "A", None, None, None, "1,50,000.50", 0], "ok: what is not needed may be missing"),
]


async def test_bad_customers_are_named_and_the_others_load(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    path = write(tmp_path / "c.xlsx", [CUSTOMER_HEADER, ASHA, *(row for row, _ in BAD_CUSTOMERS)])
    outcome = await load(uow_factory, identity, path, CUSTOMERS)
    bad = {number: code for number, (_, code) in enumerate(BAD_CUSTOMERS, start=3) if not code.startswith("ok")}
    assert await rejects(uow_factory, outcome) == bad
    assert outcome.rows_loaded == len(BAD_CUSTOMERS) + 1 - len(bad) == await count(uow_factory, Customer)
    # Another file with the same person does not change that customer.
    other = write(tmp_path / "d.xlsx", [CUSTOMER_HEADER, ["7", "Somebody", "Else", 50, None, 1, 1], ["9", *ASHA[1:]]])
    outcome = await load(uow_factory, identity, other, CUSTOMERS)
    assert (outcome.rows_loaded, await rejects(uow_factory, outcome)) == (1, {2: "customer_exists"})
    number = await number_of(uow_factory, "7")
    async with uow_factory.open(SYSTEM) as uow:
        assert (await get_profile(uow.session, number)).name == "Asha Rao"


BAD_LOANS: list[tuple[list[Any], str]] = [
    ([None, *LOAN[1:]], "customer_missing"),
    (["1.5e3", *LOAN[1:]], "customer_unreadable"),
    (["234123412346", *LOAN[1:]], "customer_unreadable"),
    (["7", None, *LOAN[2:]], "loan_missing"),
    (["7", "L 2", *LOAN[2:]], "loan_unreadable"),
    (["7", "L2", 0, *LOAN[3:]], "amount_unreadable"),
    (["7", "L2", 1, 0, *LOAN[4:]], "tenure_unreadable"),
    (["7", "L2", 1, 12.5, *LOAN[4:]], "tenure_unreadable"),
    (["7", "L2", 1, 601, *LOAN[4:]], "tenure_unreadable"),
    (["7", "L2", 1, 12, -1, *LOAN[5:]], "rate_unreadable"),
    (["7", "L2", 1, 12, 100.5, *LOAN[5:]], "rate_unreadable"),
    (["7", "L2", 1, 12, 1000, *LOAN[5:]], "rate_unreadable"),
    (["7", "L2", 1, 12, 10, None, *LOAN[6:]], "instalment_unreadable"),
    (["7", "L2", 1, 12, 10, 1, None, *LOAN[7:]], "on_time_unreadable"),
    (["7", "L2", 1, 12, 10, 1, 13, *LOAN[7:]], "on_time_above_tenure"),
    (["7", "L2", 1, 12, 10, 1, 1, 46112, LOAN[8]], "approval_unreadable"),
    (["7", "L2", 1, 12, 10, 1, 1, "31/02/2026", LOAN[8]], "approval_unreadable"),
    (["7", "L2", 1, 12, 10, 1, 1, LOAN[7], None], "end_unreadable"),
    (["7", "L2", 1, 12, 10, 1, 1, LOAN[8], LOAN[7]], "end_before_approval"),
    (LOAN, "loan_twice"),
    (["7", "L3", 1, 12, 10, 1, 1, "31/3/2026", "2027-03-31"], "ok: days as text"),
    (["8", *LOAN[1:]], "ok: the same loan id of another customer"),
    (["987654321013", *LOAN[1:]], "ok: an id of another system may have twelve digits"),
]


async def test_bad_loans_are_named_and_the_others_load(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    path = write(tmp_path / "l.xlsx", [LOAN_HEADER, LOAN, *(row for row, _ in BAD_LOANS)])
    outcome = await load(uow_factory, identity, path, LOANS)
    bad = {number: code for number, (_, code) in enumerate(BAD_LOANS, start=3) if not code.startswith("ok")}
    assert await rejects(uow_factory, outcome) == bad
    assert outcome.rows_loaded == len(BAD_LOANS) + 1 - len(bad) == await count(uow_factory, ExternalLoan)
    other = write(tmp_path / "m.xlsx", [LOAN_HEADER, LOAN, ["7", "L4", *LOAN[2:]]])
    outcome = await load(uow_factory, identity, other, LOANS)
    assert (outcome.rows_loaded, await rejects(uow_factory, outcome)) == (1, {2: "loan_exists"})


async def test_one_person_of_three_files(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, scorecards: None
) -> None:
    csv = tmp_path / "t.csv"
    csv.write_text("user_id,date,amount,type\n7,2026-10-30,400000,CREDIT\n")
    await load(uow_factory, identity, csv, TRANSACTIONS)
    await load(uow_factory, identity, write(tmp_path / "l.xlsx", [LOAN_HEADER, LOAN]), LOANS)
    outcome = await load(uow_factory, identity, write(tmp_path / "c.xlsx", [CUSTOMER_HEADER, ASHA]), CUSTOMERS)
    assert (await count(uow_factory, Customer), await count(uow_factory, Identity), outcome.scores_asked) == (1, 1, 1)
    number = await number_of(uow_factory, "7")
    async with uow_factory.open(SYSTEM) as uow:
        assert (await get_profile(uow.session, number)).name == "Asha Rao"
        assert len(await list_external_loans(uow, number)) == 1


async def test_csv_files_of_the_other_kinds_load_too(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path
) -> None:
    csv = tmp_path / "l.csv"
    csv.write_text(",".join(LOAN_HEADER) + "\n07,L1,1000,12,10.5%,90.50,3,31/3/2026,2027-03-31\n\n")
    outcome = await load(uow_factory, identity, csv, LOANS)
    assert (outcome.rows_loaded, outcome.rows_rejected) == (1, 0)
    assert await number_of(uow_factory, "07")


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
async def test_numbers_with_their_units_as_text(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, ending: str
) -> None:
    texts = ["7", "L1", "₹ 1,00,000.00", "12", "10.5 %", "Rs. 8,791/-", "9", "2026-03-31", "2027-03-31"]
    refused = [*texts[:1], "L2", "$ 1,000", *texts[3:]]
    path = tmp_path / f"l.{ending}"
    rows = [LOAN_HEADER, texts, refused, [*texts[:1], "L3", *texts[2:4], "10.5 % p.m.", *texts[5:]]]
    if ending == "xlsx":
        write(path, rows)
    else:
        path.write_text("".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows))
    outcome = await load(uow_factory, identity, path, LOANS)
    assert (outcome.rows_loaded, outcome.rows_rejected) == (1, 2)
    async with uow_factory.open(SYSTEM) as uow:
        [loan] = await list_external_loans(uow, await number_of(uow_factory, "7"))
    assert (loan.amount_paise, loan.annual_rate_percent, loan.instalment_paise) == (
        1_00_000_00,
        Decimal("10.5"),
        8_791_00,
    )
    assert await rejects(uow_factory, outcome) == {3: "amount_unreadable", 4: "rate_unreadable"}


@pytest.mark.parametrize(
    "kind, header", [(CUSTOMERS, LOAN_HEADER), (LOANS, CUSTOMER_HEADER), (LOANS, [*LOAN_HEADER, "EMI"])]
)
async def test_an_unknown_layout_writes_nothing(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, kind: str, header: list[str]
) -> None:
    with pytest.raises(LayoutUnknown):
        await load(uow_factory, identity, write(tmp_path / "f.xlsx", [header, LOAN]), kind)
    assert await count(uow_factory, Import) == 0


async def test_an_imported_loan_weighs_in_a_decision(
    uow_factory: UnitOfWorkFactory, identity: IdentityService, tmp_path: Path, scorecards: None
) -> None:
    big = ["7", "L9", 1_750_000, 12, 10.5, 24_000, 9, date(2026, 3, 31), date(2026, 11, 21)]
    await load(uow_factory, identity, write(tmp_path / "c.xlsx", [CUSTOMER_HEADER, ASHA]), CUSTOMERS)
    await load(uow_factory, identity, write(tmp_path / "l.xlsx", [LOAN_HEADER, big]), LOANS)
    number = await number_of(uow_factory, "7")

    async def reasons(amount_paise: int) -> set[str]:
        request = ApplicationRequest(
            customer_id=number,
            product_code="STANDARD_LOAN",
            amount_paise=amount_paise,
            instalments=12,
            annual_rate_percent=Decimal(20),
        )
        async with uow_factory.open(SYSTEM) as uow:
            return {reason.code for reason in (await check_eligibility(uow, request)).reasons}

    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=date(2000, 1, 1), now=uow.now, actor="system")
    # 17.5 of 18 lakh are used, and 24,000 of the 25,000 a month that a salary of 50,000 allows.
    assert await reasons(50_000_00) == set()
    assert len(await reasons(50_000_01)) == 1
    # The loan ended yesterday: it counts on its last day and not on the day after.
    async with uow_factory.open(SYSTEM) as uow:
        await uow.set_business_date(date(2026, 11, 22))
    assert await reasons(1_800_000_00) == set()
