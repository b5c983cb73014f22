"""``coach phrases check|compile|tune``: whether a phrase pack can be heard, and making it so.

Comes in: a language or a pack file. Goes out: text. Refuses to know: how a network is built.
"""

import argparse
import difflib
from collections import Counter
from dataclasses import replace
from pathlib import Path

from coach import models
from coach.cli import COMMANDS, Subparsers, settings_of
from coach.cli.spotting import compiled, network_folder
from coach.errors import ModelError
from coach.keywords.fst import read_unigrams
from coach.keywords.network import is_fresh
from coach.keywords.operating_point import load_point, own_file
from coach.keywords.pack import Pack, load_pack, read_pack
from coach.keywords.spelling import sound_length, spell
from coach.settings import Settings

# A phrase under this many phones is in much that is said: measured on Korean speeches, where every
# false hit of the shipped pack was one of these.
SHORT_PHONES = 18


def add(subparsers: Subparsers) -> None:
    """Add the command and its actions."""
    parser = subparsers.add_parser(
        "phrases", help=COMMANDS["phrases"], description="Check and compile phrase packs."
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("check", help="say what is in a pack and what cannot be heard")
    make = actions.add_parser("compile", help="compile a pack for the installed model")
    bias = actions.add_parser("tune", help="make phrases dear that ordinary speech is taken for")
    bias.add_argument(
        "--speech", type=Path, required=True, metavar="DIR", help="recordings without key-phrases"
    )
    bias.add_argument(
        "--false-per-hour", type=float, default=0.5, metavar="N", help="at most (default 0.5)"
    )
    bias.add_argument("--out", type=Path, metavar="FILE", help="instead of the user's own file")
    for action in (check, make, bias):
        action.add_argument("language", metavar="LANG", help="language code, as in en or ko")
        action.add_argument("--pack", type=Path, metavar="FILE", help="instead of the shipped pack")


def run(args: argparse.Namespace) -> int:
    """Run the action; ``check`` is status 3 where phrases cannot be heard."""
    settings = settings_of(args).settings
    settings = replace(settings, unit=replace(settings.unit, language=args.language))
    pack = read_pack(args.pack) if args.pack else load_pack(args.language)
    if args.action == "compile":
        network = compiled(pack, settings, print)
        print(f"{len(network.phrases)} phrases compiled in {network.folder}")
        return 0
    if args.action == "tune":
        return _tune(pack, settings, args)
    return _check(pack, settings)


def _tune(pack: Pack, settings: Settings, args: argparse.Namespace) -> int:
    from coach.cli import tune  # heavier than what the other actions need

    speech = tune.recordings(args.speech)
    start = load_point(pack.language)
    point = tune.tuned(pack, start, speech, args.false_per_hour, settings, print)
    file = args.out or own_file(pack.language)
    tune.write(file, point)
    dearer = sum(cost > start.phrases.get(text, 0.0) for text, cost in point.phrases.items())
    print(f"{dearer} phrases made dearer; the operating point is in {file}")
    return 0


def _check(pack: Pack, settings: Settings) -> int:
    for category, count in Counter(phrase.category for phrase in pack.phrases).items():
        print(f"{category:20} {count:4} wordings")
    for phrase in pack.phrases:
        if sound_length(phrase.words) < SHORT_PHONES:
            print(f"short, heard by mistake more easily: {phrase.text!r} ({phrase.category})")
    try:
        model = models.find(pack.language, settings)
    except ModelError as error:
        print(f"words not checked: {error}")
        return 0
    words = read_unigrams(model.path / "graph" / "Gr.fst").words
    heard, lacking = spell(pack.phrases, words)
    for word in lacking:
        near = difflib.get_close_matches(word, (w for w in words if w[:1] == word[:1]), n=3)
        print(f"{model.name} lacks {word!r}; nearest: {', '.join(near) or 'none'}")
    able = len({h.phrase for h in heard})
    print(f"{able} of {len(pack.phrases)} wordings can be heard with {model.name}")
    fresh = is_fresh(network_folder(pack, model.path, settings))
    print("compiled and fresh" if fresh else f"not compiled: coach phrases compile {pack.language}")
    return ModelError.exit_status if lacking else 0
