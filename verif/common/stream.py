"""One valid/ready stream: its signals, its items and its basic sequence.

A beat is a named tuple of ints, one for each payload signal in the order in which the port names them; a
packed vector or struct of any width is one int. An item carries a list of beats, so that a long stream costs
one item only.
"""

from __future__ import annotations

import random
from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from pyuvm import uvm_sequence, uvm_sequence_item

Beat = tuple[int, ...]


def _beat_type(stream: str, fields: tuple[str, ...]) -> Any:
    """A named tuple whose fields are known at run time only, so that no static type describes it."""
    return namedtuple(f"{stream}_beat", fields)


class StreamPort:
    """Handles of a stream's signals, looked up once.

    `ready` is None for a stream that cannot be held up.
    """

    def __init__(
        self, dut: Any, name: str, valid: str, ready: str | None, payload: Mapping[str, str]
    ) -> None:
        """Look up the handles.

        Args:
            dut: handle of the top.
            name: name of the stream, used in messages.
            valid: signal that offers a beat.
            ready: signal that takes it, or None.
            payload: field name -> signal name.
        """
        self.name = name
        self.valid = getattr(dut, valid)
        self.ready = None if ready is None else getattr(dut, ready)
        self._payload = tuple(getattr(dut, signal) for signal in payload.values())
        self._widths = tuple(len(handle) if hasattr(handle, "__len__") else 1 for handle in self._payload)
        self._beat = _beat_type(name, tuple(payload))

    def beat(self, **fields: int) -> Beat:
        """A beat from its fields by name."""
        made: Beat = self._beat(**fields)
        return made

    def read(self) -> Beat:
        """The payload as it stands."""
        made: Beat = self._beat._make(int(handle.value) for handle in self._payload)
        return made

    def write(self, beat: Beat) -> None:
        """Drive the payload."""
        for handle, value in zip(self._payload, beat, strict=True):
            handle.value = value

    def scramble(self, source: random.Random) -> None:
        """Drive random bits: a two-state simulator has no X to show a use of what is not valid."""
        for handle, width in zip(self._payload, self._widths, strict=True):
            handle.value = source.getrandbits(width)

    def random_beat(self, source: random.Random) -> Beat:
        """A beat of random bits."""
        made: Beat = self._beat._make(source.getrandbits(width) for width in self._widths)
        return made


class StreamItem(uvm_sequence_item):
    """Beats to be driven one after another."""

    def __init__(self, name: str = "stream_item", beats: Sequence[Beat] = ()) -> None:
        """Args: name of the item; the beats."""
        super().__init__(name)
        self.beats = beats


class BeatSequence(uvm_sequence):
    """Sends beats in items of up to `chunk` beats; ends when the driver has accepted the last item."""

    def __init__(self, beats: Iterable[Beat], chunk: int = 64, name: str = "beats") -> None:
        """Args: the beats (a generator is drawn from as the driver goes on); beats in an item; name."""
        super().__init__(name)
        self._beats = iter(beats)
        self._chunk = chunk

    async def body(self) -> None:
        """Send all beats."""
        while True:
            beats = list(islice(self._beats, self._chunk))
            if not beats:
                return
            item = StreamItem("item", beats)
            await self.start_item(item)
            await self.finish_item(item)
