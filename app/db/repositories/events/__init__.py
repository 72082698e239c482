"""The events that other programs read, and the webhooks that bring them.

- `log`: writes events, numbers them after their commit, reads them in order
- `endpoints`: webhook endpoints
- `deliveries`: deliveries to endpoints, and the lanes that keep their order
"""
