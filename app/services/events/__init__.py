"""Events: every change of the business, told to other programs in order.

- `publishing`: writes events in the transaction of what happened
- `log`: numbers events, reads them, follows them
- `presenting`: an event as other programs see it
- `webhooks`: the endpoints that events are sent to
- `delivery`: brings events to the endpoints
- `sending`: one request, to public addresses only
- `sealed_secrets`: the secrets of webhooks, encrypted
"""
