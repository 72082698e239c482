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


async def test_h_a_payment_is_returned(desk: CardDesk) -> None:
    await bought(desk)
    paid = await desk.pay("15000.00", "2026-03-05")
    await desk.purchase("2000.00", "2026-03-10")
    second = await desk.statement(SECOND)
    assert (charged(second), asks(second)) == ((0, 0), (2000.0, 200.0))
    await desk.to("2026-03-20")
    returned = await desk.post(f"/postings/{paid}/undo", {"reason": "returned unpaid"}, status=200)
    assert returned["owed"] == 19125.78
    await desk.pay("17000.00", "2026-03-25")
    third = await desk.statement(THIRD)
    assert third["total_due"] == 2356.61
    assert not (await desk.get())["is_revolving"]
