"""A signal ends a program wherever it arrives."""

import os
import signal
import threading
import time
import weakref

import pytest

from app.signals import StopRequested, stopped_by_signals


class Thing:
    """Something that can be referred to weakly."""


def test_a_signal_that_arrives_where_exceptions_are_dropped_is_sent_again() -> None:
    hurry = threading.Event()
    thing: Thing | None = Thing()

    def arrive(_reference: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    reference = weakref.ref(thing, arrive)
    with stopped_by_signals(hurry):
        thing = None
        assert reference() is None
        with pytest.raises(StopRequested):
            time.sleep(10)
    assert not hurry.is_set()


def test_what_else_is_dropped_is_reported_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[type[BaseException]] = []
    monkeypatch.setattr("sys.unraisablehook", lambda dropped: reported.append(dropped.exc_type))
    with stopped_by_signals(threading.Event()):
        thing = Thing()
        reference = weakref.ref(thing, lambda _: 1 / 0)
        del thing
        assert reference() is None
    assert reported == [ZeroDivisionError]
