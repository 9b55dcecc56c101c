"""Where the calls of flashflood.aio are made: on daemon threads, which the end of the program does not
wait for, and which all floods share when they are idle.

A lane bounds how many calls are made at once for one object, so that calls that wait for long keep
only their own lane busy.
"""

from __future__ import annotations

import asyncio
import functools
import os
import queue as queues
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from . import _native

__all__ = ["Lane"]

_T = TypeVar("_T")
_IDLE_SECONDS = 10.0


class _Threads:
    """Threads that run one task after the other, and end when they are idle for long."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[queues.SimpleQueue[Callable[[], None]]] = []

    def run(self, task: Callable[[], None]) -> None:
        with self._lock:
            tasks = self._idle.pop() if self._idle else None
        if tasks is not None:
            tasks.put(task)
            return
        tasks = queues.SimpleQueue()
        tasks.put(task)
        threading.Thread(target=self._serve, args=(tasks,), name="flashflood", daemon=True).start()

    def _serve(self, tasks: queues.SimpleQueue[Callable[[], None]]) -> None:
        while True:
            try:
                task = tasks.get(timeout=_IDLE_SECONDS)
            except queues.Empty:
                with self._lock:
                    if tasks in self._idle:
                        self._idle.remove(tasks)
                        return
                continue  # a task is on its way
            task()
            del task  # it holds what it worked on
            with self._lock:
                self._idle.append(tasks)


_threads = _Threads()


def _after_fork_in_child() -> None:
    global _threads
    _threads = _Threads()  # those of the parent are not here


os.register_at_fork(after_in_child=_after_fork_in_child)


class _Call:
    """One call, for a coroutine that waits for it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._stop = _native._Stop()
        self.answer: asyncio.Future[Any] = self._loop.create_future()

    def make(self) -> None:
        if self.answer.cancelled():
            return
        result: Any = None
        error: BaseException | None = None
        _native._stop_calls_with(self._stop)
        try:
            result = self._call()
        except BaseException as raised:
            error = raised
        finally:
            _native._stop_calls_with(None)
        try:
            self._loop.call_soon_threadsafe(self._tell, result, error)
        except RuntimeError:
            pass  # the loop is closed, and with it went whoever waited
        finally:
            result = error = None  # its traceback holds this frame

    def _tell(self, result: Any, error: BaseException | None) -> None:
        if self.answer.cancelled():
            return
        if error is None:
            self.answer.set_result(result)
        else:
            self.answer.set_exception(error)

    def stop(self) -> None:
        self.answer.cancel()
        self._stop.request()


class _Queue:
    """The calls of a lane, in the process that it belongs to."""

    def __init__(self) -> None:
        self.threads = _threads
        self.lock = threading.Lock()
        self.waiting: deque[_Call] = deque()
        self.running = 0  # how many threads make them

    def work(self) -> None:
        while True:
            with self.lock:
                if not self.waiting:
                    self.running -= 1
                    return
                call = self.waiting.popleft()
            call.make()
            del call  # it holds what it worked on


class Lane:
    """Makes calls without blocking the event loop, `at_once` at a time (None: any number).

    Threads: any.
    """

    def __init__(self, at_once: int | None) -> None:
        self._at_once = at_once
        self._queue = _Queue()

    async def run(self, call: Callable[..., _T], /, *arguments: Any, **keywords: Any) -> _T:
        """What the call returns. A coroutine that is cancelled ends at once, and stops the call."""
        made = _Call(functools.partial(call, *arguments, **keywords))
        self._submit(made)
        try:
            result: _T = await made.answer
        except asyncio.CancelledError:
            made.stop()
            raise
        return result

    def _submit(self, call: _Call) -> None:
        queue = self._queue
        if queue.threads is not _threads:  # in a child: what was under way stayed with the parent
            queue = self._queue = _Queue()
        with queue.lock:
            queue.waiting.append(call)
            if queue.running == self._at_once:
                return
            queue.running += 1
        try:
            queue.threads.run(queue.work)
        except BaseException:  # no thread can be begun
            with queue.lock:
                queue.running -= 1
                if call in queue.waiting:
                    queue.waiting.remove(call)
            raise
