from story import (
    AGENT,
    CUSTOMER,
    agent_hangs_up,
    chat,
    far_end_hangs_up,
    greeted,
    lift,
    phrase,
    play,
    record,
    records,
    ring,
    say,
    speak,
)

from coach.names import Category, Party


def test_record_of_an_incoming_call() -> None:
    fields = record(play(greeted(), chat(6, 20), agent_hangs_up(23), until=30))
    assert fields["t"] == 24
    assert (fields["started_s"], fields["duration_s"], fields["talk_s"]) == (3, 20, 20)
    assert (fields["direction"], fields["source"], fields["answered"]) == ("incoming", "line", True)
    assert fields["answer_rings"] == 2
    assert fields["said_greeting"] == 1


def test_rings_are_counted() -> None:
    rings = [*ring(0), *ring(4), *ring(8), *ring(12)]
    assert record(play(rings, lift(13), until=20))["answer_rings"] == 4


def test_ring_nobody_answered_leaves_no_record() -> None:
    assert records(play(ring(0), ring(4), until=30)) == []


def test_greeting_in_time() -> None:
    fields = record(play(greeted(), until=20))
    assert (fields["greeting_ok"], fields["greeting_delay_s"]) == (True, 0.5)
    assert fields["drawled_greeting"] is False


def test_greeting_too_late() -> None:
    told = [*ring(0), *lift(3), *speak(AGENT, 4, 5), *say(AGENT, Category.GREETING, 8.1, 9)]
    fields = record(play(told, until=20))
    assert (fields["greeting_ok"], fields["greeting_delay_s"]) == (False, 1)


def test_thanks_for_the_call_greet_only_where_they_open_it() -> None:
    opening = [*ring(0), *lift(3), *say(AGENT, Category.THANKS, 4, 5)]
    late = [*ring(0), *lift(3), *say(AGENT, Category.THANKS, 9, 10)]
    assert record(play(opening, until=20))["greeting_ok"] is True
    assert record(play(late, until=20))["greeting_ok"] is False


def test_greeting_of_the_customer_is_none_of_the_agents() -> None:
    told = [*ring(0), *lift(3), *say(CUSTOMER, Category.GREETING, 4, 5)]
    fields = record(play(told, until=20))
    assert fields["greeting_ok"] is False
    assert "greeting_delay_s" not in fields


def test_drawled_first_word_but_not_a_later_one() -> None:
    drawled = [*ring(0), *lift(3), *speak(AGENT, 4, 5.2, drawn_s=0.9), *speak(AGENT, 6, 7)]
    later = [*ring(0), *lift(3), *speak(AGENT, 4, 5), *speak(AGENT, 6, 7.2, drawn_s=0.9)]
    assert record(play(drawled, until=20))["drawled_greeting"] is True
    assert record(play(later, until=20))["drawled_greeting"] is False


def test_speaking_already_at_the_pick_up() -> None:
    told = [*ring(0), *lift(3), *speak(AGENT, 2, 5, drawn_s=0.9)]
    fields = record(play(told, until=20))
    assert (fields["greeting_delay_s"], fields["drawled_greeting"]) == (0, True)


def test_outgoing_call_is_connected_when_the_customer_answers() -> None:
    hello = [*speak(CUSTOMER, 20, 20.5), *say(AGENT, Category.GREETING, 21, 22)]
    fields = record(play(lift(1), speak(AGENT, 5, 6), hello, agent_hangs_up(30), until=35))
    assert (fields["direction"], fields["answered"]) == ("outgoing", True)
    assert (fields["greeting_ok"], fields["greeting_delay_s"]) == (True, 1)
    assert "answer_rings" not in fields


def test_outgoing_call_is_connected_when_the_line_says_so() -> None:
    told = [*lift(1), *lift(9, Party.FAR_END), *speak(AGENT, 10, 11)]
    assert record(play(told, until=30))["greeting_delay_s"] == 1


def test_outgoing_call_without_a_customer_leg_is_connected_by_the_agents_voice() -> None:
    out = play(lift(1), speak(AGENT, 10, 11), until=30, customer_heard=False)
    assert record(out)["greeting_delay_s"] == 0


def test_outgoing_call_nobody_answered() -> None:
    fields = record(play(lift(1), agent_hangs_up(30), until=35))
    assert fields["answered"] is False
    assert fields["premature_hangup"] is False
    assert "greeting_ok" not in fields


def test_record_ends_at_the_first_hook() -> None:
    goodbye = say(AGENT, Category.GOODBYE, 9, 10)
    told = [*greeted(), *goodbye, *far_end_hangs_up(13), *agent_hangs_up(60)]
    assert record(play(told, until=70))["duration_s"] == 10


def test_phrase_known_after_the_hook_is_in_the_record() -> None:
    goodbye = phrase(AGENT, Category.GOODBYE, 19.5, 20)
    fields = record(play(greeted(), goodbye, agent_hangs_up(20.1), until=30))
    assert fields["said_goodbye"] == 1


def test_phrase_said_between_two_calls_is_in_neither() -> None:
    between = phrase(AGENT, Category.THANKS, 20.3, 20.5)
    out = play(greeted(), agent_hangs_up(20), between, ring(21), lift(22), until=30)
    assert [("said_thanks" in fields) for fields in records(out)] == [False, False]


def test_phrase_of_the_call_before_known_in_the_next_is_not_the_nexts() -> None:
    late = phrase(AGENT, Category.GOODBYE, 19, 20)
    out = play(greeted(), late, agent_hangs_up(20), ring(20.1), lift(20.2), until=30)
    assert "said_goodbye" not in records(out)[1]


def test_call_guessed_from_audio_says_so() -> None:
    fields = record(play(speak(AGENT, 2, 4), chat(5, 20), until=60, line_known=False))
    assert (fields["source"], fields["direction"]) == ("audio", "unknown")
    assert (fields["hung_up_first"], fields["started_s"]) == ("unknown", 2)
