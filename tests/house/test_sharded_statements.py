"""What a sharded database would refuse is found in the text of a statement (`tests/sharding`, decision 0029)."""

import ast

import pytest

from tests.house.source import ROOT
from tests.sharding.allowed import ALLOWED
from tests.sharding.hearing import find_faults
from tests.sharding.judge import Rule, judge

RIGHT = [
    "SELECT * FROM loans WHERE customer_id = $1 AND id = $2",
    "SELECT * FROM loans AS l WHERE l.customer_id = ANY(CAST($1 AS bigint[]))",
    "SELECT * FROM loans AS l JOIN bills AS b ON b.customer_id = $1 AND b.loan_id = l.id WHERE l.customer_id = $1",
    "SELECT * FROM loans AS l LEFT JOIN bills AS b ON b.customer_id = $1 WHERE l.customer_id = $1",
    (
        "SELECT * FROM loans AS l"
        " CROSS JOIN LATERAL (SELECT 1 FROM bills WHERE customer_id = $1 AND loan_id = l.id) AS b"
        " WHERE l.customer_id = $1"
    ),
    "SELECT version FROM loans WHERE customer_id = $1 FOR NO KEY UPDATE",
    "SELECT 1 FROM products AS p JOIN loans AS l ON l.customer_id = $1 AND l.product_code = p.code",
    "INSERT INTO loans (id, customer_id) VALUES ($1, $2), ($3, $4)",
    (
        "INSERT INTO transfers (customer_id, number) SELECT l.customer_id, n FROM unnest($1::int[]) AS n"
        " JOIN loans AS l ON l.customer_id = $2"
    ),
    "INSERT INTO products (code) VALUES ($1)",
    "INSERT INTO outbox (job) VALUES ($1) ON CONFLICT DO NOTHING",
    "INSERT INTO public_ids (number) VALUES (nextval('score_numbers')) RETURNING number",
    (
        "WITH moved AS (UPDATE loans SET version = 2 WHERE customer_id = $1 RETURNING id),"
        " noted AS (INSERT INTO audit_events (actor) VALUES ($2)) SELECT count(*) FROM moved"
    ),
    (
        "UPDATE loans AS l SET advance_part_paise = (CAST($2 AS bigint[]))[n.first : n.last]"
        " FROM unnest($3::int[], $4::int[]) AS n(first, last) WHERE l.customer_id = $1"
    ),
    "SELECT count(*) FROM user_accounts AS u JOIN business_clock AS c ON true",
    "CREATE TEMPORARY TABLE moved_loans (id bigint)",
]
WRONG = [
    ("SELECT * FROM loans", Rule.ASKS_ALL_SHARDS),
    ("SELECT * FROM loans WHERE id = $1", Rule.ASKS_ALL_SHARDS),
    ("SELECT * FROM loans WHERE customer_id = $1 OR id = $2", Rule.ASKS_ALL_SHARDS),
    ("SELECT * FROM loans WHERE customer_id > $1", Rule.ASKS_ALL_SHARDS),
    ("SELECT * FROM instalments WHERE loan_id = $1", Rule.ASKS_ALL_SHARDS),
    # The number is not compared with the second table itself.
    ("SELECT * FROM loans AS l JOIN bills AS b ON b.customer_id = l.customer_id WHERE l.customer_id = $1",
     Rule.ASKS_ALL_SHARDS),
    # A condition of an outer join does not limit the outer table.
    ("SELECT * FROM loans AS l LEFT JOIN bills AS b ON b.customer_id = $1 AND l.customer_id = $1",
     Rule.ASKS_ALL_SHARDS),
    (("SELECT * FROM loans AS l, LATERAL (SELECT 1 FROM bills AS b WHERE b.customer_id = l.customer_id) AS c"
     " WHERE l.customer_id = $1"), Rule.ASKS_ALL_SHARDS),
    (("SELECT (SELECT count(*) FROM bills AS b WHERE b.customer_id = l.customer_id) FROM loans AS l"
     " WHERE l.customer_id = $1"), Rule.ASKS_ALL_SHARDS),
    ("DELETE FROM parked_loans AS p USING loans AS l WHERE l.customer_id = $1 AND p.customer_id = l.customer_id",
     Rule.ASKS_ALL_SHARDS),
    ("INSERT INTO loans (customer_id) VALUES (nextval('customer_numbers'))", Rule.ASKS_ALL_SHARDS),
    ("SELECT array_agg(ROW(b.cycle, b.due_on)) FROM bills AS b WHERE b.customer_id = $1", Rule.ANONYMOUS_ROWS),
    ("SELECT * FROM loans WHERE customer_id = (SELECT customer_id FROM public_ids WHERE number = $1)",
     Rule.OWNER_BY_SUBQUERY),
    ("SELECT id FROM loans WHERE customer_id = ANY($1) FOR UPDATE", Rule.LOCKS_MANY),
    ("SELECT customer_id FROM customers WHERE state = 'prospect' FOR UPDATE", Rule.LOCKS_MANY),
    ("INSERT INTO products (code) VALUES ($1) ON CONFLICT DO NOTHING", Rule.CONFLICT_IN_REFERENCE),
    ("SELECT * FROM public_ids AS i JOIN loans AS l ON l.customer_id = $1 AND l.id = i.number", Rule.MIXED),
    ("INSERT INTO outbox (key) SELECT id::text FROM loans WHERE customer_id = $1", Rule.MIXED),
    ("SELECT id, nextval('payment_numbers') FROM loans WHERE customer_id = $1", Rule.COORDINATOR_FUNCTION),
    (("UPDATE loans AS l SET movement_dates = CAST(n.days AS date[]) FROM unnest($2::text[]) AS n(days)"
     " WHERE l.customer_id = $1"), Rule.CAST_OF_A_COLUMN),
    ("UPDATE customers SET created_at = now() WHERE customer_id = $1", Rule.VOLATILE_FUNCTION),
    ("UPDATE customers SET registered_on = CURRENT_DATE WHERE customer_id = $1", Rule.VOLATILE_FUNCTION),
    ("UPDATE customers SET name = concat(name, $2) WHERE customer_id = $1", Rule.STABLE_FUNCTION),
    (("INSERT INTO parked_loans AS p (customer_id, message) VALUES ($1, $2)"
     " ON CONFLICT (customer_id) DO UPDATE SET message = to_char(p.parked_at, 'YYYY')"), Rule.STABLE_FUNCTION),
    ("INSERT INTO transfers (customer_id) SELECT n FROM unnest($1::bigint[]) AS n", Rule.THROUGH_THE_COORDINATOR),
    # The customer is the same, but a cluster knows it only of a column of a business table.
    (("INSERT INTO transfers (customer_id, number) SELECT n.* FROM unnest($1::bigint[], $2::int[]) AS n(customer_id, x)"
     " JOIN loans AS l ON l.customer_id = n.customer_id WHERE l.customer_id = $3"), Rule.THROUGH_THE_COORDINATOR),
    (("INSERT INTO transfers (number, customer_id) SELECT n.x, n.customer_id FROM unnest($1::bigint[], $2::int[])"
     " AS n(customer_id, x) JOIN loans AS l ON l.customer_id = n.customer_id WHERE l.customer_id = $3"),
     Rule.THROUGH_THE_COORDINATOR),
    ("SELECT status, count(*) FROM loans GROUP BY ROLLUP (status)", Rule.ONE_SHARD_ONLY),
    (("WITH RECURSIVE all_of AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM all_of WHERE n < 3)"
     " SELECT * FROM loans CROSS JOIN all_of"), Rule.ONE_SHARD_ONLY),
    ("SELECT * FROM loans AS l JOIN bills AS b ON b.loan_id = l.id", Rule.NOT_BY_CUSTOMER),
    ("SELECT * FROM loans AS l, bills AS b WHERE b.loan_id = l.id", Rule.NOT_BY_CUSTOMER),
    ("SELECT * FROM loans AS l WHERE EXISTS (SELECT FROM bills AS b WHERE b.loan_id = l.id)", Rule.NOT_BY_CUSTOMER),
    (("SELECT * FROM loans AS l CROSS JOIN LATERAL (SELECT count(*) FROM bills AS b WHERE b.loan_id = l.id) AS c"),
     Rule.NOT_BY_CUSTOMER),
    (("UPDATE bills AS b SET cycle = l.next_cycle FROM loans AS l WHERE b.loan_id = l.id"), Rule.NOT_BY_CUSTOMER),
    (("SELECT * FROM loans AS l JOIN bills AS b ON b.customer_id = l.customer_id"
     " JOIN schedules AS s ON s.loan_id = l.id"), Rule.NOT_BY_CUSTOMER),
]  # fmt: skip


#: They ask all shards, and each shard can execute its part.
OF_ALL = [
    "SELECT * FROM loans AS l JOIN bills AS b ON b.customer_id = l.customer_id AND b.loan_id = l.id",
    "SELECT * FROM loans AS l LEFT JOIN bills AS b ON b.customer_id = l.customer_id",
    "SELECT * FROM loans AS l WHERE EXISTS (SELECT FROM bills AS b WHERE b.customer_id = l.customer_id)",
    "SELECT (SELECT count(*) FROM bills WHERE customer_id = l.customer_id) FROM loans AS l",
    "SELECT * FROM loans WHERE EXISTS (SELECT FROM unnest(movement_dates) AS d(day) WHERE day < $1)",
    "SELECT a.n, b.n FROM (SELECT count(*) AS n FROM loans) AS a CROSS JOIN (SELECT count(*) AS n FROM bills) AS b",
    "SELECT * FROM loans WHERE disbursed_on > (SELECT max(due_on) FROM bills)",
    (
        "SELECT * FROM unnest($1::bigint[]) AS n(customer_id) JOIN loans AS l ON l.customer_id = n.customer_id"
        " JOIN bills AS b ON b.customer_id = n.customer_id AND b.loan_id = l.id"
    ),
    "SELECT customer_id FROM loans UNION SELECT customer_id FROM bills",
    "UPDATE bills AS b SET cycle = l.next_cycle FROM loans AS l WHERE b.customer_id = l.customer_id",
]


@pytest.mark.parametrize("statement", OF_ALL)
def test_a_statement_of_all_shards_that_each_can_execute(statement: str) -> None:
    assert {breach.rule for breach in judge(statement)} == {Rule.ASKS_ALL_SHARDS}


@pytest.mark.parametrize("statement", RIGHT)
def test_a_statement_that_one_server_can_execute(statement: str) -> None:
    assert judge(statement) == []


@pytest.mark.parametrize("statement, rule", WRONG)
def test_a_statement_that_a_cluster_refuses_or_sends_to_all(statement: str, rule: Rule) -> None:
    assert rule in {breach.rule for breach in judge(statement)}


def test_a_fault_names_its_function_and_only_its_rules_are_allowed() -> None:
    statement = "SELECT array_agg(ROW(id)) FROM loans"
    (named, row) = find_faults(statement, "lending.loans.get_something")
    assert named.startswith("lending.loans.get_something: a business table is not compared")
    assert find_faults(statement, "reporting.portfolio.sum_products") == [
        row.replace("lending.loans.get_something", "reporting.portfolio.sum_products")
    ]


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_a_function_with_a_reason(name: str) -> None:
    package, module, function = name.split(".")
    tree = ast.parse((ROOT / "app/db/repositories" / package / f"{module}.py").read_text())
    assert function in {node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef)}
    assert ALLOWED[name].reason
    assert ALLOWED[name].rules
