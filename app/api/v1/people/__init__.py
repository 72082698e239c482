"""Routes of people.

- `access`: sign in and out, tokens, passwords
- `service_tokens`: tokens of programs, which an admin makes and revokes
- `customers`: register and read customers
- `customer_lists`: lists customers and searches them
- `identity`: reveal an Aadhaar number for a stated reason
"""
