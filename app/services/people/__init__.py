"""Customers, staff and services: registration, sign-in, and the protection of identity numbers.

An account that can hold a token is a user account. Passwords are hashed in separate threads, one module makes and reads
access tokens, and an identity number is encrypted before it is stored.

- `access`: signs in, refreshes a token, signs out
- `tokens`: makes and reads access tokens
- `passwords`: hashes passwords
- `password_proof`: checks an e-mail address and a password, and counts failed attempts
- `attempts`: the port for counting those attempts
- `credentials`: sets and changes passwords, and revokes the tokens made before
- `service_tokens`: tokens for programs that call without a person
- `staff`: adds, disables and enables staff accounts
- `customers`: registers customers and shows them
- `customer_lists`: lists customers, and searches them
- `profiles`: changes a customer's data
- `identity`: reveals a sealed number for a reason, and seals all numbers again under a new key
- `vault`: encrypts identity numbers, and finds them by a keyed index
- `keys`: checks that the configured keys are those under which these books were written
"""
