"""The peer of a billing run: one SQL statement, written by hand for this product and this book.

It does only what a run does with the loans of this book: it computes the interest of the cycle with its movements,
issues the bill, inserts the transfer and moves the loan to its next cycle. It cannot handle open bills, advances, last
cycles, other products or broken loans. The interest is materialized: otherwise PostgreSQL puts its expression into
each column that uses it, and sums the movements of a loan six times.
"""

BILL_BY_HAND = """
WITH due AS (
    SELECT l.customer_id, l.id, l.version, l.next_cycle, l.cycle_began_on, l.schedule_version, l.last_transfer,
           l.principal_paise, l.next_billing_on AS billed_on,
           s.due_on[l.next_cycle + 1] AS next_on,
           s.principal_paise[l.next_cycle] + s.interest_paise[l.next_cycle] AS instalment,
           round(l.annual_rate_percent * 1000 / 365)::bigint * (
               l.principal_paise * (l.next_billing_on - l.cycle_began_on)
               - coalesce((SELECT sum(delta * (on_day - l.cycle_began_on))
                           FROM unnest(l.movement_paise, l.movement_dates) AS movement(delta, on_day))::bigint, 0)
           ) AS interest_numerator
    FROM loans AS l
    JOIN schedules AS s ON s.customer_id = l.customer_id AND s.loan_id = l.id AND s.version = l.schedule_version
    WHERE l.status = 'active' AND l.next_event_on <= $1 AND l.customer_id BETWEEN $2 AND $3
), charged AS MATERIALIZED (
    SELECT due.*, (2 * interest_numerator + 100000) / 200000 AS interest FROM due
), demanded AS (
    SELECT charged.*, least(greatest(instalment - interest, 0), principal_paise) AS principal_due,
           least(interest + (principal_paise * 3 + 99) / 100,
                 interest + least(greatest(instalment - interest, 0), principal_paise)) AS minimum
    FROM charged
), moved AS (
    UPDATE loans AS l SET
        version = l.version + 1, status = 'active', closed_on = NULL, schedule_version = d.schedule_version,
        next_cycle = d.next_cycle + 1, cycle_began_on = d.billed_on, next_billing_on = d.next_on,
        next_event_on = least(d.next_on, d.billed_on + 16), last_event_on = d.billed_on,
        principal_paise = d.principal_paise, interest_paise = l.interest_paise + d.interest,
        charges_paise = l.charges_paise, advance_paise = l.advance_paise,
        unbilled_interest_paise = l.unbilled_interest_paise, advance_payment_ids = l.advance_payment_ids,
        advance_part_paise = l.advance_part_paise, movement_dates = '{}', movement_paise = '{}',
        last_transfer = d.last_transfer + 1
    FROM demanded AS d
    WHERE l.customer_id = d.customer_id AND l.id = d.id AND l.version = d.version
), issued AS (
    INSERT INTO bills (customer_id, loan_id, cycle, from_on, billed_on, due_on, booked_on, opening_principal_paise,
                       interest_paise, principal_due_paise, past_due_paise, total_due_paise, minimum_due_paise,
                       schedule_version, run_id, unpaid_charges_paise, unpaid_interest_paise, unpaid_principal_paise,
                       returned_paise, closed_on, settled_on)
    SELECT customer_id, id, next_cycle, cycle_began_on, billed_on, billed_on + 15, $1, principal_paise,
           interest, principal_due, 0, interest + principal_due, minimum,
           schedule_version, $4::bigint, 0, interest, principal_due, 0, NULL, NULL
    FROM demanded
)
INSERT INTO transfers (customer_id, loan_id, number, group_number, kind, debit, credit, amount_paise, component,
                       value_date, booked_on, cycle, payment_id, reverses)
SELECT customer_id, id, last_transfer + 1, last_transfer + 1, 'interest', 'interest', 'interest_income', interest,
       'interest', billed_on, $1, next_cycle, NULL, NULL
FROM demanded
"""

#: Checksums of the rows that a run writes. They are equal for two books with equal rows.
CHECKSUMS = """
SELECT (SELECT sum(hashtextextended(ROW(b.*)::text, 0)) FROM bills AS b)::text,
       (SELECT sum(hashtextextended(ROW(t.*)::text, 0)) FROM transfers AS t)::text,
       (SELECT sum(hashtextextended(ROW(l.*)::text, 0)) FROM loans AS l)::text
"""
