"""The worked cycles of docs/cards.md over HTTP, with the clock moved and the daily run between."""

import pytest

from tests.api.cards.desk import CardDesk, charged

FIRST, SECOND, THIRD, FOURTH, FIFTH = "2026-02-15", "2026-03-15", "2026-04-15", "2026-05-15", "2026-06-15"


async def bought(desk: CardDesk) -> list[int]:
    await desk.open()
    return [await desk.purchase("10000.00", "2026-01-20"), await desk.purchase("5000.00", "2026-02-05")]


def asks(statement: dict[str, float]) -> tuple[float, float]:
    return statement["total_due"], statement["minimum_due"]


async def test_a_paid_in_full(desk: CardDesk) -> None:
    await bought(desk)
    first = await desk.statement(FIRST)
    assert asks(first) == (15000.0, 750.0)
    assert (first["due_on"], first["interest_free"]) == ("2026-03-07", True)
    await desk.pay("15000.00", "2026-03-05")
    second = await desk.statement(SECOND)
    assert (charged(second), asks(second)) == ((0, 0), (0, 0))


@pytest.mark.parametrize("run", [True, False], ids=["run", "read ahead"])
async def test_b_c_d_only_the_minimum(desk: CardDesk, run: bool) -> None:
    await bought(desk)
    await desk.pay("750.00", "2026-03-07")
    second = await desk.statement(SECOND, run=run)
    assert charged(second) == (833.10, 149.96)
    assert asks(second) == (15233.06, 1700.0)
    assert (second["minimum"]["share"], second["minimum"]["tax"]) == (712.50, 149.96)
    (group,) = second["interest"]
    assert [(line["balance"], line["days"]) for line in group["lines"]] == [(10000, 46), (9250, 8), (5000, 38)]
    assert group["lines"][0]["interest"] == "529.315068"
    await desk.pay("1700.00", "2026-04-04")
    third = await desk.statement(THIRD)
    assert (charged(third), asks(third)) == ((499.24, 89.86), (14122.16, 1270.0))
    await desk.pay("14122.16", "2026-05-05")
    fourth = await desk.statement(FOURTH)
    assert (charged(fourth), asks(fourth)) == ((311.45, 56.06), (367.51, 367.51))
    await desk.pay("367.51", "2026-06-04")
    fifth = await desk.statement(FIFTH)
    assert (charged(fifth), asks(fifth)) == ((0, 0), (0, 0))


async def test_c_interest_stops_on_the_day_of_the_payment(desk: CardDesk) -> None:
    await bought(desk)
    await desk.pay("750.00", "2026-03-07")
    await desk.statement(SECOND)
    await desk.purchase("1000.00", "2026-03-20")
    await desk.pay("15233.06", "2026-04-02")
    third = await desk.statement(THIRD)
    assert (charged(third), asks(third)) == ((310.11, 55.82), (1365.93, 570.0))
    await desk.pay("570.00", "2026-05-05")
    fourth = await desk.statement(FOURTH)
    assert (charged(fourth), fourth["total_due"]) == ((47.13, 8.48), 851.54)


async def test_c_paid_in_full_again_nothing_follows(desk: CardDesk) -> None:
    await bought(desk)
    await desk.pay("750.00", "2026-03-07")
    await desk.statement(SECOND)
    await desk.purchase("1000.00", "2026-03-20")
    await desk.pay("15233.06", "2026-04-02")
    third = await desk.statement(THIRD)
    assert asks(third) == (1365.93, 570.0)
    await desk.pay("1365.93", "2026-05-05")
    fourth = await desk.statement(FOURTH)
    assert (charged(fourth), asks(fourth), fourth["interest_free"]) == ((0, 0), (0, 0), True)
    await desk.run("2026-06-16")
    days = [one["statement_on"] for one in (await desk.get("/statements"))["items"]]
    assert days == [FOURTH, THIRD, SECOND, FIRST]


async def test_e_cash_of_a_transactor(desk: CardDesk) -> None:
    await desk.open()
    await desk.purchase("6000.00", "2026-02-01")
    await desk.purchase("10000.00", "2026-02-05", kind="cash")
    first = await desk.statement(FIRST)
    assert (charged(first), asks(first)) == ((115.07, 110.71), (16725.78, 1530.0))
    await desk.pay("16725.78", "2026-03-05")
    second = await desk.statement(SECOND)
    assert (charged(second), second["total_due"]) == ((207.12, 37.28), 244.40)


async def test_f_refunds_and_a_reversal(desk: CardDesk) -> None:
    _, second_purchase = await bought(desk)
    await desk.statement(FIRST)
    await desk.pay("10000.00", "2026-03-07")
    second = await desk.statement(SECOND)
    assert (charged(second), second["total_due"]) == ((747.95, 134.63), 5882.58)
    await desk.to("2026-03-20")
    undone = await desk.post(f"/postings/{second_purchase}/undo", {"reason": "cancelled"}, status=200)
    assert (undone["owed"], undone["credit_balance"]) == (0, 0)
    postings = (await desk.get("/postings?limit=200"))["items"]
    given_back = {one["kind"]: one["owed"] for one in postings if one["posted_on"] == "2026-03-20"}
    assert given_back == {"reversal": -5000.0, "interest_adjustment": -747.95, "tax_adjustment": -134.63}
    assert (await desk.statement(SECOND))["total_due"] == 5882.58


async def test_f_a_refund_in_time(desk: CardDesk) -> None:
    _, second_purchase = await bought(desk)
    await desk.statement(FIRST)
    await desk.to("2026-02-25")
    await desk.post("/refunds", {"reference": "refund-1", "amount": "5000.00", "purchase": second_purchase})
    await desk.pay("10000.00", "2026-03-07")
    second = await desk.statement(SECOND)
    assert (charged(second), asks(second)) == ((0, 0), (0, 0))


async def test_g_the_late_fee(desk: CardDesk) -> None:
    await bought(desk)
    await desk.run("2026-03-11")
    account = await desk.get()
    assert (account["buckets"]["fees"], account["buckets"]["tax"]) == (950.0, 171.0)
    assert (account["days_past_due"], account["reported_past_due"]) == (5, True)
    second = await desk.statement(SECOND)
    assert asks(second) == (17112.20, 3620.0)
    third = await desk.statement(THIRD)
    assert asks(third) == (18864.58, 6130.0)


@pytest.mark.parametrize(
    "paid_on, late, total, minimum",
    [("2026-03-10", (0, 0), 15236.10, 1700.0), ("2026-03-11", (950.0, 171.0), 16358.13, 2830.0)],
)
async def test_g_the_late_fee_has_three_days(
    desk: CardDesk, paid_on: str, late: tuple[float, float], total: float, minimum: float
) -> None:
    await bought(desk)
    await desk.pay("750.00", paid_on)
    await desk.run("2026-03-12")
    account = await desk.get()
    assert (account["buckets"].get("fees", 0), account["buckets"].get("tax", 0)) == late
    assert asks(await desk.statement(SECOND)) == (total, minimum)


@pytest.mark.parametrize(
    "paid, paid_on, interest, total, revolving",
    [
        ("19125.78", "2026-03-25", (195.62, 35.21), 230.83, False),
        ("17000.00", "2026-03-25", (195.62, 35.21), 2356.61, False),
        ("2000.00", "2026-04-04", (581.10, 104.60), 17811.48, True),
    ],
)
@pytest.mark.parametrize("run", [True, False], ids=["run", "read ahead"])
async def test_h_a_payment_is_returned(
    desk: CardDesk, paid: str, paid_on: str, interest: tuple[float, float], total: float, revolving: bool, run: bool
) -> None:
    await bought(desk)
    returned_number = await desk.pay("15000.00", "2026-03-05")
    await desk.purchase("2000.00", "2026-03-10")
    second = await desk.statement(SECOND)
    assert (charged(second), asks(second)) == ((0, 0), (2000.0, 200.0))
    await desk.to("2026-03-20")
    returned = await desk.post(f"/postings/{returned_number}/undo", {"reason": "returned unpaid"}, status=200)
    assert returned["owed"] == 19125.78
    postings = (await desk.get("/postings?limit=200"))["items"]
    found = {one["kind"]: one["owed"] for one in postings if one["posted_on"] == "2026-03-20"}
    assert found == {
        "returned_payment": 15000.0,
        "interest_adjustment": 851.51,
        "late_fee_adjustment": 950.0,
        "tax_adjustment": 324.27,
    }
    await desk.pay(paid, paid_on)
    third = await desk.statement(THIRD, run=run)
    shown = {one["kind"]: one["owed"] for one in third["postings"] if one["posted_on"] == THIRD}
    assert (shown["interest"], shown["tax"]) == interest
    assert third["total_due"] == total
    assert (await desk.get())["is_revolving"] is revolving
    # The statement of March says what it said.
    assert await desk.get("/statements/2") == second


async def test_h_returned_and_put_back_nets_to_nothing(desk: CardDesk) -> None:
    await bought(desk)
    number = await desk.pay("15000.00", "2026-03-05")
    await desk.purchase("2000.00", "2026-03-10")
    await desk.statement(SECOND)
    await desk.to("2026-03-20")
    await desk.post(f"/postings/{number}/undo", {"reason": "returned unpaid"}, status=200)
    await desk.pay("15000.00", "2026-03-20", value_date="2026-03-05")
    account = await desk.get()
    assert (account["owed"], account["credit_balance"], account["is_revolving"]) == (2000.0, 0, False)
    postings = (await desk.get("/postings?limit=200"))["items"]
    adjusted = [round(one["owed"] * 100) for one in postings if one["kind"].endswith("adjustment")]
    assert (len(adjusted), sum(adjusted)) == (6, 0)
    third = await desk.statement(THIRD)
    # 2,000 was not paid in time: 36 days of interest, 500.00, and their tax.
    assert (charged(third), asks(third)) == ((82.85, 104.91), (2687.76, 1090.0))
