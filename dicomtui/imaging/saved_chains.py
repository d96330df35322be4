"""Chains of processing under names, in a file beside the configuration.

They have a file of their own, which the program writes as a whole: ``config.toml`` belongs to the user, with
his comments and his order, and no program writes there.

References
----------
TOML 1.0, strings and tables.
"""

import os
import re
from pathlib import Path

from dicomtui.errors import UsageError
from dicomtui.imaging.processing import Chain
from dicomtui.imaging.processing_steps import KINDS
from dicomtui.settings import config_path
from dicomtui.text import safe_line
from dicomtui.writing import new_file, private_folder

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_LARGEST_FILE = 1 << 20


def chains_path() -> str:
    """Return where the chains are: ``chains.toml`` beside the configuration."""
    return os.path.join(os.path.dirname(config_path()), "chains.toml")


def saved_chains(path: str | None = None) -> dict[str, Chain]:
    """Return the chains by their names; none where there is no file.

    Raises
    ------
    UsageError
        If the file cannot be read, or holds something else.
    """
    path = path or chains_path()
    import tomllib

    try:
        with open(path, "rb") as stream:
            table = tomllib.loads(stream.read(_LARGEST_FILE).decode())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{safe_line(path)}: {(error.strerror or 'cannot be read').lower()}") from error
    except ValueError as error:
        raise UsageError(f"{safe_line(path)}: {safe_line(str(error), 200)}") from error
    chains = {}
    for name, text in table.items():
        if not isinstance(text, str):
            raise UsageError(f"{safe_line(path)}: {safe_line(name, 40)} is no text")
        try:
            chains[name] = Chain.parse(text)
        except UsageError as error:
            raise UsageError(f"{safe_line(path)}: {safe_line(name, 40)}: {error}") from error
    return chains


def save_chain(name: str, chain: Chain, path: str | None = None) -> None:
    """Keep a chain under a name, in place of one that has it.

    Raises
    ------
    UsageError
        If the name is none, or what is in the file makes no sense: it is left as it is then.
    WriteError
        If the file cannot be written.
    """
    if not _NAME.fullmatch(name) or name.lower() in KINDS:
        why = "a step is called so" if name.lower() in KINDS else "at most 40 of A-Z, 0-9, - and _"
        raise UsageError(f"'{safe_line(name, 16)}' is no name for steps: {why}")
    target = Path(path or chains_path())
    chains = {**saved_chains(str(target)), name: chain}
    if not target.parent.is_dir():
        private_folder(target.parent)
    lines = ["# Processing that dicomtui has saved; the program writes this file anew."]
    lines += [f'{name} = "{chain}"' for name, chain in sorted(chains.items())]
    with new_file(target, overwrite=True) as stream:
        stream.write(("\n".join(lines) + "\n").encode())


def chain_from(text: str) -> Chain:
    """Return the chain that was saved as *text*, or that *text* writes.

    Raises
    ------
    UsageError
        If it is neither.
    """
    name = text.strip()
    if _NAME.fullmatch(name) and name.lower() not in KINDS:
        chains = saved_chains()
        if name in chains:
            return chains[name]
        known = f"; saved are {', '.join(map(safe_line, sorted(chains)))}" if chains else ""
        raise UsageError(f"{name} is no step; there are {', '.join(KINDS)}{known}")
    return Chain.parse(text)
