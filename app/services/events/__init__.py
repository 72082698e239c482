"""Events: every change of the business, told to other programs in order.

- `publishing`: writes events in the transaction of what happened
- `log`: numbers events, reads them, follows them
- `presenting`: an event as other programs see it
"""
