"""The statements that may ask all shards, or break another rule of `judge`, each with its reason.

`docs/operations.md` ("A cluster") tells operators which lists ask all shards.
"""

from typing import Final, NamedTuple

from tests.sharding.judge import Rule


class Allowance(NamedTuple):
    """Rules that a function's statements may break, and why."""

    rules: frozenset[Rule]
    reason: str


def _all_shards(reason: str, *others: Rule) -> Allowance:
    return Allowance(frozenset({Rule.ASKS_ALL_SHARDS, *others}), reason)


_PAGES: Final = _all_shards("a page of staff over all customers")
_REPORTS: Final = _all_shards("a sum over the whole portfolio, which is computed once an hour and kept")
_RANGES: Final = _all_shards("a range of a billing run has thousands of customers")
_FILES: Final = _all_shards("a block of a file has thousands of customers", Rule.THROUGH_THE_COORDINATOR)
_DAY_ENDS: Final = _all_shards("a day-end judges thousands of customers", Rule.THROUGH_THE_COORDINATOR)
_COLLECTIONS: Final = _all_shards("a day-end is followed for thousands of customers", Rule.THROUGH_THE_COORDINATOR)
_BUREAU: Final = _all_shards("a file for credit bureaus has all customers, some hundred at a time")
_RISK: Final = _all_shards("a report of the whole book, for staff")
_BOOKS: Final = _all_shards("the books of the lender are sums over all customers")
_KEYS: Final = _all_shards("the Aadhaar keys are those of all customers; an operator rotates them")

ALLOWED: Final[dict[str, Allowance]] = {
    "accounting.accruals.find_card_accounts": _BOOKS,
    "accounting.accruals.find_loans": _BOOKS,
    "accounting.agreement.sum_both": _BOOKS,
    "accounting.journal.find_first_day": _BOOKS,
    "accounting.journal.list_of_account": _PAGES,
    "accounting.journal.stream_day": _BOOKS,
    "accounting.journal.sum_moved": _BOOKS,
    "billing.bills.update_bill_states": _RANGES,
    "billing.due_loans.list_due_loans": _RANGES,
    "billing.due_loans.update_loans": _all_shards(
        "a range of a billing run; the new states come from a temporary table", Rule.MIXED
    ),
    "billing.plain_cycles.list_plain_loans": _RANGES,
    "billing.plain_cycles.write_plain_bills": _all_shards(
        "sent to one server only (`Placement`): on a cluster no cycle is billed as a plain one",
        Rule.MIXED,
        Rule.THROUGH_THE_COORDINATOR,
    ),
    "billing.runs.cut_ranges": _RANGES,
    "billing.runs.list_due_spans": _RANGES,
    "billing.runs.list_parked_loans": _PAGES,
    "cards.accounts.list_keys": _all_shards("reconciliation reads all card accounts, page by page"),
    "cards.due_accounts.list_due": _RANGES,
    "cards.due_accounts.update_accounts": _all_shards(
        "a range of a billing run; the new states come from a temporary table", Rule.MIXED
    ),
    "cards.payment_lists.list_payments": _PAGES,
    "cards.groups.lock_accounts": Allowance(
        frozenset({Rule.LOCKS_MANY}), "a group of authorisations is formed by shard, so one server locks them"
    ),
    "cards.holds.list_expired": _all_shards("once a minute, whosever card it is"),
    "collections.assigning.list_keys": _all_shards("cases of all customers are dealt to officers by a filter"),
    "collections.cases.list_cases": _PAGES,
    "collections.day_view.list_day": _PAGES,
    "collections.day_view.sum_day": _all_shards("the day of each officer, over all customers"),
    "collections.followed.list_customers": _COLLECTIONS,
    "collections.followed.put_cases": _COLLECTIONS,
    "collections.promises.list_promises": _PAGES,
    "credit.application_lists.list_applications": _PAGES,
    "credit.applications.expire_applications": _all_shards("once a day, whoever applied"),
    "delinquency.bureau.list_facts": _BUREAU,
    "delinquency.bureau.list_lines": _BUREAU,
    "delinquency.changes.put_states": _DAY_ENDS,
    "delinquency.late_facilities.list_customers": _DAY_ENDS,
    "delinquency.risk.count_vintages": _RISK,
    "delinquency.risk.sum_book": _RISK,
    "delinquency.risk.sum_rolls": _RISK,
    "delinquency.suspense.list_to_move": _DAY_ENDS,
    "imports.bank_transactions.add_statements": _FILES,
    "imports.bank_transactions.list_other_statements": _FILES,
    "imports.bank_transactions.list_others_in_days": _FILES,
    "imports.bank_transactions.list_others_like": _FILES,
    "imports.bank_transactions.list_registered_of_import": _FILES,
    "lending.changes.list_due_notices": _all_shards("once a minute, whosever loan it is"),
    "lending.loan_lists.list_loans": _PAGES,
    "lending.external_loans.count_external_loans": _all_shards("a count for /health, kept for some seconds"),
    "lending.external_loans.list_known": _FILES,
    "lending.external_loans.list_scorable": _FILES,
    "lending.external_loans.list_scorable_of_import": _FILES,
    "lending.loans.count_loans": _all_shards("a count for /health, kept for some seconds"),
    "lending.loans.list_loan_keys": _all_shards("`kist reconcile` reads all loans, page by page"),
    "lending.positions.lock_stored_loans": Allowance(
        frozenset({Rule.LOCKS_MANY, Rule.COORDINATOR_FUNCTION}),
        "a group of payments is formed by shard, so one server locks them; the statement with the sequence is sent to"
        " one server only (`Placement`)",
    ),
    "operations.browsing.count_rows": _PAGES,
    "operations.browsing.list_rows": _PAGES,
    "operations.browsing.list_rows_by_key": _PAGES,
    "operations.finding.list_people": _PAGES,
    "operations.finding.list_people_by_words": _PAGES,
    "operations.finding.list_loans_of": _PAGES,
    "operations.gauges.get_backlog": _all_shards("counts for metrics and `kist doctor`"),
    "operations.health.count_customers": _all_shards("a count for /health, kept for some seconds"),
    "operations.proposals.list_proposals": _PAGES,
    "payments.payment_lists.list_payments_of_all": _PAGES,
    "people.customer_lists.list_customers": _PAGES,
    "people.customers.count_sealed_otherwise": _KEYS,
    "people.customers.list_sealed_otherwise": _KEYS,
    "people.customers.lock_profiles": Allowance(
        frozenset({Rule.LOCKS_MANY}), "a group of applications is formed by shard, so one server locks them"
    ),
    "people.customers.replace_sealed_numbers": _KEYS,
    "people.keys.find_number_under": _KEYS,
    "people.keys.list_sealed_versions": _KEYS,
    "products.versions.count_open_loans": _REPORTS,
    "reporting.card_gst.list_undocumented": _all_shards("tax documents are numbered over all customers"),
    "reporting.card_gst.sum_documents": _RISK,
    "reporting.card_gst.sum_ledger_tax": _RISK,
    "reporting.gst.list_undocumented": _all_shards("tax documents are numbered over all customers"),
    "reporting.gst.sum_documents": _RISK,
    "reporting.gst.sum_ledger_tax": _RISK,
    "reporting.portfolio.count_scores": _REPORTS,
    "reporting.portfolio.sum_ages": _REPORTS,
    "reporting.portfolio.sum_collected": _REPORTS,
    "reporting.portfolio.sum_disbursed": _REPORTS,
    "reporting.portfolio.sum_products": _REPORTS,
}
