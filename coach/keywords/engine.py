"""The one file that imports vosk: models, recognisers and the publisher's model list.

Comes in: a model folder, 16 kHz audio. Goes out: words with times. Refuses to know: phrases.
Nothing unchecked reaches Vosk, which ends the process on what it does not understand.
"""

import vosk

SAMPLE_RATE = 16000

# The publisher's list and folder, as the vosk package itself has them.
MODEL_LIST_URL: str = vosk.MODEL_LIST_URL
MODEL_BASE_URL: str = vosk.MODEL_PRE_URL
