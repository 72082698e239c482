"""Routes of events, and of the webhooks that bring them.

- `events`: reads and follows the log of events
- `webhooks`: endpoints that events are sent to, deliveries
- `event_schemas`: an event as it is shown
- `event_data`: the objects of events
"""
