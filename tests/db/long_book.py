"""A filled database for tests of what a statement reads: a hundred thousand customers with a row or two of everything.

It is made by SQL, so it says nothing that the domain would not refuse; only the shape counts: how many rows there are,
in which order they were written, and how many of them a filter leaves.
"""

from typing import Any, Final

CUSTOMERS: Final = 100_000

#: One loan a customer. One in 50 is closed, and three are of a product that hardly anybody takes. One in 20 is overdue
#: since 17 November and will be charged on 7 December: most of these before their next bill.
_LOANS = """
INSERT INTO customers (customer_id, state, name, email, phone, registered_on, created_at, actor)
SELECT n, 'customer', 'Asha Rao', n || '@example.com', '+91 ' || 9000000000 + n, '2026-01-01', now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO loans (customer_id, id, product_code, product_version, status, disbursed_paise, annual_rate_percent,
    instalments, disbursed_on, closed_on, schedule_version, next_cycle, cycle_began_on, next_billing_on, next_event_on,
    due_event_on, last_event_on, principal_paise, interest_paise, charges_paise, advance_paise, unbilled_interest_paise,
    advance_payment_ids, advance_part_paise, movement_dates, movement_paise, last_transfer, version, created_at, actor)
SELECT n, n, CASE WHEN n % 33334 = 0 THEN 'PERSONAL_LOAN' WHEN n % 20 = 1 THEN 'LATE_LOAN'
    WHEN n % 3 = 0 THEN 'CREDIT_CARD_LOAN' ELSE 'STANDARD_LOAN' END, CASE WHEN n % 33334 = 0 THEN 2 ELSE 1 END,
    CASE WHEN n % 50 = 0 THEN 'closed' ELSE 'active' END, 5000000, 12, 12, DATE '2026-01-01' + n / 300, NULL, 1, 2,
    '2026-11-01', CASE WHEN n % 50 <> 0 THEN DATE '2026-12-01' + n % 30 END,
    CASE WHEN n % 20 = 1 THEN least(DATE '2026-12-01' + n % 30, '2026-12-07')
        WHEN n % 50 <> 0 THEN DATE '2026-12-01' + n % 30 END,
    CASE WHEN n % 20 = 1 AND n % 30 > 6 THEN DATE '2026-12-01' + n % 30 END, '2026-11-01', 4000000, 0, 0, 0, 0,
    '{{}}', '{{}}', '{{}}', '{{}}', 1, 1, now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO loan_origins SELECT customer_id, id, product_code, disbursed_on FROM loans;

INSERT INTO bills (customer_id, loan_id, cycle, from_on, billed_on, due_on, booked_on, opening_principal_paise,
    interest_paise, principal_due_paise, past_due_paise, total_due_paise, minimum_due_paise, schedule_version,
    unpaid_charges_paise, unpaid_interest_paise, unpaid_principal_paise, returned_paise, closed_on, settled_on)
SELECT n, n, 1, '2026-10-01', '2026-11-01', '2026-11-16', '2026-11-01', 5000000, 100, 100, 0, 200, 200, 1, 0, 100, 100,
    0, CASE WHEN n % 20 = 1 THEN DATE '2026-11-17' END, CASE WHEN n % 20 <> 1 THEN DATE '2026-11-10' END
FROM generate_series(1, {loans}) AS n;

INSERT INTO payments (customer_id, id, loan_id, amount_paise, value_date, booked_on, reference, treated_as, received_at,
    actor)
SELECT n, n, n, 100, DATE '2026-01-01' + n / 300, DATE '2026-01-01' + n / 300, 'UTR-' || n, 'instalment', now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO card_accounts (customer_id, id, product_code, product_version, status, opened_on, opening_limit_paise,
    opening_statement_day, limit_paise, statement_day, next_statement_on, used_paise, cash_used_paise, held_paise,
    cash_held_paise, last_posting, last_statement, last_transfer, version, state, created_at, actor)
SELECT n, n, 'STANDARD_LOAN', 1, 'open', '2026-01-01', 5000000, 15, 5000000, 15, '2026-12-15', 0, 0, 0, 0, 2, 0, 0, 1,
    '{{}}', now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO card_postings (customer_id, account_id, number, kind, is_fact, amount_paise, owed_paise, undone_paise,
    value_on, posted_on, reference, posted_at, actor)
SELECT n, n, number, CASE number WHEN 1 THEN 'purchase' ELSE 'payment' END, true, 100, 0, 0,
    DATE '2026-01-01' + n / 300, DATE '2026-01-01' + n / 300, 'UTR-' || n + number - 2, now(), 'test'
FROM generate_series(1, {loans}) AS n, generate_series(1, 2) AS number;

INSERT INTO applications (customer_id, id, product_code, product_version, amount_paise, instalments, fingerprint,
    status, reasons, loan_id, applied_on, created_at, actor)
SELECT n, n, 'STANDARD_LOAN', 1, 5000000, 12, '\\x00', CASE WHEN n % 10000 = 0 THEN 'pending' ELSE 'approved' END, '[]',
    n, '2026-01-01', now(), 'test'
FROM generate_series(1, {loans}) AS n;

INSERT INTO collection_cases (customer_id, kind, facility_id, opened_on, closed_on, oldest_due_on, asset_class,
    overdue_paise, officer_id, next_action, next_action_on, promise)
SELECT n, 'loan', n, '2026-11-01', CASE WHEN n % 10 = 0 THEN DATE '2026-11-20' END, DATE '2026-11-30' - n % 100,
    CASE WHEN n % 100 < 30 THEN 'sma_0' WHEN n % 100 < 60 THEN 'sma_1' WHEN n % 100 < 90 THEN 'sma_2'
    ELSE 'sub_standard' END, 100000 + n * 7919 % 1000000, CASE WHEN n % 4 <> 0 THEN n % 200 END,
    CASE WHEN n % 5 = 0 THEN 'call' END, CASE WHEN n % 5 = 0 THEN DATE '2026-12-01' + n % 7 END,
    CASE WHEN n % 3 = 0 THEN 'open' END
FROM generate_series(1, {loans}) AS n;

INSERT INTO collection_promises (customer_id, id, kind, facility_id, amount_paise, pay_by, made_on, made_at, status,
    paid_paise, kept_on, status_on, actor)
SELECT n, n, 'loan', n, 100000, DATE '2026-11-01' + n / 1000, '2026-11-01', now(),
    CASE WHEN n % 20 = 0 THEN 'open' ELSE 'broken' END, 0, NULL, '2026-11-01', 'test'
FROM generate_series(1, {loans}) AS n
"""

#: What is beside the loans. Of the events, audit events and deliveries nearly all are alike, and some kinds are
#: missing: a filter that leaves nothing is the worst case of a list. The first customer has a loan with a long history.
_BESIDE = """
INSERT INTO schedules (customer_id, loan_id, version, made_on, reason, first_planned, emi_paise, due_on,
    principal_paise, interest_paise)
SELECT n, n, 1, '2026-01-01', 'disbursal', 1, 440000,
    ARRAY(SELECT DATE '2026-02-01' + 30 * k FROM generate_series(0, 11) AS k), array_fill(400000, ARRAY[12]),
    array_fill(40000, ARRAY[12])
FROM generate_series(1, {customers}) AS n;

INSERT INTO transfers (customer_id, loan_id, number, group_number, kind, debit, credit, amount_paise, component,
    value_date, booked_on)
SELECT n, n, 1, 1, 'disbursal', 'principal', 'cash', 100, 'principal', DATE '2026-01-01' + n / 300,
    DATE '2026-01-01' + n / 300
FROM generate_series(1, {customers}) AS n
UNION ALL
SELECT 1, 1, n, n, 'payment', 'cash', 'principal', 100, 'principal', '2026-11-30', '2026-11-30'
FROM generate_series(2, 20000) AS n;

INSERT INTO loan_charges (customer_id, id, loan_id, kind, booked_on, amount_paise, tax_paise, sac, for_third_party,
    booked_at, actor)
SELECT n, n, n, 'bounce', DATE '2026-01-01' + n / 300, 50000, 9000, '997113', false, now(), 'test'
FROM generate_series(1, {customers}) AS n;

INSERT INTO gst_documents (customer_id, loan_id, transfer_number, kind, number, supplied_on, booked_on, charge, place,
    taxable_paise, central_paise, state_paise, integrated_paise, made_at)
SELECT n, n, 1, 'invoice', 'I26' || n, DATE '2026-01-01' + n / 300, DATE '2026-01-01' + n / 300, 'bounce', '27', 50000,
    4500, 4500, 0, now()
FROM generate_series(1, {customers}) AS n;

INSERT INTO card_gst_documents (customer_id, account_id, cause, cause_number, cause_of, posting, found_by, kind, number,
    supplied_on, booked_on, charge, place, taxable_paise, central_paise, state_paise, integrated_paise, made_at)
SELECT n, n, 'fee', 1, 0, 1, 0, 'invoice', 'C26' || n, DATE '2026-01-01' + n / 300, DATE '2026-01-01' + n / 300, 'fee',
    '27', 50000, 4500, 4500, 0, now()
FROM generate_series(1, {customers}) AS n;

INSERT INTO card_statements (customer_id, account_id, number, from_on, issued_on, due_on, booked_on, opening_paise,
    closing_paise, total_due_paise, minimum_due_paise, asked, balances, interest, plan_paise, disputed_paise,
    interest_free, first_posting, last_posting)
SELECT n, n, number, DATE '2026-01-01' + 30 * number, DATE '2026-01-31' + 30 * number, DATE '2026-02-18' + 30 * number,
    DATE '2026-01-31' + 30 * number, 0, n % 1000, n % 1000, 0, '{{}}', '{{}}', '{{}}', 0, 0, true, 1, 1
FROM generate_series(1, 2) AS number, generate_series(1, {customers}) AS n;

INSERT INTO card_holds (customer_id, account_id, reference, token, kind, amount_paise, captured_paise, status, merchant,
    category_code, country, is_online, transacted_at, approved_on, expires_at, available_paise, created_at, actor)
SELECT n, n, 'A-' || n, 'token', 'purchase', 100, 100, 'captured', 'Shop', '5411', 'IN', true,
    TIMESTAMPTZ '2026-01-01' + n * INTERVAL '5 minutes', DATE '2026-01-01' + n / 300, now(), 100,
    TIMESTAMPTZ '2026-01-01' + n * INTERVAL '5 minutes', 'test'
FROM generate_series(1, {customers}) AS n
UNION ALL
SELECT 1, 1, 'B-' || n, 'token', 'purchase', 100, 100, 'captured', 'Shop', '5411', 'IN', true,
    TIMESTAMPTZ '2026-01-01' + n * INTERVAL '5 minutes', DATE '2026-01-01' + n / 300, now(), 100,
    TIMESTAMPTZ '2026-01-01' + n * INTERVAL '5 minutes', 'test'
FROM generate_series(1, 20000) AS n;

INSERT INTO card_transfers (customer_id, account_id, number, posting, debit, credit, amount_paise, value_on, booked_on,
    is_laying)
SELECT n, n, 1, 1, 'purchases', 'cash', 100, DATE '2026-01-01' + n / 300, DATE '2026-01-01' + n / 300, false
FROM generate_series(1, {customers}) AS n;

INSERT INTO cards (customer_id, token, account_id, last_four, status, issued_on, expires_on, created_at, actor)
SELECT n, 'token-' || n, n, '1234', 'active', DATE '2026-01-01' + n / 300, '2030-01-31', now(), 'test'
FROM generate_series(1, {customers}) AS n;

INSERT INTO scorecards (code, version, parameters, created_at, actor) VALUES ('long', 1, '{{}}', now(), 'test');

INSERT INTO credit_scores (customer_id, id, scorecard_code, scorecard_version, score, facts, factors, reasons, as_of,
    computed_at)
SELECT n, n, 'long', 1, n % 100, '{{}}', '{{}}', '[]', '2026-01-01', now() FROM generate_series(1, {customers}) AS n;

INSERT INTO imports (kind, content_hash, file_name, status, rows_read, rows_loaded, rows_rejected, rows_known, attempt,
    rules, started_at, actor)
SELECT 'customers', decode(lpad(to_hex(n), 64, '0'), 'hex'), 'file.csv', 'finished', 1, 1, n % 10, 0, 1, 1, now(),
    'test'
FROM generate_series(1, 20000) AS n;

INSERT INTO import_rejects (import_id, row_number, code, reason)
SELECT 1, n, 'invalid', 'not a number' FROM generate_series(1, {customers}) AS n;

INSERT INTO bank_transactions (customer_id, import_id, row_number, transacted_on, direction, amount_paise)
SELECT n, 1, n, DATE '2026-01-01' + n / 300, 'CREDIT', 100 FROM generate_series(1, {customers}) AS n;

INSERT INTO bank_statements (customer_id, import_id, first_on, last_on)
SELECT n, 1, '2026-01-01', '2026-12-31' FROM generate_series(1, {customers}) AS n;

INSERT INTO outbox (job, key, payload, created_at, due_at, attempts, done_at)
SELECT 'score_customer', n, '{{}}', now(), now(), 1, now() FROM generate_series(1, {customers}) AS n;

INSERT INTO billing_runs (business_date, status, actor, loans_due, accounts_due, started_at, finished_at)
SELECT DATE '2000-01-01' + n, 'finished', 'test', 1, 0, now(), now() FROM generate_series(1, 9000) AS n;

INSERT INTO billing_ranges (run_id, number, from_customer_id, to_customer_id, status, attempts, loans, bills,
    demanded_paise, parked, accounts, statements)
SELECT id, number, 1, 2, 'done', 1, 1, 1, 100, 0, 0, 0 FROM billing_runs, generate_series(1, 4) AS number;

INSERT INTO parked_loans (customer_id, loan_id, run_id, code, message, parked_at)
SELECT n, n, (SELECT min(id) + n % 2 FROM billing_runs), 'bug', 'It could not be billed', now()
FROM generate_series(1, {customers}) AS n;

INSERT INTO collection_entries (customer_id, id, kind, facility_id, entry, text, details, happened_at, written_at,
    written_on, actor)
SELECT CASE WHEN n <= 20000 THEN 1 ELSE n END, n, 'loan', CASE WHEN n <= 20000 THEN 1 ELSE n END, 'note', 'Called',
    '{{}}', now(), now(), '2026-11-01', 'test'
FROM generate_series(1, {customers}) AS n;

INSERT INTO events (customer_id, number, size, type, version, loan_id, at, business_date, data)
SELECT n, n, 1, CASE WHEN n % 25000 = 1 THEN 'loan.closed' ELSE 'payment.received' END, 1, n, now(), '2026-11-01',
    '{{"payment_id": "PM-000001"}}'
FROM generate_series(1, {customers}) AS n;

UPDATE event_log SET last_number = {customers};

INSERT INTO webhook_endpoints (id, url, types, status, after_number, secret, key_version, failures, created_at,
    created_by)
SELECT n, 'https://example.com/' || n, '{{}}', 'active', {customers}, '', 1, 0, now(), 'test'
FROM generate_series(1, 3) AS n;

INSERT INTO webhook_deliveries (endpoint_id, number, lane, status, attempts, due_since, delivered_at)
SELECT endpoint, n, n % 1000, (ARRAY['delivered', 'dead', 'waiting'])[endpoint], 1, now(),
    CASE WHEN endpoint = 1 THEN now() END
FROM generate_series(1, 3) AS endpoint, generate_series(1, {customers}) AS n;

INSERT INTO audit_events (at, actor, action, object_kind, object_id, customer_id, details)
SELECT now(), 'service:loader', 'payment_taken', 'payment', n, n % 1000, '{{}}'
FROM generate_series(1, 2 * {customers}) AS n;

INSERT INTO proposals (customer_id, id, loan_id, kind, payload, reason, status, maker_id, maker, made_at, made_on,
    expires_on, checker_id, decided_at)
SELECT n, n, n, 'refund', '{{"amount_paise": 1}}', 'Asked for',
    CASE WHEN n % 2 = 0 THEN 'proposed' ELSE 'approved' END, 1, 'test', now(),
    DATE '2026-01-01' + n / 300, DATE '2026-01-08' + n / 300, CASE WHEN n % 2 <> 0 THEN 2 END,
    CASE WHEN n % 2 <> 0 THEN now() END
FROM generate_series(1, {customers}) AS n;

INSERT INTO public_ids (kind, number, customer_id) SELECT 'payment', n, n FROM generate_series(1, {customers}) AS n
"""
TABLES: Final = (
    "customers", "loans", "loan_origins", "bills", "payments", "card_accounts", "card_postings", "applications",
    "collection_cases", "collection_promises", "schedules", "transfers", "loan_charges", "gst_documents",
    "card_gst_documents", "card_statements", "card_holds", "card_transfers", "cards", "credit_scores", "imports",
    "import_rejects", "bank_transactions", "bank_statements", "outbox", "billing_runs", "billing_ranges",
    "parked_loans", "collection_entries", "events", "webhook_endpoints", "webhook_deliveries", "audit_events",
    "proposals", "public_ids",
)  # fmt: skip


async def fill(database: Any) -> None:
    """Fills an empty database that has the products of the loans."""
    await database.execute(_LOANS.format(loans=CUSTOMERS))
    await database.execute(_BESIDE.format(customers=CUSTOMERS))
    for table in TABLES:
        await database.execute(f"VACUUM ANALYZE {table}")


async def empty(database: Any) -> None:
    """Empties it. To delete this many rows one by one takes half a minute."""
    await database.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
