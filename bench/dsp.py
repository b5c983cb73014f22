"""Real-time factor of frames and features over both legs of a recorded call, on one core."""

import os
import sys
import time
from pathlib import Path

import soundfile

from coach.drift import Legs
from coach.events import Leg
from coach.features import Features
from coach.settings import load

CALLS = Path(os.environ.get("COACH_CALLS", Path(__file__).parents[2] / "shared" / "calls"))


def rtf_dsp(agent: Path, customer: Path) -> float:
    """Return CPU seconds of frames and features per second of a call fed in blocks of 20 ms."""
    settings = load(files=()).settings
    sound = {}
    for leg, file in ((Leg.AGENT, agent), (Leg.CUSTOMER, customer)):
        sound[leg], rate = soundfile.read(file, dtype="float32")
    legs, features = Legs(rate, rate, settings.audio), Features(settings)
    block, length = rate // 50, max(len(samples) for samples in sound.values())
    begun = time.process_time()
    for start in range(0, length, block):
        for leg, samples in sound.items():
            for pair in legs.push(leg, samples[start : start + block]):
                features.push(*pair)
    return (time.process_time() - begun) / (length / rate)


if __name__ == "__main__":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    call = CALLS / "Auto_Repairs_40_UTC"
    rtf = min(rtf_dsp(Path(f"{call}_agent.wav"), Path(f"{call}_caller.wav")) for _ in range(3))
    sys.stdout.write(f"rtf_dsp {rtf:.4f} (both legs, best of 3)\n")
