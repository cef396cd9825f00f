"""[sans-IO] What of a call's story is shown to whom: all, or all but customers' numbers, names and words."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bridge.journal.call_rows import CallRow
from bridge.journal.records import Fact
from bridge.masks import MASKED, mask_number, without_customers

#: Headers that hold an address: a name, and a number in the user part.
_ADDRESSES = frozenset(
    "from to contact p-asserted-identity p-preferred-identity remote-party-id diversion referred-by refer-to "
    "history-info reply-to f t m r b".split()
)
#: Headers of the protocol itself, which say nothing of a customer.
_PLAIN = frozenset(
    "via v route record-route call-id i cseq max-forwards content-type c content-length l content-encoding e allow "
    "supported k require unsupported proxy-require user-agent server session-expires x min-se timestamp date expires "
    "retry-after warning reason event o subscription-state rack rseq accept accept-encoding accept-language "
    "allow-events u www-authenticate proxy-authenticate authorization proxy-authorization dnis organization "
    "mime-version content-disposition x-fate x-outcome x-agent-number x-call-id lv-agent-login-id".split()
)
_DISPLAY_NAME = re.compile(r'"(?:[^"\\]|\\.)*"(?=\s*<)|(?<=:)(?!\s*<)[^<":]*(?=<)')
_URI_HEADERS = re.compile(r"\?[^>\s]*")
_URI_USER = re.compile(r"(\bsips?:)([^@>;\s]+)(?=@)|(\btel:)([^>;\s]+)", re.IGNORECASE)
#: Lines of SDP that hold words, addresses and numbers of people (RFC 8866).
_SDP_OF_PEOPLE = re.compile(r"^([siuep])=(?!-$).*$|^(o=)(?!- )\S+", re.MULTILINE)
#: Text under these keys of JSON is LiveVox's or ours.
_PLAIN_KEYS = frozenset(
    "code message event outcome target state status linenumber displayname statechangedtime reasoncode serviceid "
    "callcenterid termcodeid phonebookid phonebookcontactid movetonotready moveagenttonotready "
    "stateChangedAfter fate key id lvresult lvresultid actiontype".lower().split()
)
#: Everything under these is the centre's own: lists of term codes, the phonebook.
_PLAIN_TREES = frozenset({"termcodecategories", "termcodes", "phonebook", "phonebooks"})
_NUMBERS_OF_PEOPLE = re.compile(r"amount|amt|account|phone|balance|ssn|birth|dob", re.IGNORECASE)


class Veil:
    """`Veil(call, whole=True)` hides nothing."""

    def __init__(self, call: CallRow, *, whole: bool) -> None:
        self.whole = whole
        self._agent = call.agent
        ids = call.call, call.agent, call.transaction_id, call.session_id, call.service_id
        self._known = frozenset(value for value in ids if value)
        digits = re.sub(r"\D", "", call.caller)
        # LiveVox may write it with and without the country's code.
        self._caller = digits[-10:] if len(digits) >= 7 else ""

    def number(self, number: str) -> str:
        """A customer's."""
        return number if self.whole else mask_number(number)

    def words(self, text: str) -> str:
        """A sentence of ours, with what others said in it perhaps."""
        if self.whole:
            return text
        # The agent's own number is no customer's.
        return self._agent.join(mask_number(part) for part in text.split(self._agent)) if self._agent else text

    def speech(self, text: str) -> str:
        """What was said on the call."""
        return text if self.whole else MASKED

    def facts(self, facts: Mapping[str, Fact]) -> dict[str, Fact]:
        """Of an entry."""
        if self.whole:
            return dict(facts)
        hidden: dict[str, Fact] = {}
        for name, value in without_customers(dict(facts)).items():
            free = isinstance(value, str) and value not in self._known
            hidden[name] = self.words(value) if free and isinstance(value, str) else value
        return hidden

    def sip(self, text: str) -> str:
        """A SIP message."""
        if self.whole:
            return text
        head, blank, body = text.partition("\n\n")
        start, *lines = head.split("\n")
        shown = [self._users(start), *self._headers(lines)]
        return self._without_caller("\n".join(shown) + blank + self._body(body))

    def rest(self, text: str) -> str:
        """A request to LiveVox, or its answer."""
        if self.whole:
            return text
        head, blank, body = text.partition("\n\n")
        return self._without_caller(head + blank + self._body(body))

    def _headers(self, lines: Iterable[str]) -> Iterable[str]:
        hidden = False
        for line in lines:
            if line.startswith((" ", "\t")):  # goes on with the header above
                if not hidden:
                    yield self._users(line)
                continue
            name, colon, value = line.partition(":")
            key = name.strip().lower()
            hidden = not (key in _PLAIN or key in _ADDRESSES or value.strip() in self._known)
            if not colon:
                yield MASKED
            elif hidden:
                yield f"{name}: {MASKED}"
            elif key in _ADDRESSES:
                yield self._users(_URI_HEADERS.sub(f"?{MASKED}", _DISPLAY_NAME.sub(_masked_name, line)))
            else:
                yield line

    def _users(self, text: str) -> str:
        def user(found: re.Match[str]) -> str:
            scheme, said = (found[1], found[2]) if found[1] else (found[3], found[4])
            return scheme + (said if self._agent and self._agent in said else mask_number(said))

        return _URI_USER.sub(user, text)

    def _body(self, body: str) -> str:
        if not body or body.startswith(("[not kept", "SIP/2.0 ")):
            return body
        if body.startswith("v=0"):
            return _SDP_OF_PEOPLE.sub(lambda found: f"{found[1]}={MASKED}" if found[1] else f"{found[2]}{MASKED}", body)
        try:
            return json.dumps(self._json(json.loads(body), "", plain=False), ensure_ascii=False)
        except (ValueError, RecursionError):
            return MASKED

    def _json(self, value: Any, key: str, *, plain: bool) -> Any:
        plain = plain or key in _PLAIN_TREES
        if isinstance(value, dict):
            return {name: self._json(inner, name.lower(), plain=plain) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._json(inner, key, plain=plain) for inner in value]
        if value is None or isinstance(value, bool) or value == "" or value in self._known:
            return value
        if isinstance(value, int | float):
            return MASKED if _NUMBERS_OF_PEOPLE.search(key) else value
        if value.startswith("[not kept") or value == "[secret]":
            return value
        if _NUMBERS_OF_PEOPLE.search(key) and key not in _PLAIN_KEYS:
            return mask_number(value) if "phone" in key else MASKED
        return mask_number(value) if plain or key in _PLAIN_KEYS else MASKED

    def _without_caller(self, text: str) -> str:
        """Wherever else it stands."""
        return text.replace(self._caller, mask_number(self._caller)) if self._caller else text


def _masked_name(found: re.Match[str]) -> str:
    name = found[0]
    if not name.strip(' "'):
        return name
    return f'"{MASKED}"' if name.startswith('"') else f" {MASKED} "
