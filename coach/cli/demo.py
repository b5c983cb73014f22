"""``coach demo``: a shipped call through the real coach, with whatever model can be had.

Comes in: nothing but a language if one is wanted. Goes out: the replay of that call. Refuses to
know: how a model is fetched, how a call is replayed.
"""

import argparse
from contextlib import ExitStack
from importlib import resources

from coach import models
from coach.cli import COMMANDS, Subparsers, replay, settings_of
from coach.cli.models import shown_progress
from coach.download import publisher_answers
from coach.errors import ModelError
from coach.install import install
from coach.keywords.engine import MODEL_LIST_URL
from coach.settings import Settings

LANGUAGES = ("en", "ko")


def add(subparsers: Subparsers) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "demo", help=COMMANDS["demo"], description="Coach a call that comes with the package."
    )
    parser.add_argument("--lang", choices=LANGUAGES, help="instead of what can be had")
    parser.add_argument("--speed", type=replay.speed, metavar="N|max", help="times real time")
    parser.add_argument("--plain", action="store_true", help="lines instead of the live view")


def run(args: argparse.Namespace) -> int:
    """Choose the language, say why, get its model, replay the call."""
    settings = settings_of(args).settings
    language, why = (args.lang, "as asked") if args.lang else _language(settings)
    print(f"demo call in { {'en': 'English', 'ko': 'Korean'}[language] }: {why}", flush=True)
    try:
        models.find(language, settings)
    except ModelError:
        with shown_progress() as progress:
            install(language, settings, MODEL_LIST_URL, print, progress)
    with ExitStack() as files:
        folder = files.enter_context(resources.as_file(resources.files("coach") / "demo"))
        arguments = argparse.Namespace(**vars(args))
        arguments.agent = folder / f"{language}-agent.flac"
        arguments.customer = folder / f"{language}-customer.flac"
        arguments.line = folder / f"{language}-line.jsonl"
        arguments.stereo = arguments.agent_channel = arguments.events = arguments.journal = None
        arguments.agent_words = arguments.customer_words = None
        arguments.lang = language
        arguments.other_agent = True
        return replay.run(arguments)


def _language(settings: Settings) -> tuple[str, str]:
    """Return English if its model is here or can be had, else Korean, and the reason."""
    try:
        return "en", f"{models.find('en', settings).name} is installed"
    except ModelError:
        if publisher_answers(MODEL_LIST_URL):
            return "en", "its model's publisher answers"
    return "ko", "no English model here and its publisher does not answer"
