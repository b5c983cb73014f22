"""Two legs on one clock: frames in pairs, although two sound cards never agree on the time.

Comes in: blocks of both legs, from live devices with the time at which each arrived. Goes out:
pairs of frames with the same index, the agent's clock leading. Refuses to know: any clock of its
own (a file's blocks come without arrival times), devices, what is said.

A live leg is held to the other one by single samples: one is doubled or left out, at most one in
20 ms, once the customer's leg is a millisecond off. What is 20 ms off or more (a device that
started later, samples lost on the way) is put right at once. A live leg that stalls for 200 ms is
replaced by silence, its frames marked as dropouts, so that the other goes on; when it comes back
it is fitted in at its place and what came too late for it is dropped.
"""

from collections import deque
from collections.abc import Iterator

import numpy as np

from coach.frames import FRAME_S, Frame, Framer, Samples, silent_frame
from coach.names import Leg
from coach.sections import Audio

Pair = tuple[Frame, Frame | None]

STALL_S = 0.2

_SLIP_S = 0.001
_JUMP_S = 0.02

# Blocks arrive late by chance, never early: the least delay of a while shows the card's clock.
_RECENT_S = 5
_LONG_S = 10
_LONG_COUNT = 360
_PPM_AFTER = 6


class ClockDrift:
    """How a sound card's clock runs against the clock that stamps its blocks.

    ``rate``: the card's nominal samples per second.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._recent: deque[tuple[int, float]] = deque(maxlen=_RECENT_S)
        self._long: deque[tuple[int, float]] = deque(maxlen=_LONG_COUNT)

    def push(self, arrival: float, samples: int) -> None:
        """Take in that ``samples`` in all had come in by ``arrival`` (monotonic seconds)."""
        delay = arrival - samples / self._rate
        _least(self._recent, int(arrival), delay)
        _least(self._long, int(arrival // _LONG_S), delay)

    def forget(self) -> None:
        """Forget the long view: samples were lost or came twice, which is not the card's rate."""
        self._long.clear()

    @property
    def offset_s(self) -> float:
        """Least arrival time less samples / rate of the last 5 s: the card's place in time."""
        return min(delay for _, delay in self._recent)

    @property
    def ppm(self) -> float | None:
        """Parts per million by which the card runs fast; None in the first minute."""
        if len(self._long) < _PPM_AFTER:
            return None
        times, delays = np.array(self._long).T
        slope = np.polyfit((times - times[0]) * _LONG_S, delays - delays[0], 1)[0]
        return -1e6 * float(slope)


def _least(delays: deque[tuple[int, float]], span: int, delay: float) -> None:
    if delays and delays[-1][0] == span:
        delays[-1] = (span, min(delay, delays[-1][1]))
    else:
        delays.append((span, delay))


class _Side:
    """One leg on its way into the pairs."""

    def __init__(self, rate: int, audio: Audio) -> None:
        self.framer = Framer(rate, audio)
        self.frames: deque[Frame] = deque()
        self.drift = ClockDrift(rate)
        self.received = 0  # samples that came in
        self.added = 0  # samples put in less samples left out
        self.longest_s = 0.0  # longest block
        self.away = True  # not yet come, or stalled and filled in for
        self.ended = False

    @property
    def place_s(self) -> float:
        """Arrival time less time in the pairs: greater if sound is too early in the pairs."""
        return self.drift.offset_s - self.added / self.framer.rate

    def put(self, samples: Samples) -> None:
        self.frames.extend(self.framer.push(samples))

    def add_silence(self, seconds: float) -> None:
        count = round(seconds * self.framer.rate)
        self.added += count
        self.put(np.full(count, np.nan, np.float32))


class Legs:
    """Pairs the frames of both legs. ``customer_rate`` None: there is no customer leg.

    Blocks of files come without ``arrival``: they are paired as they come, and the caller pushes
    both legs in step, since what one leg is ahead is kept until the other has caught up.
    """

    def __init__(self, agent_rate: int, customer_rate: int | None, audio: Audio) -> None:
        self._sides = {Leg.AGENT: _Side(agent_rate, audio)}
        if customer_rate is not None:
            self._sides[Leg.CUSTOMER] = _Side(customer_rate, audio)

    def push(self, leg: Leg, samples: Samples, arrival: float | None = None) -> list[Pair]:
        """Return the pairs that became complete.

        ``samples``: float32, 1-D, any length. ``arrival``: monotonic seconds at which the block's
        last sample had come in, for a live device.
        """
        side, other = self._sides[leg], self._sides.get(leg.other)
        if arrival is None:
            side.put(samples)
        else:
            self._put_live(leg, samples, arrival)
            if other and not other.ended:
                self._fill(other, len(side.frames) * FRAME_S)
        return list(self._pairs())

    def end(self, leg: Leg) -> list[Pair]:
        """Take in that a leg is over; silence stands for it until the other is over too."""
        side = self._sides[leg]
        side.ended = True
        side.frames.extend(side.framer.flush())
        return list(self._pairs())

    @property
    def drift_ppm(self) -> float | None:
        """Parts per million by which the customer's clock runs faster than the agent's."""
        ppm = [side.drift.ppm for side in self._sides.values()]
        if len(ppm) < 2 or ppm[0] is None or ppm[1] is None:
            return None
        return ppm[1] - ppm[0]

    def _put_live(self, leg: Leg, samples: Samples, arrival: float) -> None:
        side, other = self._sides[leg], self._sides.get(leg.other)
        if side.away:
            side.drift = ClockDrift(side.framer.rate)
            side.away = False
        seconds = len(samples) / side.framer.rate
        side.longest_s = max(side.longest_s, seconds)
        side.received += len(samples)
        side.drift.push(arrival, side.received)
        if other and not other.away and not other.ended:
            late_s = side.place_s - other.place_s
            if late_s >= _JUMP_S:
                side.add_silence(late_s)
                side.drift.forget()
            elif late_s <= -_JUMP_S:
                # Only what was put in is taken out again: if the other leg has lost samples it is
                # the other's turn to be filled up.
                cut = min(round(-late_s * side.framer.rate), len(samples), max(side.added, 0))
                samples = samples[cut:]
                side.added -= cut
            elif leg is Leg.CUSTOMER and abs(late_s) > _SLIP_S:
                count = max(1, int(seconds / FRAME_S))
                samples = _slip(samples, count if late_s > 0 else -count)
                side.added += count if late_s > 0 else -count
        side.put(samples)

    def _fill(self, side: _Side, ahead_s: float) -> None:
        """Let silence stand for a leg that the other is ahead of for too long."""
        bound_s = STALL_S + 2 * side.longest_s
        if not side.frames and ahead_s > bound_s:
            side.away = True
            side.add_silence(ahead_s - bound_s)

    def _pairs(self) -> Iterator[Pair]:
        agent, customer = self._sides[Leg.AGENT], self._sides.get(Leg.CUSTOMER)
        if customer is None:
            while agent.frames:
                yield agent.frames.popleft(), None
            return
        while agent.frames or customer.frames:
            if not agent.frames and agent.ended:
                agent.frames.append(silent_frame(customer.frames[0].index))
            if not customer.frames and customer.ended:
                customer.frames.append(silent_frame(agent.frames[0].index))
            if not (agent.frames and customer.frames):
                return
            yield agent.frames.popleft(), customer.frames.popleft()


def _slip(samples: Samples, count: int) -> Samples:
    """Double (``count`` > 0) or leave out that many single samples, evenly spread."""
    at = np.linspace(0, len(samples), abs(count) + 2).astype(np.intp)[1:-1]
    if count > 0:
        return np.insert(samples, at, samples[at])
    return np.delete(samples, at)
