"""Billing: each cycle ends with one bill, which demands interest and principal.

The schedule only plans; a bill demands. Billing a cycle posts its interest and makes its bill. Closing an overdue cycle
posts the late charge and returns unpaid principal above the minimum to the plan.

- `cycles`: bills and closes cycles up to a date; start here
- `plain_cycles`: the same for the many loans of a run that owe nothing of earlier bills, from columns to columns
- `bills`: a bill as it is issued
- `advances`: what happens to a new bill at once
- `charging`: posts the late charge of a bill, and what a new bill demands of charges
- `waived_tax`: the tax of a charge that is waived
- `demands`: the minimum due, and the late charge
- `open_bills`: the totals of open bills, and bills found overdue
- `bill_events`: what other programs are told about bills
- `issued_bills`: a bill as issued, with its unpaid part
- `bills_to_come`: the future bills of a loan, if every bill is paid when it is raised
- `outlooks`: the totals of the bills to come
- `foresight`: the position of a loan on a later day, with a bound on the computation
"""
