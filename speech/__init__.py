"""Speech for tests, benches and the demo calls: text in, two legs of a call out, no network.

Comes in: sentences and scripts. Goes out: float32 audio, exact utterance times, line signals.
Refuses to know: the product; nothing here is installed with it and no room imports it.
"""
