"""Cards and card accounts. No full card number is ever made.

A card draws on a loan or on a card account: a revolving line with monthly statements and a minimum due.

- `cards`: the card, its expiry, who may block and unblock it, and its spending controls
- `rules`: what the law fixes, from the rulebook
- `engine`: from facts to balances, interest, statements and minimum dues
- `decisions`: a new state of an account with the rows that lead to it
- `requests`: what moves the balance, checked and turned into facts
- `changes`: plans, disputes, limits, the statement day, and the end of an account, as facts
- `authorisations`: approves or declines, captures and releases holds
- `standing`: how late an account is
- `quotes`: what closes an account, and what pays a plan off
- `accruals`: the interest that no statement has charged yet
- `outlooks`: what would happen if only the minimum, or an amount, were paid
- `account_file`: what makes an account current, its balance over time, and what happened to it
- `card_events`: what other programs are told about cards and card accounts
"""
