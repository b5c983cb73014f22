"""How loud a leg speaks: the active speech level of ITU-T P.56, method B.

Comes in: a leg in steps of 100 ms. Goes out: its active level in dBov over the last while and of
single talk-spurts; nothing where there is none. Refuses to know: who speaks, how loud he ought to.
"""

from collections import deque
from itertools import islice
from math import log10

import numpy as np

from coach.features.envelope import ENVELOPE_RATE, Envelope, dying, held
from coach.frames import FRAME, FRAME_S, Samples
from coach.sections import SpeechLevel

# ITU-T P.56 (12/2011), 7: the margin between the active level and the threshold that tells speech
# from noise; ITU-T G.191, sv56: thresholds that double from one to the next.
MARGIN_DB = 15.9
_STEP_DB = 20 * log10(2)

_HOPS_PER_S = 10
_FRAMES = 5  # of a hop
_SPEECH_HOPS = 10
# Longer than this many times what was heard as speech, active is noise too: it spoils the level by
# 1.1 dB. In an office that is so from 15 dB on, without noise never over 1.07.
_ACTIVE_OF_SPEECH = 1.3
_SHORTEST_S = 0.3
_LEAD_S = 3 * FRAME_S  # a spurt begins a little before it is noticed
_PER_FRAME = round(FRAME_S * ENVELOPE_RATE)


class ActiveLevel:
    """Active speech level over a sliding window, and of the talk-spurts in it.

    As the tool sv56 (ITU-T G.191) does it, with thresholds in steps of 6.02 dB and the active
    level interpolated in dB between the two that enclose the margin. The thresholds stand relative
    to the mean level of what is measured where sv56 takes powers of two of full scale, so that the
    result moves with the gain of the microphone exactly.
    """

    def __init__(self, level: SpeechLevel) -> None:
        hops = max(1, round(level.window_s * _HOPS_PER_S))
        self._envelope = Envelope(hops)
        self._powers: deque[float] = deque(maxlen=hops * _FRAMES)  # of each 20 ms
        self._speech: deque[bool] = deque(maxlen=hops)
        self._frames = 0  # taken in so far

    def push(self, samples: Samples, speech: bool) -> float:
        """Take in the next 100 ms, float32[1600] without offset, and whether they are speech.

        Returns the mean power of the quietest 20 ms.
        """
        frames = samples.reshape(-1, FRAME)
        powers = (np.einsum("ij,ij->i", frames, frames) / FRAME).tolist()
        self._envelope.push(samples)
        self._powers.extend(powers)
        self._speech.append(speech)
        self._frames += _FRAMES
        quietest: float = min(powers)
        return quietest

    def measure_over(self, floor_db: float) -> tuple[float, float] | None:
        """Return what `measure` does, or None where that may be the level of something else.

        That is where less than a second of the window was heard as speech, where the noise, at
        ``floor_db``, is not under the speech by the margin, or where it comes and goes and is so
        loud that much is active which is not speech.
        """
        speech = sum(self._speech)
        if speech < _SPEECH_HOPS:
            return None
        measured = self.measure()
        if measured is None:
            return None
        active = measured[1] * len(self._speech)
        if not _SPEECH_HOPS <= active <= _ACTIVE_OF_SPEECH * speech:
            return None
        return measured if measured[0] - floor_db >= MARGIN_DB else None

    def measure(self) -> tuple[float, float] | None:
        """Return active level in dBov and activity 0..1; None where P.56 finds no speech."""
        envelope = self._envelope.last(len(self._powers) * _PER_FRAME)
        return _active_level(sum(self._powers) * _PER_FRAME, envelope)

    def spurt_over(self, floor_db: float, begun: float, until: float) -> float | None:
        """Return the active level in dBov of a talk-spurt that stands out from the noise.

        ``begun``, ``until``: in seconds of audio. It is the level of a recording in which there is
        this talk-spurt and then silence, or of its last ``level.window_s``. None where the spurt
        is shorter than 0.3 s, is not yet taken in, or is not over the noise, at ``floor_db``, by
        the margin.
        """
        first, end = round((begun - _LEAD_S) / FRAME_S), round(until / FRAME_S)
        begin = max(first, self._frames - len(self._powers))
        count, since = end - begin, self._frames - end
        if until - begun < _SHORTEST_S or since < 0 or count <= 0:
            return None
        skip = len(self._powers) - since - count
        power = sum(islice(self._powers, skip, skip + count))
        envelope = self._envelope.last(count * _PER_FRAME, since * _PER_FRAME)
        measured = _active_level(power * _PER_FRAME, dying(envelope))
        return measured[0] if measured and measured[0] - floor_db >= MARGIN_DB else None


def _active_level(energy: float, envelope: Samples) -> tuple[float, float] | None:
    """Return active level in dBov and activity 0..1; None where there is nothing at all.

    ``energy``: sum of the mean power at each value of ``envelope``, float32[n].
    """
    if energy <= 0:
        return None
    long_term_db = 10 * log10(energy / len(envelope))
    active = held(envelope)
    # The active level is never under the long-term level, the threshold never under this one.
    threshold_db = long_term_db - MARGIN_DB - _STEP_DB / 2
    lower_db = lower_over_db = 0.0
    while True:
        count = int(np.count_nonzero(active >= 10 ** (threshold_db / 20)))
        if not count:
            return None
        level_db = 10 * log10(energy / count)
        over_db = level_db - threshold_db - MARGIN_DB
        if over_db <= 0:
            break
        lower_db, lower_over_db = level_db, over_db
        threshold_db += _STEP_DB
    # Linear in dB between the two thresholds, to where level - threshold is the margin.
    share = lower_over_db / (lower_over_db - over_db)
    level_db = lower_db + (level_db - lower_db) * share
    return level_db, min(1.0, 10 ** ((long_term_db - level_db) / 10))
