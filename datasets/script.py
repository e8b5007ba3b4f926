"""What every command of this package shares: flags, help, one-line errors, whole outputs.

A script keeps its flags in a `FlagValues` of its own, so that two scripts can be imported together,
and imports the working modules inside `main`, so that `--help` answers at once.
"""

import contextlib
import errno
import os
import re
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from absl import flags

from dpig.datasets.progress import waiting_for

# A file in the place of a folder or the reverse, a disk that is read-only or broken.
_UNSUITABLE_PLACE = (
    *(errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
    *(errno.EROFS, errno.EIO, errno.ENAMETOOLONG, errno.ELOOP),
)

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up notes are not ours


class InputError(Exception):
    """Something a person gave us is wrong; the text names it and the way out, in one sentence."""


def run(
    main: Callable[[], None],
    flag_values: flags.FlagValues,
    doc: str,
    uses_tensorflow: bool = True,
    backends: Sequence[str] = ("tensorflow",),
    tensorflow_optional: bool = False,
) -> None:
    """Parses the command line, runs `main`, and ends the process.

    Args:
        main: the script's one call; reads `flag_values`, imports the working modules itself.
        flag_values: the script's own flags.
        doc: the script's module docstring, printed by --help.
        uses_tensorflow: import TensorFlow first, with its start-up notes held back.
        backends: of Keras, that the command can run on; see `choose_backend`. None if it uses no
            Keras: then TensorFlow is taken where it is installed.
        tensorflow_optional: on other backends, go without TensorFlow where it is not installed.

    Exit codes: 0 done, 1 when nobody reads the output any more, 2 for bad input (one line on
    stderr, no traceback), 130 when interrupted.
    """
    command = Path(sys.argv[0]).name
    try:
        if any(argument in ("--help", "-h", "-help", "--helpfull") for argument in sys.argv[1:]):
            print(_help(command, flag_values, doc))
        else:
            _parse(flag_values)
            if uses_tensorflow:
                _prepare_tensorflow(backends, tensorflow_optional)
            main()
        sys.stdout.flush()
    except InputError as error:
        _stop(command, str(error))
    except flags.Error as error:
        _stop(command, f"{_told(error)} (see {command} --help)")
    except BrokenPipeError:  # whoever reads our output, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's last flush
        sys.exit(1)
    except PermissionError as error:
        _stop(command, f"no permission for {error.filename}: choose another place, or change it")
    except OSError as error:
        if error.errno in _DISK_FULL:
            where = error.filename or "the output"
            _stop(command, f"the disk is full at {where}, which was not kept: make room, try again")
        if error.errno not in _UNSUITABLE_PLACE or error.filename is None:
            raise
        _stop(command, f"{error.filename} cannot be used ({error.strerror}): choose another place")
    except KeyboardInterrupt:
        print(f"{command}: interrupted", file=sys.stderr)
        sys.exit(130)


def _stop(command: str, sentence: str) -> None:
    print(f"{command}: error: {' '.join(sentence.split())}", file=sys.stderr)
    sys.exit(2)


def _told(error: flags.Error) -> str:
    """What went wrong; absl tells of a required flag that was not given by its value, None."""
    missing = re.match(r"flag --(\w+)=None: Flag --\1 must have a value", str(error))
    return f"--{missing[1]} is needed: give --{missing[1]}=..." if missing else str(error)


def _parse(flag_values: flags.FlagValues) -> None:
    rest = flag_values(sys.argv)[1:]
    if rest:
        raise InputError(f"{rest[0]!r} is not a flag: values are given as --flag=value")


def _prepare_tensorflow(backends: Sequence[str], optional: bool) -> None:
    from dpig.datasets.keras_backend import choose_backend, is_installed

    if backends:
        choose_backend(backends, optional)
    if is_installed("tensorflow"):
        with waiting_for("loading TensorFlow"):
            import_tensorflow_quietly()


def import_tensorflow_quietly() -> None:
    """TensorFlow writes start-up notes past Python, to descriptor 2; only a failure shows them."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        except Exception:
            notes.seek(0)
            os.write(stderr, notes.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def _help(command: str, flag_values: flags.FlagValues, doc: str) -> str:
    lines = [textwrap.dedent(doc).strip(), "", f"usage: {command} [--flag=value ...]", ""]
    for name in flag_values:
        flag = flag_values[name]
        note = f"{flag.help.rpartition('>: ')[2]} ({'; '.join(_facts(flag))})"
        lines.append(f"  --{name}")
        lines += textwrap.wrap(
            " ".join(note.split()), 92, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
    return "\n".join(lines)


def _facts(flag: flags.Flag) -> list[str]:
    """What a flag takes: type, bounds or choices, default."""
    parser = flag.parser
    choices = getattr(parser, "enum_values", None)
    kind = "|".join(choices) if choices else parser.syntactic_help
    facts = [kind or {"bool": "a switch", "string": "text"}.get(flag.flag_type(), "text")]
    if flag.default is not None:
        default = ",".join(flag.default) if isinstance(flag.default, list) else flag.default
        facts.append(f"default {'none' if default == '' else default}")
    elif any("other than None" in validator.message for validator in flag.validators):
        facts.append("required")
    return facts


@contextlib.contextmanager
def whole_folder(path: str | os.PathLike, replace: bool = False) -> Iterator[Path]:
    """Gives a temporary folder beside `path` that takes its place when the block ends well.

    Raises:
        InputError: `path` exists already and is not an empty folder (unless `replace`).
    """
    path = Path(path)
    if path.exists() and not replace and (not path.is_dir() or any(path.iterdir())):
        raise InputError(f"{path} exists already: give another place, or remove it first")
    _make_parent(path)
    with _named_by(path):
        building = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        building.chmod(0o755)
        try:
            yield building
            if path.exists():
                shutil.rmtree(path)
            building.rename(path)
        finally:
            shutil.rmtree(building, ignore_errors=True)


@contextlib.contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """Gives a temporary file name beside `path` that takes its place when the block ends well.

    Raises:
        InputError: `path` is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the name of a file")
    _make_parent(path)
    building = path.parent / f".{os.getpid()}.{path.name}"  # keeps the suffix: savers look at it
    with _named_by(path):
        try:
            yield building
            os.replace(building, path)
        finally:
            building.unlink(missing_ok=True)


def _make_parent(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileNotFoundError:  # where the system allows no new folders, such as /proc
        raise InputError(f"{path.parent} cannot be made: choose another place") from None


@contextlib.contextmanager
def _named_by(path: Path) -> Iterator[None]:
    """Errors of writing tell the place that was asked for, not a temporary one or none."""
    try:
        yield
    except OSError as error:
        parts = Path(str(error.filename)).parts
        temporary = any(part.startswith(".") and path.name in part for part in parts)
        place = error.filename is not None and Path(error.filename).parent == path.parent
        if error.errno == errno.ENOENT and temporary and place and error.filename2 is None:
            # The parent is there, but the system lets nothing be made in it, such as in /proc.
            raise InputError(f"{path} cannot be made: choose another place") from None
        if temporary or (error.filename is None and error.errno in _DISK_FULL):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
