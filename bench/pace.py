"""How well the pace follows the truth, ours against Praat's method: ``python -m bench.pace``.

Rendered speech with known syllables: the Korean and English sets, and six languages that espeak-ng
(a program to be installed) speaks at five speeds. Syllables are letters in Korean, tones in
Chinese, else the vowels of what espeak-ng says it would pronounce; diphthongs and long vowels are
one. Half of the voices, and no word of Polish or Chinese, served to fit the constants but those of
an earlier fit to all the Korean; the rest, "new", is held out. The syllables of the real calls are
those of a machine transcript that misses words. Praat's method is that of N. H. de Jong & T.
Wempe, Behavior Research Methods 41(2), 2009, with their parameters. Prints correlation and slope
of measured against true syllables per second over stretches of 10 s of one voice and speed, and
CPU per second of audio.
"""

import io
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import parselmouth
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from coach.features.pace import SyllableNuclei
from coach.frames import RATE

CALLS = Path(os.environ.get("COACH_CALLS", Path(__file__).parents[2] / "shared" / "calls"))
HOP = 1600
STRETCH_S = 10.0
PAUSE_S = 0.5
TUNED_VOICES = ("dev-ko-af_nova", "dev-ko-am_onyx", "dev-af_heart", "dev-am_puck", "+m3")
HELD_OUT_LANGUAGES = ("pl", "cmn-latn-pinyin")
REAL = ("Auto_Repairs_40_UTC_agent", "Auto_Repairs_40_UTC_caller", "agent1")
WORDS_PER_MINUTE = (120, 150, 190, 235, 290)
DIPHTHONGS = {"en": "aɪ|aʊ|ɔɪ|eɪ|oʊ|əʊ", "de": "aɪ|aʊ|ɔø|ɔʏ|ɔɪ", "ja": "[aeioɯ][^a-z]*[iɯ]"}
VOWELS = "[aeiouyæøœɑɐɒɔəɚɛɜɝɪɨɯɤʉʊʌʏᵻ]"
TEXTS = {
    "en": "Thank you for calling the service desk. I will check your account right now. "
    "Could you tell me the number on your last letter? The technician comes on Thursday morning. "
    "We have already sent a new device to your address. It usually takes about three working days.",
    "de": "Vielen Dank für Ihren Anruf beim Kundendienst. Ich prüfe jetzt Ihre Rechnung. "
    "Können Sie mir bitte die Nummer auf dem letzten Brief nennen? Der Techniker kommt am "
    "Donnerstag um neun Uhr. Wir haben das neue Gerät schon an Ihre Adresse geschickt.",
    "pl": "Dziękuję za telefon do naszego biura. Zaraz sprawdzę pani rachunek w systemie. "
    "Czy może mi pan podać numer umowy? Technik przyjedzie w czwartek przed południem. "
    "Nowe urządzenie wysłaliśmy już na podany adres. To potrwa zwykle trzy dni robocze.",
    "ja": "おでんわありがとうございます。ただいまけいやくのないようをかくにんいたします。"
    "おきゃくさまのばんごうをおしらせください。もくようびのごぜんにたんとうのものがうかがいます。"
    "あたらしいきかいはもうおおくりしました。みっかほどかかるみこみです。",
    "cmn-latn-pinyin": "gan3 xie4 nin2 zhi4 dian4 ke4 hu4 fu2 wu4 zhong1 xin1. "
    "wo3 xian4 zai4 jiu4 cha2 kan4 nin2 de5 zhang4 hu4. qing3 gao4 su4 wo3 shang4 ci4 lai2 xin4 "
    "de5 bian1 hao4. ji4 shu4 ren2 yuan2 xing1 qi1 si4 shang4 wu3 shang4 men2. xin1 de5 she4 bei4 "
    "yi3 jing1 ji4 dao4 nin2 de5 di4 zhi3. yi1 ban1 xu1 yao4 san1 ge4 gong1 zuo4 ri4.",
    "ko": "고객센터에 전화해 주셔서 감사합니다. 지금 바로 계약 내용을 확인하겠습니다. "
    "지난번 편지에 있는 번호를 말씀해 주세요. 기사님은 목요일 오전에 방문합니다. "
    "새 기계는 이미 고객님 주소로 보냈습니다. 보통 사흘 정도 걸립니다.",
}

Samples = NDArray[np.float32]
Meter = Callable[[Samples], tuple[float, float]]


class Stretch(NamedTuple):
    """About 10 s of one voice at one speed: float32 at 16 kHz; true syllables and seconds."""

    samples: Samples
    syllables: int
    seconds: float


@cache
def syllables(text: str, language: str) -> int:
    """Return the syllables of ``text``."""
    letters = re.findall("[1-5]" if language.startswith("cmn") else "[가-힣]", text)
    if letters:
        return len(letters)
    command = ["espeak-ng", "-v", language, "-q", "--ipa", "--stdin"]
    ipa = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    ipa = unicodedata.normalize("NFD", ipa)
    if language in DIPHTHONGS:
        ipa = re.sub(DIPHTHONGS[language], "a", ipa)
    return len(re.findall(VOWELS, ipa)) + ipa.count("\u0329")  # and syllabic consonants


def stretches(parts: Iterator[Stretch]) -> Iterator[Stretch]:
    """Join utterances, with pauses between, until they are 10 s of speech."""
    rest: list[Stretch] = []
    for part in parts:
        rest.append(part)
        if sum(one.seconds for one in rest) >= STRETCH_S:
            pause = np.zeros(int(PAUSE_S * RATE), np.float32)
            sound = [piece for one in rest for piece in (pause, one.samples)]
            yield Stretch(
                np.concatenate([*sound, pause]),
                sum(one.syllables for one in rest),
                sum(one.seconds for one in rest),
            )
            rest = []


def rendered(file: Path) -> list[Stretch]:
    """Return the stretches of a rendered set."""
    spoken = json.loads(file.read_text("utf-8"))
    samples, _ = soundfile.read(file.with_suffix(".flac"), dtype="float32")

    def parts(speed: float) -> Iterator[Stretch]:
        for said in spoken["utterances"]:
            if said["speed"] == speed:
                first, last = int(said["start"] * RATE), int(said["end"] * RATE)
                count = syllables(said["text"], "en")
                yield Stretch(samples[first:last], count, said["end"] - said["start"])

    speeds = sorted({said["speed"] for said in spoken["utterances"]})
    return [one for speed in speeds for one in stretches(parts(speed))]


def spoken_by_espeak(language: str, variant: str) -> list[Stretch]:
    """Return stretches of ``language`` at five speeds."""

    def parts(speed: int) -> Iterator[Stretch]:
        for text in re.findall("[^.?。]+[.?。]", TEXTS[language]):
            command = ["espeak-ng", "-v", language + variant, "-s", str(speed), "--stdout", text]
            wav = subprocess.run(command, capture_output=True, check=True).stdout
            samples, rate = soundfile.read(io.BytesIO(wav), dtype="float32")
            sound = resample_poly(samples, RATE, rate).astype(np.float32) * np.float32(0.3)
            heard = np.flatnonzero(np.abs(sound) > 1e-3)
            sound = sound[heard[0] : heard[-1]]
            yield Stretch(sound, syllables(text, language), len(sound) / RATE)

    found = []
    for speed in WORDS_PER_MINUTE[: 4 if language == "ja" else 5]:  # the fifth: 14 morae a second
        found += stretches(part for _ in range(2) for part in parts(speed))
    return found


def recorded(name: str) -> list[Stretch]:
    """Return stretches of a real leg: runs of words without a hole of 0.5 s in the transcript."""
    samples, rate = soundfile.read(CALLS / f"{name}.wav", dtype="float32")
    samples = resample_poly(samples, RATE // rate, 1).astype(np.float32)
    runs: list[list[dict[str, object]]] = []
    for word in json.loads((CALLS / f"{name}.words.json").read_text("utf-8"))["words"]:
        if runs and word["start"] - runs[-1][-1]["end"] < PAUSE_S:
            runs[-1].append(word)
        else:
            runs.append([word])

    def parts() -> Iterator[Stretch]:
        for run in runs:
            start, end = run[0]["start"], run[-1]["end"]
            count = syllables(" ".join(str(word["word"]) for word in run), "en")
            yield Stretch(samples[int(start * RATE) : int(end * RATE)], count, end - start)

    return list(stretches(parts()))


def ours(samples: Samples) -> tuple[float, float]:
    """Return syllables and seconds of speech as the unit counts them."""
    nuclei = SyllableNuclei()
    hops = [nuclei.push(samples[at : at + HOP]) for at in range(0, len(samples) - HOP + 1, HOP)]
    return sum(count for count, _ in hops), sum(seconds for _, seconds in hops)


def praat(samples: Samples) -> tuple[float, float]:
    """Return syllables and seconds of speech after de Jong & Wempe (25 dB, dip 2 dB, 0.3 s)."""
    sound = parselmouth.Sound(samples.astype(np.float64), RATE)
    intensity = sound.to_intensity(50)
    level = intensity.values[0]
    threshold = max(np.quantile(level, 0.99) - 25, level.min())
    silences = parselmouth.praat.call(
        intensity, "To TextGrid (silences)", threshold - level.max(), 0.3, 0.1, "", "speech"
    )
    intervals = parselmouth.praat.call(silences, "Get number of intervals", 1)
    spoken = [
        (
            parselmouth.praat.call(silences, "Get start time of interval", 1, index),
            parselmouth.praat.call(silences, "Get end time of interval", 1, index),
        )
        for index in range(1, intervals + 1)
        if parselmouth.praat.call(silences, "Get label of interval", 1, index) == "speech"
    ]
    pitch = sound.to_pitch_ac(0.02, 30, 4, False, 0.03, 0.25, 0.01, 0.35, 0.25, 450)
    tops = [
        at
        for at in range(1, len(level) - 1)
        if level[at - 1] < level[at] >= level[at + 1] and level[at] > threshold
    ]
    found = 0
    for top, after in zip(tops, [*tops[1:], None], strict=True):
        dip = level[top] - level[top:after].min()
        t = intensity.xs()[top]
        voiced = not np.isnan(pitch.get_value_at_time(t))
        found += bool(dip > 2 and voiced and any(start <= t <= end for start, end in spoken))
    return float(found), sum(end - start for start, end in spoken)


METERS: dict[str, Meter] = {"ours": ours, "praat": praat}


def held_out(name: str) -> bool:
    """Tell whether a voice or a language was never looked at when the constants were fitted."""
    return name.startswith(HELD_OUT_LANGUAGES) or not name.endswith(TUNED_VOICES)


def line(name: str, found: list[Stretch], spent: dict[str, float]) -> None:
    """Print one line of the table; add up CPU seconds."""
    truth = np.array([one.syllables / one.seconds for one in found])
    cells = []
    for meter, measure in METERS.items():
        began = time.process_time()
        counted = np.array([measure(one.samples) for one in found])
        spent[meter] += time.process_time() - began
        pace = counted[:, 0] / counted[:, 1]
        error = np.mean(np.abs(pace / truth - 1))
        cells.append(
            f"{np.corrcoef(truth, pace)[0, 1]:8.3f}{np.polyfit(truth, pace, 1)[0]:7.2f}"
            f"{pace.mean() / truth.mean():7.2f}{error:7.0%}"
        )
    sys.stdout.write(f"{name:32}{len(found):4}{'  '.join(cells)}\n")


def main() -> None:
    """Print correlation, slope, mean measured over mean true pace, and the mean error of each."""
    columns = f"{'r':>8}{'slope':>7}{'mean':>7}{'error':>7}"
    sys.stdout.write(f"{'':36}{'ours':>16}{'praat':>31}\n{'':36}{columns}  {columns}\n")
    sets = {file.stem: rendered(file) for file in sorted((CALLS / "synth").glob("dev-*.json"))}
    families = {
        name: "Korean, rendered" if "-ko-" in name else "English, rendered" for name in sets
    }
    for language in TEXTS:
        for variant in ("+m3", "+f4"):
            sets[language + variant] = spoken_by_espeak(language, variant)
            families[language + variant] = f"{language}, espeak-ng"
    spent = dict.fromkeys(METERS, 0.0)
    for part, wanted in (("tuned", False), ("new", True)):
        names = [name for name in sets if held_out(name) == wanted]
        for family in dict.fromkeys(families[name] for name in names):
            found = [one for name in names if families[name] == family for one in sets[name]]
            line(f"{part}: {family}", found, dict.fromkeys(METERS, 0.0))
        line(f"{part}: all", [one for name in names for one in sets[name]], spent)
    real = [one for name in REAL for one in recorded(name)]
    line("real calls (transcripts)", real, spent)
    seconds = sum(len(one.samples) for found in [*sets.values(), real] for one in found) / RATE
    for meter, cpu in spent.items():
        sys.stdout.write(f"{meter}: {1000 * cpu / seconds:.2f} ms of CPU per s of audio\n")


if __name__ == "__main__":
    main()
