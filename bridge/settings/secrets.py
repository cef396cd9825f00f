"""Secrets, from the environment or from files it names; never from the settings and never shown."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bridge.errors import SettingProblem
from bridge.settings.webhooks import key_of

TOKEN = "LIVEVOX_TOKEN"
PASSWORD = "LIVEVOX_PASSWORD"
USER_PASSWORD = "LIVEVOX_USER_PASSWORD"
ENGINE_TOKEN = "BRIDGE_ENGINE_TOKEN"
ADMIN_TOKEN = "BRIDGE_ADMIN_TOKEN"
VIEW_TOKEN = "BRIDGE_VIEW_TOKEN"
FILE_SUFFIX = "_FILE"
#: The token and every password of the simulator's world, and of simulated engines; they open nothing else.
SIMULATED = "simulated"

_ENVIRONMENT = "environment"


class Secrets:
    """Looks secrets up by the name of their variable; each problem is noted once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.problems: list[SettingProblem] = []
        self._environ = environ
        self._found: dict[str, SecretStr | None] = {}
        """None: neither the variable nor its file is there."""

    def secret(self, name: str, use: str, fallback: SecretStr | None = None) -> SecretStr:
        """The secret in variable NAME, or in the file that NAME_FILE names; empty when there is a problem.

        `fallback` stands in for one that is not there; None: it is required.
        """
        if name not in self._found:
            self._found[name] = self._read(name, use)
        found = self._found[name]
        if found is not None:
            return found
        if fallback is not None:
            return fallback
        file_name = name + FILE_SUFFIX
        return self._report(name, "is not set", f"set it to {use}, or {file_name} to a file that holds it")

    def header(self, name: str, use: str, fallback: SecretStr | None = None) -> SecretStr:
        """Like `secret`, for one that is sent in an HTTP header."""
        known = self.secret(name, use, fallback)
        text = known.get_secret_value()
        if not (text.isascii() and text.isprintable()):
            return self._report(name, "has characters that cannot stand in an HTTP header", f"set it to {use}")
        return known

    def webhook(self, name: str, use: str, fallback: SecretStr | None = None) -> SecretStr:
        """Like `secret`, for one that may be written as Standard Webhooks does."""
        known = self.secret(name, use, fallback)
        try:
            key_of(known.get_secret_value())
        except ValueError as exc:
            return self._report(name, f"cannot be a key: {exc}", f"set it to {use}, as the receiver has it")
        return known

    def _read(self, name: str, use: str) -> SecretStr | None:
        file_name = name + FILE_SUFFIX
        value, path = self._environ.get(name), self._environ.get(file_name)
        if value is not None and path is not None:
            return self._report(name, f"is set, and {file_name} too", "unset one of them")
        if path is not None:
            return self._read_file(file_name, path)
        if value == "":
            return self._report(name, "is empty", f"set it to {use}")
        return None if value is None else SecretStr(value)

    def _read_file(self, name: str, path: str) -> SecretStr:
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except OSError as exc:
            return self._report(name, f"{path} cannot be read: {exc.strerror}", "name a file this user may read")
        except ValueError:
            return self._report(name, f"{path} is not UTF-8 text", "write the secret as one line of text")
        return SecretStr(text) if text else self._report(name, f"{path} is empty", "write the secret into it")

    def _report(self, name: str, what: str, remedy: str) -> SecretStr:
        problem = SettingProblem(_ENVIRONMENT, None, name, what, remedy)
        if problem not in self.problems:
            self.problems.append(problem)
        return SecretStr("")
