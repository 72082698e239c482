"""Customers, staff and services: registering, signing in, and keeping identity numbers secret.

Whoever can hold a token is a principal. Passwords are hashed in threads of their own, access tokens are made and read
by one module, and an identity number is sealed before it is stored.

- `access`: signing in, refreshing a token, signing out
- `tokens`: access tokens, made and read
- `passwords`: hashing passwords
- `password_proof`: who somebody is, proved by a password; wrong tries are counted
- `attempts`: the interface of whoever counts those tries
- `credentials`: setting and changing a password, and what that ends
- `service_tokens`: tokens of programs that call without a person
- `staff`: accounts of staff: added, disabled, enabled
- `customers`: registering customers and showing them
- `identity`: revealing a sealed number for a reason, and sealing all numbers anew under a new key
- `vault`: how an identity number is sealed, and found again by a keyed index
- `keys`: whether the keys in hand are those under which these books were written
"""
