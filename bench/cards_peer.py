"""The peer of the statements of a run: one SQL statement, written by hand for this product and this book.

It does only what a run does with the accounts of this book: it sums what was posted, asks for the total and the
minimum, issues the statement with its event, and moves the account to its next cycle. It cannot handle interest, credit
balances, earlier statements, other products or broken accounts, and the account has no state beside its postings.
"""

STATEMENTS_BY_HAND = """
WITH due AS (
    SELECT customer_id, id, version, cast(next_statement_on AS date) AS issued_on, opened_on, last_posting
    FROM card_accounts
    WHERE status = 'open' AND next_event_on <= $1 AND customer_id BETWEEN $2 AND $3
), summed AS (
    SELECT d.*, p.total FROM due AS d CROSS JOIN LATERAL (
        SELECT sum(owed_paise)::bigint AS total FROM card_postings
        WHERE customer_id = d.customer_id AND account_id = d.id AND posted_on <= d.issued_on
    ) AS p
), shared AS (
    SELECT summed.*, least(greatest((total * 5 + 50) / 100, 20000), total) AS share FROM summed
), asked AS (
    SELECT shared.*, least((share + 999) / 1000 * 1000, total) AS minimum, issued_on + 20 AS due_on FROM shared
), moved AS (
    UPDATE card_accounts AS a SET
        version = a.version + 1, next_statement_on = (d.issued_on + interval '1 month')::date,
        next_event_on = d.issued_on + 21, last_statement = 1
    FROM due AS d
    WHERE a.customer_id = d.customer_id AND a.id = d.id AND a.version = d.version
), issued AS (
    INSERT INTO card_statements (customer_id, account_id, number, from_on, issued_on, due_on, booked_on, opening_paise,
                                 closing_paise, total_due_paise, minimum_due_paise, asked, balances, interest,
                                 plan_paise, disputed_paise, interest_free, first_posting, last_posting, run_id)
    SELECT customer_id, id, 1, opened_on, issued_on, due_on, $1, 0, total, total, minimum,
           jsonb_build_array(total, minimum, jsonb_build_array(0, 0, 0, 0, total, 0, share, 0, 0)),
           jsonb_build_object('purchases', total), '[]', 0, 0, true, 1, last_posting, $4::bigint
    FROM asked
)
INSERT INTO events (customer_id, loan_id, type, version, size, at, business_date, data, traceparent)
SELECT customer_id, NULL, 'card.statement_issued', 1, 1, now(), $1, jsonb_build_object(
           'card_account_id', 'CA-' || lpad(id::text, 6, '0'), 'user_id', 'BC-USER-' || lpad(customer_id::text, 3, '0'),
           'statement', 1, 'statement_on', issued_on, 'due_on', due_on, 'total_due_paise', total,
           'minimum_due_paise', minimum
       ), NULL
FROM asked
"""

#: Checksums of the rows that a run writes. They are equal for two books with equal rows.
CHECKSUMS = """
SELECT (SELECT sum(hashtextextended(ROW(s.*)::text, 0)) FROM card_statements AS s)::text,
       (SELECT sum(hashtextextended(ROW(e.customer_id, e.type, e.data)::text, 0)) FROM events AS e
        WHERE type = 'card.statement_issued')::text,
       (SELECT sum(hashtextextended(ROW(a.customer_id, a.id, a.version, a.next_statement_on, a.next_event_on,
                                        a.last_statement)::text, 0)) FROM card_accounts AS a)::text
"""
