from story import (
    AGENT,
    CUSTOMER,
    agent_hangs_up,
    chat,
    cues,
    entered,
    far_end_hangs_up,
    greeted,
    line_hold,
    phrase,
    play,
    record,
    say,
    settings,
    speak,
    states,
)

from coach.events import Event
from coach.names import Category


def asked(t: float, seconds: float | None = None) -> list[Event]:
    return say(AGENT, Category.HOLD_REQUEST, t, t + 1.5, seconds)


def test_hold_of_150_s_against_the_limit_of_120_s() -> None:
    told = [*chat(6, 16), *asked(16), *line_hold(20, 170), *agent_hangs_up(175)]
    out = play(greeted(), told, until=180)
    assert states(out)[2:4] == [(20, "on_hold"), (170, "talking")]
    assert cues(out)[:3] == [
        (110, "hold_limit", "early"),
        (140, "hold_limit", "on"),
        (170, "hold_limit", "off"),
    ]
    fields = record(out)
    assert (fields["holds"], fields["hold_s"], fields["hold_longest_s"]) == (1, 150, 150)
    assert (fields["hold_over_limit_s"], fields["check_backs"]) == (30, 0)
    assert "hold_promised_s" not in fields
    assert fields["talk_s"] == 22


def test_promise_of_one_minute() -> None:
    out = play(greeted(), chat(6, 16), asked(16, 60.0), line_hold(20, 150), until=151)
    assert cues(out) == [
        (65, "hold_limit", "early"),
        (80, "hold_limit", "on"),
        (140, "check_back", "on"),
        (145, "check_back", "off"),
        (150, "hold_limit", "off"),
    ]
    fields = record(out)
    assert (fields["hold_promised_s"], fields["hold_over_limit_s"]) == (60, 70)


def test_reminders_go_on_while_over_the_limit() -> None:
    out = play(greeted(), asked(16), line_hold(20, 330), until=331)
    on = [t for t, cue, how in cues(out) if (cue, how) == ("check_back", "on")]
    assert on == [200, 260, 320]


def test_promise_of_three_minutes_needs_a_check_back_at_two() -> None:
    out = play(greeted(), chat(6, 16), asked(16, 180.0), line_hold(20, 210), until=211)
    assert cues(out) == [
        (140, "check_back", "on"),
        (145, "check_back", "off"),
        (155, "hold_limit", "early"),
        (200, "hold_limit", "on"),
        (210, "hold_limit", "off"),
    ]


def test_no_promise_goes_beyond_the_hard_limit() -> None:
    out = play(greeted(), asked(16, 900.0), line_hold(20, 330), until=331)
    assert (320, "hold_limit", "on") in cues(out)


def limit_at(*told: list[Event]) -> float:
    out = play(greeted(), *told, line_hold(40, 200), until=200)
    return next(t for t, cue, how in cues(out) if (cue, how) == ("hold_limit", "on")) - 40


def test_which_promise_counts() -> None:
    def minute(t: float) -> list[Event]:
        return phrase(AGENT, Category.TIME_PROMISE, t - 1, t, 60.0)

    assert limit_at(minute(25.0)) == 60
    assert limit_at(minute(24.9)) == 120
    assert limit_at(minute(44.0)) == 60
    assert limit_at(minute(46.5)) == 120
    assert limit_at(phrase(AGENT, Category.TIME_PROMISE, 30, 31, 30.0), minute(39.0)) == 60
    assert limit_at(phrase(CUSTOMER, Category.TIME_PROMISE, 30, 31, 30.0)) == 120


def test_talk_to_a_colleague_does_not_move_the_promise() -> None:
    colleague = phrase(AGENT, Category.TIME_PROMISE, 60, 61, 180.0)
    assert limit_at(asked(35, 60.0), colleague) == 60


def test_brief_return_is_a_check_back_and_the_clock_begins_anew() -> None:
    back = [*say(AGENT, Category.HOLD_RETURN, 101, 102), *speak(CUSTOMER, 103, 104)]
    told = [*asked(16), *line_hold(20, 100), *back, *line_hold(110, 200), *chat(201, 220)]
    out = play(greeted(), told, until=220)
    held = [cue for cue in cues(out) if cue[1] == "hold_limit"]
    assert held == [(200, "hold_limit", "early"), (200, "hold_limit", "off")]
    fields = record(out)
    assert (fields["holds"], fields["hold_s"], fields["hold_longest_s"]) == (2, 170, 90)
    assert (fields["check_backs"], fields["hold_over_limit_s"]) == (1, 0)


def test_hold_long_after_another_is_no_check_back() -> None:
    told = [*line_hold(20, 60), *chat(61, 95), *line_hold(100, 120)]
    fields = record(play(greeted(), told, until=121))
    assert (fields["holds"], fields["check_backs"]) == (2, 0)


def test_spoken_hold_counts_from_what_was_last_said() -> None:
    told = [*asked(10), *speak(CUSTOMER, 12, 12.6), *speak(AGENT, 150, 152)]
    out = play(greeted(), told, speak(CUSTOMER, 153, 160), until=160)
    assert (states(out)[2], entered(out, 2).since) == ((17.6, "on_hold"), 12.6)
    assert cues(out) == [
        (102.6, "hold_limit", "early"),
        (132.6, "hold_limit", "on"),
        (150.06, "hold_limit", "off"),
    ]
    assert (record(out)["hold_s"], record(out)["hold_over_limit_s"]) == (137.4, 17.4)


def test_customer_who_gives_up_on_hold() -> None:
    told = [*chat(6, 18), *line_hold(20, 400), *far_end_hangs_up(150)]
    out = play(greeted(), told, until=160)
    assert cues(out)[:4] == [
        (110, "hold_limit", "early"),
        (140, "hold_limit", "on"),
        (150, "hold_limit", "off"),
        (150, "call_back", "on"),
    ]
    assert (record(out)["hold_s"], record(out)["hold_over_limit_s"]) == (130, 10)


def test_limits_are_settings() -> None:
    to = settings("hold.limit_s=10", "hold.check_back_s=7", "hold.warn_share=0.5")
    out = play(greeted(), chat(6, 18), line_hold(20, 40), until=40, to=to)
    assert cues(out) == [
        (25, "hold_limit", "early"),
        (30, "hold_limit", "on"),
        (37, "check_back", "on"),
        (40, "hold_limit", "off"),
        (40, "check_back", "off"),
    ]
