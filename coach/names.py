"""The names that all rooms, the journal and a replay's JSON lines share.

Comes in: nothing. Goes out: what a leg, a call state, a line signal, a key-phrase category or a
cue is called. Refuses to know: who uses a name and for what. A name once given stays.
"""

from enum import StrEnum


class Leg(StrEnum):
    """One direction of the call: the agent's microphone or the customer in the earpiece."""

    AGENT = "agent"
    CUSTOMER = "customer"

    @property
    def other(self) -> "Leg":
        """The leg at the far side of this one."""
        return Leg.CUSTOMER if self is Leg.AGENT else Leg.AGENT


class State(StrEnum):
    """Where the call is."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    ON_HOLD = "on_hold"
    CLOSING = "closing"
    FAR_END_GONE = "far_end_gone"
    ENDED = "ended"
    DROPPED = "dropped"


class Source(StrEnum):
    """How something came to be known."""

    LINE = "line"
    AUDIO = "audio"
    VOSK = "vosk"
    WORDS = "words"


class Signal(StrEnum):
    """A line signal, from USB HID telephony, from GPIO or from a file."""

    RING = "ring"
    OFF_HOOK = "off_hook"
    ON_HOOK = "on_hook"
    HOLD_ON = "hold_on"
    HOLD_OFF = "hold_off"
    MUTE_ON = "mute_on"
    MUTE_OFF = "mute_off"


class ToneName(StrEnum):
    """What is heard on a line when nobody speaks; of names that fit equally the first is told."""

    DISCONNECT = "disconnect"
    BUSY = "busy"
    CONGESTION = "congestion"
    RINGBACK = "ringback"
    DIAL = "dial"
    MUSIC = "music"
    DEAD_LINE = "dead_line"


class Party(StrEnum):
    """Whose hand a line signal shows."""

    AGENT = "agent"
    FAR_END = "far_end"


class Category(StrEnum):
    """What a key-phrase is for; the only trace of speech that leaves the keywords room."""

    GREETING = "greeting"
    HOLD_REQUEST = "hold_request"
    HOLD_RETURN = "hold_return"
    APOLOGY = "apology"
    CALL_OUT = "call_out"
    DISCONNECT_NOTICE = "disconnect_notice"
    ASK_TO_HANG_UP = "ask_to_hang_up"
    CHECK_UNDERSTANDING = "check_understanding"
    READ_BACK = "read_back"
    BACK_CHANNEL = "back_channel"
    ANYTHING_ELSE = "anything_else"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    TRANSFER = "transfer"
    CALLBACK_OFFER = "callback_offer"
    CURT = "curt"
    BLUNT = "blunt"
    WARNING = "warning"
    TIME_PROMISE = "time_promise"


class Learned(StrEnum):
    """How the agent's own level was learned."""

    CALIBRATE = "calibrate"
    CALLS = "calls"


class CueName(StrEnum):
    """A cue the wearer can see or feel."""

    HOLD_LIMIT = "hold_limit"
    CHECK_BACK = "check_back"
    WAIT_FOR_CUSTOMER = "wait_for_customer"
    PREMATURE_HANG_UP = "premature_hang_up"
    FREE_TO_HANG_UP = "free_to_hang_up"
    CALL_OUT = "call_out"
    CALL_BACK = "call_back"
    TOO_LOUD = "too_loud"
    TOO_QUIET = "too_quiet"
    TOO_FAST = "too_fast"
    TOO_SLOW = "too_slow"
    TALK_OVER = "talk_over"
    DEAD_AIR = "dead_air"
    FAULT = "fault"


class CueAction(StrEnum):
    """What became of a cue."""

    START = "start"
    STOP = "stop"
    SUPPRESSED = "suppressed"
