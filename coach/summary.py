"""What the agent reads after a call: the call's record in plain words, good and less good.

Comes in: one ``CallRecord``. Goes out: a ``Text``; its ``.plain`` is the same without colour.
Refuses to know: settings and feelings; it repeats what was measured, and each line names the
etiquette rule it is about. A field it has no words for is shown as ``name: value``.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from rich.text import Text

from coach.events import CallRecord
from coach.names import Leg, Party

GOOD, NEXT_TIME, NOTED = "good", "next time", ""
STYLES = {GOOD: "green", NEXT_TIME: "bold yellow", NOTED: ""}
RINGS = 3  # rule A1
HARDLY_S = 10.0  # s outside a band that no listener would remark on

# the verdict on a value; None: not worth a line
Judge = Callable[[Any], str | None]


def _fact(_value: Any) -> str:
    return NOTED


def _unsaid(_value: Any) -> None:
    return None


def _any_fact(value: Any) -> str | None:
    return NOTED if value else None


def _unless(value: Any) -> str | None:
    return None if value else NOTED


def _done(value: Any) -> str:
    return GOOD if value else NEXT_TIME


def _any_good(value: Any) -> str | None:
    return GOOD if value else None


def _any_bad(value: Any) -> str | None:
    return NEXT_TIME if value else None


def _none(value: Any) -> str:
    return NEXT_TIME if value else GOOD


def _rings(value: Any) -> str:
    return GOOD if value <= RINGS else NEXT_TIME


def _hardly(value: Any) -> str:
    return GOOD if value < HARDLY_S else NEXT_TIME


class Topic(NamedTuple):
    """What is said of a field: ``words``, or ``otherwise`` where it is for next time."""

    rule: str
    field: str
    judge: Judge
    words: str
    otherwise: str = ""


TOPICS = {
    "the call": (
        Topic("", "duration_s", _fact, "lasted {} s"),
        Topic("", "direction", _fact, "direction: {}"),
        Topic("", "answered", _unless, "nobody answered"),
    ),
    "answering": (
        Topic("A1", "answer_rings", _rings, "rings: {}", "rings: {}, try for the third at most"),
        Topic("A2", "late_answer_apology", _done, "sorry said", "after a late answer, say sorry"),
        Topic("A3", "greeting_ok", _done, "greeting heard", "no greeting heard in time"),
        Topic("A3", "drawled_greeting", _any_bad, "", "the first word was drawn out: be brief"),
        Topic("A4", "curt_phrase", _any_bad, "", "a short reply was heard: offer help instead"),
        Topic("A5", "intro_ok", _done, "said who you are", "say who you are first"),
        Topic("A5", "asked_convenient", _done, "asked for a good time", "ask if it is a good time"),
    ),
    "talking": (
        Topic(
            "T1",
            "level_outside_s",
            _hardly,
            "volume in your band",
            "volume outside your band for {} s",
        ),
        Topic("T1", "level_drift_db", _fact, "level against your own: {} dB"),
        Topic("T1", "level_speech_s", _unsaid, ""),
        Topic(
            "T2", "pace_outside_s", _hardly, "pace in the band", "pace outside the band for {} s"
        ),
        Topic("T3", "interruptions", _none, "nobody interrupted", "interruptions: {}"),
        Topic(
            "T5", "dead_air_s", _none, "no long silence", "{} s of silence: say what you are doing"
        ),
        Topic("T5", "dead_air_excused_s", _any_good, "{} s of silence announced"),
        Topic("T11", "noise_floor_db", _fact, "noise floor {} dBov"),
        Topic("T11", "impulses_per_min", _any_fact, "keys or knocks over the customer: {} a min"),
        Topic("T6", "read_back", _any_good, "repeated what matters: {}"),
        Topic("T7", "checked_understanding", _any_good, "checked that it was understood"),
        Topic("T8", "blunt_phrase", _any_bad, "", "a blunt phrase was heard: ask more gently"),
        Topic("T9", "warned", _any_fact, "a warning was given"),
    ),
    "hold": (
        Topic("", "holds", _any_fact, "holds: {}"),
        Topic("H1", "hold_permission", _done, "asked before the hold", "ask before the hold"),
        Topic("H2", "hold_reason", _done, "said why", "say why"),
        Topic("H3", "hold_promised_s", _any_fact, "promised {} s"),
        Topic("H4", "hold_over_limit_s", _none, "back in time", "{} s over: go back sooner"),
        Topic("H4", "check_backs", _any_fact, "check-backs: {}"),
        Topic("H5", "mic_live_on_hold_s", _any_bad, "", "microphone open on hold for {} s"),
        Topic("H6", "hold_return_ok", _done, "thanked for the wait", "thank them for waiting"),
        Topic("H7", "callback_offered", _any_good, "offered to call back"),
    ),
    "closing": (
        Topic("C1", "anything_else", _done, "asked for anything else", "ask for anything else"),
        Topic("C2", "closing_ok", _done, "thanks and goodbye", "thanks and goodbye not both heard"),
        Topic("N1", "called_out", _any_good, "called out to a silent customer"),
        Topic("N2", "disconnect_notice", _any_good, "said that you would disconnect"),
        Topic("C5", "polite_disconnect", _any_good, "ended the call the polite way"),
        Topic("C3", "premature_hangup", _none, "nobody was cut off", "let them hang up first"),
        Topic("C3", "hung_up_first", _fact, "hung up first: {}"),
        Topic("C4", "clatter", _any_bad, "", "clatter at the end: put the headset down gently"),
        Topic("D1", "dropped", _any_fact, "the line dropped: call back at once"),
        Topic("D1", "called_back_after_s", _fact, "called back after {} s"),
    ),
}
# what is only said beside another field
BESIDE = {
    "duration_s": (("talk_s", ", {} s of it off hold"), ("started_s", ", from {} s on")),
    "direction": (("source", ", known from: {}"),),
    "greeting_ok": (("greeting_delay_s", ", first word after {} s"),),
    "level_outside_s": (("level_db", " (level {} dBov)"),),
    "pace_outside_s": (
        ("pace_sps", " ({} syllables/s)"),
        ("breath_groups", ", {} breath groups"),
        ("pace_fastest_sps", ", the fastest {} syllables/s"),
    ),
    "noise_floor_db": (("snr_db", ", speech {} dB over it"),),
    "holds": (("hold_s", ", {} s in all"), ("hold_longest_s", ", the longest {} s")),
    "hung_up_first": (("wait_s", ", {} s after goodbye"),),
}
# whose hand ended the call, to the agent
WHO: dict[str, str] = {
    Leg.AGENT: "you",
    Leg.CUSTOMER: "the customer",
    Party.FAR_END: "the customer",
}


class Line(NamedTuple):
    """One line of the summary."""

    group: str
    verdict: str
    words: str
    rule: str


def lines(record: CallRecord) -> list[Line]:
    """Return the summary's lines, group by group; fields without words come last."""
    left = {name: value for name, value in record.fields.items() if value is not None}
    moot = _moot(left)
    left = {name: value for name, value in left.items() if value or name not in moot}
    found = []
    for group, topics in TOPICS.items():
        for topic in topics:
            if topic.field in left and (line := _take(group, topic, left)):
                found.append(line)
    return found + [Line("also", NOTED, f"{k}: {_said(v)}", "") for k, v in left.items()]


def _moot(fields: Mapping[str, Any]) -> set[str]:
    """Return the fields that are no news and no fault in this call while false or zero."""
    moot: set[str] = set()
    if not fields.get("holds", True):
        moot |= {"hold_s", "hold_longest_s", "hold_over_limit_s", "hold_return_ok"}
    if fields.get("dropped"):
        moot |= {"anything_else", "closing_ok", "premature_hangup"}
    if not fields.get("answered", True):
        moot |= {"anything_else", "closing_ok", "interruptions", "dead_air_s"}
    if fields.get("hung_up_first") == "unknown":
        moot.add("premature_hangup")
    for measured, outside in (("level_db", "level_outside_s"), ("pace_sps", "pace_outside_s")):
        if measured not in fields:
            moot.add(outside)
    return moot


def summary(record: CallRecord) -> Text:
    """Return the summary for reading, in colour; ``.plain`` where there is none."""
    text = Text.assemble(("Your call\n", "bold"))
    group = ""
    for line in lines(record):
        text.append(f"  {line.group if line.group != group else '':<10}", "bold")
        text.append(f"{line.verdict:<10} ", STYLES[line.verdict]).append(line.words)
        text.append(f"  ({line.rule})\n" if line.rule else "\n", "dim")
        group = line.group
    text.rstrip()
    return text


def _take(group: str, topic: Topic, left: dict[str, Any]) -> Line | None:
    """Take the topic's fields out of ``left``; return its line, if it is worth one."""
    value = left.pop(topic.field)
    beside = [(more, left.pop(name, None)) for name, more in BESIDE.get(topic.field, ())]
    verdict = topic.judge(value)
    if verdict is None:
        return None
    words = (topic.otherwise if verdict == NEXT_TIME else topic.words).format(_said(value))
    words += "".join(more.format(_said(other)) for more, other in beside if other is not None)
    return Line(group, verdict, words, topic.rule)


def _said(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.1f}".removesuffix(".0")
        case str():
            return WHO.get(value, value)
        case list() | tuple():
            return ", ".join(map(_said, value))
        case _:
            return str(value)
