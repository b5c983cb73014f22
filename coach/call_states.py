"""The states of a call: a table ``state -> trigger -> state``, and what each trigger means.

Comes in: nothing. Goes out: the table, and ``docs/call-states.md`` made from it. Refuses to know:
how a trigger is told from events; that is ``coach/call.py``.

A unit with line signals (ring, hooks) starts and ends calls by them alone. A unit without them
guesses from audio, and every state so found says ``source: audio``. The first ring or hook signal
turns the one unit into the other; a hold key alone does not, for it can neither start nor end a
call. A line signal that the table does not list for the state at hand is ignored: boxes repeat
themselves and report what nobody asked for.

*Beginning.* ``ring`` then the agent's ``off_hook`` is an incoming call; ``off_hook`` without a ring
is an outgoing one; rules tell them apart by ``previous``. The far end's ``off_hook`` (it answers
our call) moves nothing. Ringing ends with any ``on_hook`` or after ``rings_gap_s`` without a ring.

*Hooks.* An ``on_hook`` without ``by`` is the unit's own hook switch, so the agent's hand. When the
far end hangs up after a closing phrase, it is gone as it should be; without one the line dropped.
A phrase is known a little after it was said: when the far end's hook comes within ``settle_s`` of
anybody's voice, ``dropped`` waits that long for a goodbye still on its way.

*Tones.* Busy, congestion or a disconnect tone on the customer's leg is the network's word that the
far end has left, with line signals or without. A leg gone dead is asked only where there are no
line signals; ``coach/departure.py`` says what it tells. Neither is believed on hold or while the
agent puts the call through: there it may be another line. A tone to a call in which no customer was
heard is a number that was engaged, not a line that dropped. Music is no voice and ends no hold.

*Holding.* A line hold ends by ``hold_off`` or a hook and by nothing else. A spoken hold is the
agent's request followed by ``audio_hold_s`` of silence; the agent may finish the sentence, the
customer may give a short answer, and the hold counts from the last of them. It ends when the
agent speaks. A mute is no hold.

*Closing.* Goodbye on either leg, or the agent's announcement to disconnect or to be hung up on,
closes the call; whoever then goes on for ``reopen_after_s``, or a new request of the agent's,
opens it again. A goodbye that becomes known only when somebody has gone on that long closes
nothing: "by" is spoken like "bye", and its place in the talk tells them apart.
``python -m coach.call_states`` prints the page of the docs.
"""

from collections.abc import Mapping
from enum import StrEnum

from coach.names import State


class Trigger(StrEnum):
    """What moves the call on."""

    RINGS = "the line rings"
    RINGING_STOPS = "an on_hook, or rings_gap_s without a ring"
    AGENT_LIFTS = "the agent's off_hook"
    VOICE = "first voice on either leg (no line signals)"
    HOLD = "hold_on, or audio_hold_s of silence after a hold request"
    BACK = "hold_off, or the agent speaks on a spoken hold"
    BACK_TO_CLOSING = "hold_off, where the hold began in the closing"
    CLOSING_PHRASE = "goodbye of either leg, disconnect_notice or ask_to_hang_up of the agent"
    GOES_ON = "speech of reopen_after_s or a new request of the agent"
    FAR_END_LEAVES = "the far end's on_hook, tone or dead leg after a closing phrase"
    FAR_END_VANISHES = "the far end's on_hook, tone or dead leg without a closing phrase"
    AGENT_HANGS_UP = "the agent's on_hook, or leg dead just before the customer's (no line signals)"
    LINE_GOES = "both legs dead at once, a dial tone after the closing, a tone before any customer"
    SILENCE = "audio_end_s of silence (no line signals)"
    CUT_SHORT = "the recording or a gone far end's tone is over, or the line shows the next call"


BEGINNING = {
    Trigger.RINGS: State.RINGING,
    Trigger.AGENT_LIFTS: State.TALKING,
    Trigger.VOICE: State.TALKING,
}
ENDING = {
    Trigger.AGENT_HANGS_UP: State.ENDED,
    Trigger.SILENCE: State.ENDED,
    Trigger.CUT_SHORT: State.ENDED,
}
TABLE: Mapping[State, Mapping[Trigger, State]] = {
    State.IDLE: BEGINNING,
    State.RINGING: {
        Trigger.AGENT_LIFTS: State.TALKING,
        Trigger.RINGING_STOPS: State.IDLE,
    },
    State.TALKING: {
        Trigger.HOLD: State.ON_HOLD,
        Trigger.CLOSING_PHRASE: State.CLOSING,
        Trigger.FAR_END_VANISHES: State.DROPPED,
        Trigger.LINE_GOES: State.ENDED,
        **ENDING,
    },
    State.ON_HOLD: {
        Trigger.BACK: State.TALKING,
        Trigger.BACK_TO_CLOSING: State.CLOSING,
        Trigger.FAR_END_LEAVES: State.FAR_END_GONE,
        Trigger.FAR_END_VANISHES: State.DROPPED,
        **ENDING,
    },
    State.CLOSING: {
        Trigger.GOES_ON: State.TALKING,
        Trigger.HOLD: State.ON_HOLD,
        Trigger.FAR_END_LEAVES: State.FAR_END_GONE,
        Trigger.LINE_GOES: State.ENDED,
        **ENDING,
    },
    State.FAR_END_GONE: {
        Trigger.AGENT_HANGS_UP: State.ENDED,
        Trigger.CUT_SHORT: State.ENDED,
    },
    State.ENDED: BEGINNING,
    State.DROPPED: BEGINNING,
}


def document() -> str:
    """Return the page ``docs/call-states.md``: the table as a diagram and in words."""
    moves = [(s, trigger, to) for s, row in TABLE.items() for trigger, to in row.items()]
    diagram = [f"    {s} --> {to}: {trigger.name.lower()}" for s, trigger, to in moves]
    rows = [f"| `{s}` | {trigger.name.lower()} | `{to}` |" for s, trigger, to in moves]
    triggers = [f"| {trigger.name.lower()} | {trigger} |" for trigger in Trigger]
    return "\n".join(
        [
            "# Call states",
            "",
            "Made from the table in `coach/call_states.py`:",
            "`python -m coach.call_states > docs/call-states.md`.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> idle",
            *diagram,
            "```",
            "",
            "| trigger | pulled by |",
            "|---|---|",
            *triggers,
            "",
            "| state | trigger | next |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    print(document(), end="")
