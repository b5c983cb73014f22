"""Headset coach: hears both legs of a call, follows it and cues the wearer.

Start at ``coach.pipeline`` and follow it back: capture -> frames -> features, keywords, line ->
call -> rules -> cues, and every event to the journal. What passes is in ``coach.events``.
"""
