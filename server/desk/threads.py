"""Threads: long computations leave gevent's loop, so that nobody's answer waits for a researcher's page."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@functools.cache
def _pool() -> Any:
    """Return gevent's pool, or None where the process does not run under gevent."""
    try:
        from gevent import monkey  # noqa: PLC0415 - works without gevent
        from gevent.threadpool import ThreadPool  # noqa: PLC0415 - the same
    except ImportError:
        return None
    return ThreadPool(1) if monkey.is_module_patched("threading") else None


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `work` returns, computed in a native thread under gevent; it must touch no store and no socket."""
    pool = _pool()
    return work(*args, **kwargs) if pool is None else pool.apply(work, args, kwargs)
