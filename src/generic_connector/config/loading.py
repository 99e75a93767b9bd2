"""Reading a site's settings: the file, then secret files over it, then environment variables over both."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsError,
    TomlConfigSettingsSource,
)

from generic_connector.config.faults import describe
from generic_connector.config.keys import KEYS, PREFIX
from generic_connector.config.sections import Settings
from generic_connector.errors import UserError

SECRETS_DIRECTORY = "GC_SECRETS_DIR"
"""The environment variable that names a directory of secret files, each named like an environment variable."""
CLIENT_PASSWORD = "GC_CLIENT_PASSWORD"  # noqa: S105  the name of the variable, not a password
"""The environment variable with the broker password of the commands `send` and `listen`; not a setting."""
OTHER_VARIABLES = frozenset({SECRETS_DIRECTORY, CLIENT_PASSWORD})


class _Environment(EnvSettingsSource):
    """The library's reader of environment variables, on a mapping that is given instead of on the process's own."""

    def __init__(self, settings: type[BaseSettings], environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environ.items()}


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read and check the settings.

    path: the TOML file, None to do without. environ: the environment, `os.environ` outside tests.
    Raises UserError that names every wrong key, what was given (never a secret) and what would be right.
    """
    _refuse_unknown_variables(environ)
    sources = (_Environment(Settings, environ), *_secret_files(environ), *_file(path))
    where = str(path) if path else "The environment"
    try:
        return Settings(_build_sources=(sources, {}))  # type: ignore[call-arg]  # an argument of the library's own
    except ValidationError as error:
        raise UserError(describe(where, error, environ)) from None


def _file(path: Path | None) -> list[PydanticBaseSettingsSource]:
    if path is None:
        return []
    if path.is_dir():
        raise UserError(f"{path} is a directory, not a TOML file")
    if not path.exists():
        raise UserError(f"{path}: there is no such file. `generic-connector config > {path}` writes one to begin with.")
    try:
        return [TomlConfigSettingsSource(Settings, path)]
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path} is not a TOML file: {error}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not a TOML file: it must be UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None


def _secret_files(environ: Mapping[str, str]) -> list[PydanticBaseSettingsSource]:
    directory = environ.get(SECRETS_DIRECTORY, "")
    if not directory:
        return []
    try:
        return [NestedSecretsSettingsSource(Settings, secrets_dir=directory, secrets_dir_missing="error")]  # type: ignore[arg-type]  # the class is accepted, its annotation does not say so
    except (SettingsError, OSError, UnicodeDecodeError) as error:
        raise UserError(f"{SECRETS_DIRECTORY}: {directory} cannot be read: {error}") from None


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {key.variable for key in KEYS.values()} | OTHER_VARIABLES
    unknown = sorted(name for name in environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    if not unknown:
        return
    lines = []
    for name in unknown:
        near = get_close_matches(name.upper(), known, n=1)
        lines.append(f"  {name}: no such setting" + (f"; did you mean {near[0]}?" if near else ""))
    raise UserError("\n".join(["The environment cannot be used:", *lines]))
