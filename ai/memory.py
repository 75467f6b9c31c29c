"""Keeps freed memory in the process for the next batch, where the C library would hand it back to the system each time.

A batch's activations are some megabytes each, made and freed at every layer. glibc maps such blocks anew each time, and the
system fills them with zeros, page by page: a fifth of a forward pass of a small network, and now and then more.
"""

from __future__ import annotations

import ctypes
import platform
from functools import cache

TRIM, MAP = -1, -3
"""glibc's names for what follows: M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of mallopt(3)."""
KEPT = 512 * 2**20
"""Bytes at the end of the heap that stay with the process after they were freed."""
LARGEST = 64 * 2**20
"""Blocks larger than this are still the system's as soon as they are free."""


@cache
def keep() -> bool:
    """Ask the allocator to keep freed memory, once for the process; tell whether it will. Other libraries are left alone."""
    if platform.libc_ver()[0] != "glibc":
        return False
    try:
        ask = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(ask(TRIM, KEPT)) and bool(ask(MAP, LARGEST))
