"""Events: what happened in the business, told to other programs.

- `catalog`: the types of events, what each means, and the version of its payload
- `happened`: an event before it is written, alone or many of one type at once
- `subscriptions`: which events a webhook endpoint wants, and when a delivery is tried again
- `signatures`: the secrets of webhooks, and the signature over what is sent
- `addresses`: which addresses a webhook may be sent to
"""
