"""What the commands that hear key-phrases share: the pack, the model, the compiled network.

Comes in: settings. Goes out: one spotter per leg. Refuses to know: what is done with the phrases.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs

from coach import models
from coach.keywords.engine import Model
from coach.keywords.network import Network, compiled_folder, is_fresh, load_network
from coach.keywords.operating_point import OperatingPoint, load_point
from coach.keywords.pack import Pack, load_pack
from coach.keywords.spotter import DeafSpotter, Spotter, VoskSpotter, WordSpotter
from coach.keywords.words_file import load_words
from coach.names import Leg
from coach.settings import Settings


def compiled_dir(settings: Settings) -> Path:
    """Return the folder of compiled phrase packs."""
    if settings.models.compiled_dir:
        return Path(settings.models.compiled_dir).expanduser()
    return platformdirs.user_cache_path("headset-coach") / "packs"


def network_folder(
    pack: Pack, model: Path, settings: Settings, point: OperatingPoint | None = None
) -> Path:
    """Return where the network of ``model`` and ``pack`` is or would be kept.

    ``point``: instead of the operating point in force for the pack's language.
    """
    point = load_point(pack.language) if point is None else point
    return compiled_folder(compiled_dir(settings), model, pack, settings.keywords, point)


def compiled(
    pack: Pack,
    settings: Settings,
    say: Callable[[str], None],
    point: OperatingPoint | None = None,
) -> Network:
    """Return the network of the installed model and ``pack``, compiled if it is not fresh.

    ``point``: instead of the operating point in force for the pack's language. Says what the model
    cannot hear. Raises ModelError, PhraseError.
    """
    model = models.find(pack.language, settings)
    point = load_point(pack.language) if point is None else point
    cache = compiled_dir(settings)
    folder = network_folder(pack, model.path, settings, point)
    if is_fresh(folder):
        network = load_network(folder)
    else:
        from coach.keywords.compiler import (
            compile_network,
        )

        network = compile_network(cache, model.path, pack, settings.keywords, point, say)
    if network.lacking:
        say(f"{model.name} has no word for: {', '.join(network.lacking)}")
    return network


def spotters(
    settings: Settings, words: Mapping[Leg, Path | None], say: Callable[[str], None]
) -> dict[Leg, Spotter]:
    """Return a spotter for each leg in ``words``: on its file of word times, else with Vosk.

    Where only one leg has word times and there is no model, the other is not listened to, and
    that is said. Raises ModelError, PhraseError, RecordingError.
    """
    pack = load_pack(settings.unit.language)
    found: dict[Leg, Spotter] = {
        leg: WordSpotter(leg, load_words(path), pack, settings.keywords)
        for leg, path in words.items()
        if path is not None
    }
    rest = [leg for leg in words if leg not in found]
    if rest and found and not _installed(settings):
        say(f"no {pack.language} model: key-phrases of the {rest[0]}'s leg are not heard")
        return {**found, rest[0]: DeafSpotter()}
    if rest:
        network = compiled(pack, settings, say)
        model = Model(network.folder)
        for leg in rest:
            found[leg] = VoskSpotter(leg, model, network.phrases, settings.keywords)
    return found


def _installed(settings: Settings) -> bool:
    return any(m.language == settings.unit.language for m in models.installed(settings))
