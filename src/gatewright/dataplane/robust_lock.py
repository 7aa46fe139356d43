"""A lock in shared memory that the death of its holder releases: glibc's robust, process-shared mutex.

`kill -9` of a process inside of the lock leaves it to the next one (pthread_mutexattr_setrobust(3)); what that process
was writing is for the user of the lock to think of. One take and release costs 0.3 µs. Locks of a file, which the kernel
releases too, cost 2 µs, and are what is left where the C library has no robust mutexes. Those of flock(2) belong to what
was opened; byte-range locks (fcntl(2)) would be gone as soon as their process closes any other descriptor of the file.

A process must not take the lock twice, nor from two threads: who waits holds the interpreter's lock.
"""

import ctypes
import errno
import fcntl
import mmap
import os
from abc import ABC, abstractmethod
from typing import Final

#: More than any platform's pthread_mutex_t: 40 bytes on x86-64, 48 on 64-bit ARM.
LOCK_BYTES: Final = 128
_ATTRIBUTES_BYTES: Final = 64
_PROCESS_SHARED: Final = 1  # PTHREAD_PROCESS_SHARED
_ROBUST: Final = 1  # PTHREAD_MUTEX_ROBUST


class Lock(ABC):
    """Held by one process at a time."""

    __slots__ = ()

    @abstractmethod
    def acquire(self) -> None:
        """Wait until it is ours."""

    @abstractmethod
    def release(self) -> None:
        """Let the next one have it."""


class RobustMutex(Lock):
    """The mutex in `memory` at `offset`."""

    __slots__ = ("_anchor", "_consistent", "_lock", "_mutex", "_unlock")

    def __init__(self, memory: mmap.mmap, offset: int) -> None:
        library = ctypes.PyDLL(None)
        self._lock = library.pthread_mutex_lock
        self._unlock = library.pthread_mutex_unlock
        self._consistent = library.pthread_mutex_consistent
        self._anchor = (ctypes.c_char * LOCK_BYTES).from_buffer(memory, offset)
        self._mutex = ctypes.byref(self._anchor)  # what calls take as it is; a c_void_p would be wrapped for each

    @staticmethod
    def is_available() -> bool:
        """Whether the C library knows such mutexes."""
        library = ctypes.PyDLL(None)
        return all(hasattr(library, f"pthread_{name}") for name in ("mutexattr_setrobust", "mutex_consistent"))

    @staticmethod
    def make(memory: mmap.mmap, offset: int) -> None:
        """Make a mutex that nobody holds; none of those who may use it runs yet."""
        library = ctypes.PyDLL(None)
        attributes = (ctypes.c_char * _ATTRIBUTES_BYTES)()
        place = (ctypes.c_char * LOCK_BYTES).from_buffer(memory, offset)
        ctypes.memset(ctypes.addressof(place), 0, LOCK_BYTES)
        for failure in (
            library.pthread_mutexattr_init(attributes),
            library.pthread_mutexattr_setpshared(attributes, _PROCESS_SHARED),
            library.pthread_mutexattr_setrobust(attributes, _ROBUST),
            library.pthread_mutex_init(ctypes.c_void_p(ctypes.addressof(place)), attributes),
        ):
            if failure:
                raise OSError(failure, f"cannot make a shared lock: {os.strerror(failure)}")

    def acquire(self) -> None:
        """Wait until it is ours, also when its holder has died."""
        failure = self._lock(self._mutex)
        if failure == errno.EOWNERDEAD:
            failure = self._consistent(self._mutex)
        if failure:
            raise OSError(failure, f"cannot take the lock of the meters: {os.strerror(failure)}")

    def release(self) -> None:
        """Let the next one have it."""
        self._unlock(self._mutex)


class FileLock(Lock):
    """The lock of a file that was opened for it, and is not shared with a forked process."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def acquire(self) -> None:
        """Wait until it is ours."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def release(self) -> None:
        """Let the next one have it."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
