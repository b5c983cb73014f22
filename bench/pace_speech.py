"""Speech whose syllables are known, in stretches of 10 s of one voice at one speed.

Comes in: the rendered sets, the recorded calls, and six languages that espeak-ng (a program to be
installed) speaks at five speeds. Goes out: stretches. Syllables are letters in Korean, tones in
Chinese, else the vowels of what espeak-ng says it would pronounce; diphthongs and long vowels are
one. The syllables of the recorded calls are those of a machine transcript that misses words.
Refuses to know: how a pace is measured.
"""

import io
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from scipy.signal import resample_poly

from bench.figures import Missing
from bench.sound import heard, runs, transcript, utterances
from coach.frames import RATE, Samples

STRETCH_S = 10.0
PAUSE_S = 0.5
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


class Stretch(NamedTuple):
    """About 10 s of one voice at one speed; true syllables and seconds of speech."""

    samples: Samples
    syllables: int
    seconds: float


def espeak_ng(*arguments: str, said: str = "") -> bytes:
    """Return what espeak-ng prints; raises Missing where it is not installed."""
    if shutil.which("espeak-ng") is None:
        raise Missing("the program espeak-ng is not installed; Debian's package has its name")
    command = ["espeak-ng", *arguments]
    return subprocess.run(command, input=said.encode(), capture_output=True, check=True).stdout


@cache
def syllables(text: str, language: str) -> int:
    """Return the syllables of ``text``."""
    letters = re.findall("[1-5]" if language.startswith("cmn") else "[가-힣]", text)
    if letters:
        return len(letters)
    ipa = espeak_ng("-v", language, "-q", "--ipa", "--stdin", said=text).decode()
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
    samples = heard(file.with_suffix(".flac"))
    spoken = utterances(file)

    def parts(speed: float) -> Iterator[Stretch]:
        for said in spoken:
            if said["speed"] == speed:
                first, last = int(said["start"] * RATE), int(said["end"] * RATE)
                count = syllables(said["text"], "en")
                yield Stretch(samples[first:last], count, said["end"] - said["start"])

    speeds = sorted({said["speed"] for said in spoken})
    return [one for speed in speeds for one in stretches(parts(speed))]


def spoken_by_espeak(language: str, variant: str) -> list[Stretch]:
    """Return stretches of ``language`` by a voice of espeak-ng at five speeds."""

    def parts(speed: int) -> Iterator[Stretch]:
        for text in re.findall("[^.?。]+[.?。]", TEXTS[language]):
            wav = espeak_ng("-v", language + variant, "-s", str(speed), "--stdout", text)
            samples, rate = soundfile.read(io.BytesIO(wav), dtype="float32")
            sound = resample_poly(samples, RATE, rate).astype(np.float32) * np.float32(0.3)
            heard = np.flatnonzero(np.abs(sound) > 1e-3)
            sound = sound[heard[0] : heard[-1]]
            yield Stretch(sound, syllables(text, language), len(sound) / RATE)

    found: list[Stretch] = []
    for speed in WORDS_PER_MINUTE[: 4 if language == "ja" else 5]:  # the fifth: 14 morae a second
        found += stretches(part for _ in range(2) for part in parts(speed))
    return found


def recorded(name: str) -> list[Stretch]:
    """Return stretches of a recorded leg: words without a hole of 0.5 s in the transcript."""
    samples = heard(f"{name}.wav")

    def parts() -> Iterator[Stretch]:
        for run in runs(transcript(name), PAUSE_S):
            start, end = run[0]["start"], run[-1]["end"]
            count = syllables(" ".join(word["word"] for word in run), "en")
            yield Stretch(samples[int(start * RATE) : int(end * RATE)], count, end - start)

    return list(stretches(parts()))
