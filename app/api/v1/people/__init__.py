"""Routes of people.

- `access`: signing in and out, tokens, passwords
- `service_tokens`: tokens of programs, made and revoked by an admin
- `customers`: registering and reading customers
- `identity`: revealing an identity number for a reason
"""
