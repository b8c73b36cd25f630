"""Settings as they come in: a TOML file, options, ``--set``; nothing is checked yet."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, final

from fieldwise.errors import ConfigError

__all__ = ["Draft", "Keys"]

Keys = tuple[str, ...]
"""Path of a setting, from its section to its own name."""


@final
class Draft:
    """Nested settings, and who said each of them; the last one to speak wins."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._origins: dict[Keys, str] = {}

    @classmethod
    def gather(
        cls,
        file: Path | None,
        options: Mapping[str, Mapping[str, object]],
        settings: Sequence[str] | None,
    ) -> "Draft":
        """Take everything in the order in which it wins: file, options, ``--set``.

        Args:
            file: a TOML file, if there is one.
            options: those of the command line, by section and setting.
            settings: of ``--set``.

        Returns:
            The draft.
        """
        draft = cls()
        if file is not None:
            draft.add_file(file)
        for section, used in options.items():
            draft.add_options(section, used)
        draft.add_settings(settings or ())
        return draft

    def add_file(self, path: Path) -> None:
        """Read a TOML file.

        Args:
            path: the file.

        Raises:
            ConfigError: if it cannot be read, or is no TOML.
        """
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            message = f"config must be a readable file, got {str(path)!r}: {error}."
            raise ConfigError(message) from error
        except tomllib.TOMLDecodeError as error:
            message = f"{path} must be TOML: {error}."
            raise ConfigError(message) from error
        for keys, value in _leaves(table, ()):
            self.add(keys, value, str(path))

    def add_options(self, section: str, options: Mapping[str, object]) -> None:
        """Take the options that were used on the command line.

        Args:
            section: where they belong.
            options: by name of the setting; None or empty if not used.
        """
        for name, value in options.items():
            if value not in (None, [], ()):
                self.add((section, name), value, "command line")

    def add_settings(self, settings: Sequence[str]) -> None:
        """Take settings such as ``recipe.learning_rate=0.01``.

        Args:
            settings: each has keys, an equals sign, a value in TOML or plain text.

        Raises:
            ConfigError: listing all that have another form.
        """
        problems = []
        for setting in settings:
            key, equals, text = setting.partition("=")
            keys = _keys(key)
            if equals and len(keys) > 1:
                self.add(keys, _value(text.strip()), "--set")
            else:
                problems.append(f"--set must be SECTION.KEY=VALUE, got {setting!r}.")
        if problems:
            problems.append("For example --set recipe.learning_rate=0.01")
            raise ConfigError(" ".join(problems))

    def add(self, keys: Keys, value: object, origin: str) -> None:
        """Take one setting.

        Args:
            keys: its path.
            value: its value.
            origin: who says it.
        """
        table = self.values
        for key in keys[:-1]:
            if not isinstance(table.get(key), dict):
                table[key] = {}
            table = table[key]
        table[keys[-1]] = value
        self._origins[keys] = origin

    def leaves(self) -> Iterator[tuple[Keys, object, str]]:
        """Go through all settings.

        Yields:
            The path of each, its value, and who said it.
        """
        for keys, origin in self._origins.items():
            value: object = self.values
            for key in keys:
                value = value.get(key, self) if isinstance(value, dict) else self
            # Another setting may have taken the place of this one and those around it.
            if value is not self:
                yield keys, value, origin

    def section(self, name: str) -> dict[str, Any]:
        """The settings of a section.

        Args:
            name: of the section.

        Returns:
            Its settings; none where it is missing, or no table.
        """
        value = self.values.get(name, {})
        return dict(value) if isinstance(value, dict) else {}

    def origin(self, keys: Keys) -> str:
        """Who said a setting.

        Args:
            keys: its path.

        Returns:
            A file, ``--set`` or ``command line``; for a setting nobody mentioned, who
            spoke about its section.
        """
        for length in range(len(keys), 0, -1):
            for said, origin in self._origins.items():
                if said[:length] == keys[:length]:
                    return origin
        return "command line"


def _keys(text: str) -> Keys:
    try:
        return next(_leaves(tomllib.loads(f"{text} = 0"), ()))[0]
    except (tomllib.TOMLDecodeError, StopIteration):
        return ()


def _value(text: str) -> object:
    # A string may come without its quotes, which shells take away.
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _leaves(table: Mapping[str, Any], above: Keys) -> Iterator[tuple[Keys, object]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value
