"""[sans-IO] One SIP datagram as lines of bytes: what nobody changes stays byte for byte."""

import re

from sip.errors import InvalidMessage
from sip.header_names import key_of, long_name

#: Header lines read at most; a message with more is faulty (an INVITE through four proxies has about 30).
MAX_LINES = 256

_REQUEST_LINE = re.compile(rb"([A-Za-z0-9\-.!%*_+`'~]+) ([^ \t]+) (SIP/\d+\.\d+)", re.IGNORECASE)
#: A request line with something wrong in it, readable enough for a 400 (RFC 4475 section 3.1.2.7 and on).
_ODD_REQUEST_LINE = re.compile(rb"([A-Z]++)[ \t]++(?=.*sips?:|.*SIP/\d).*")
_STATUS_LINE = re.compile(rb"SIP/2\.0 ([1-6]\d\d)(?: .*)?", re.IGNORECASE)
_FOLD = re.compile(rb"(?<![ \t])[ \t]*+(?:\r\n[ \t]++)++")
#: One that never closes goes to the end: searched on from each of its quotes, it would cost its length squared.
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*+("?)', re.DOTALL)
_LONE_ENDS = bytes.maketrans(b"\r\n\0", b"   ")
#: One of several values on a line: a comma inside quotes or angle brackets does not end it.
_VALUE = re.compile(rb'(?:[^",<]++|"(?:[^"\\]|\\.)*+"|<[^>]*+>)*+', re.DOTALL)
#: Headers that may stand only once; twice they could mean one thing to us and another to the worker.
_SINGLE = frozenset({b"from", b"to", b"call-id", b"cseq", b"max-forwards", b"content-length", b"content-type"})


class Message:
    """A request or a response.

    `lines` are the header lines as they arrived, a folded one with its line breaks; `keys` are their lower-case long
    names, position by position. The methods that change a header change both.
    """

    __slots__ = ("body", "fault", "folded", "keys", "lines", "method", "size", "start", "status", "uri", "version")

    def __init__(self, start: bytes, body: bytes) -> None:
        self.start = start
        self.body = body
        self.lines: list[bytes] = []
        self.keys: list[bytes] = []
        self.method = b""
        """b"" in a response."""
        self.uri = b""
        self.version = b"SIP/2.0"
        self.status = 0
        """0 in a request."""
        self.size = 0
        """Bytes of the datagram it came in."""
        self.folded = False
        """Some header stands on more than one line."""
        self.fault: str | None = None
        """Why the message cannot be used, though it may still be answered with 400."""

    @classmethod
    def parse(cls, datagram: bytes) -> "Message":
        """Split a datagram; raises InvalidMessage when it has no SIP start line at all.

        Line ends are CRLF and nothing else: a lone CR or LF, which the worker's parser takes for a line end, could
        bring a header past us unseen.
        """
        head, blank, body = datagram.lstrip(b"\r\n").partition(b"\r\n\r\n")
        start, _, rest = head.partition(b"\r\n")
        message = cls(start, body)
        message._read_start_line()
        message.size = len(datagram)
        if not blank:
            rest = rest.removesuffix(b"\r\n")
            message.blame("no empty line after the headers")
        lines = message.lines = rest.split(b"\r\n") if rest else []
        ends = head.count(b"\r\n")
        if head.count(b"\n") != ends or head.count(b"\r") != ends or b"\0" in head:
            message.blame("a lone CR, LF or NUL in a header")
            message.lines = lines = [line.translate(_LONE_ENDS) for line in lines]  # its answer repeats some of them
        if len(lines) > MAX_LINES:
            message.blame("too many header lines")
            del lines[MAX_LINES:]
        message.keys = _keys_of(lines)
        if b"" in message.keys and (b"\r\n " in head or b"\r\n\t" in head):  # what goes on with a header has no name
            message.folded = True
            message.lines = lines = _joined(lines)
            message.keys = _keys_of(lines)
        message._judge_names()
        message._read_body()
        return message

    def _read_start_line(self) -> None:
        if found := _REQUEST_LINE.fullmatch(self.start):
            self.method, self.uri, self.version = found.groups()
        elif found := _STATUS_LINE.fullmatch(self.start):
            self.status = int(found[1])
        elif found := _ODD_REQUEST_LINE.fullmatch(self.start):
            self.method = found[1]
            self.blame("the request line is not METHOD URI SIP/2.0")
        else:
            raise InvalidMessage("the start line is not SIP")

    def _judge_names(self) -> None:
        if b"" in self.keys:
            self.blame("a header line without a name")
        single = [key for key in self.keys if key in _SINGLE]
        if len(single) > len(set(single)):
            double = next(key for key in single if single.count(key) > 1)
            self.blame(f"more than one {double.decode()} header")

    def _read_body(self) -> None:
        """RFC 3261 section 18.3: what follows the body is cut off, a body shorter than said is an error."""
        length = self.value(b"content-length")
        if length is None:
            return
        if not length.isdigit() or len(length) > 6:
            self.blame("Content-Length is not a number")
        elif int(length) > len(self.body):
            self.blame("the body is shorter than Content-Length says")
        else:
            self.body = self.body[: int(length)]

    def blame(self, fault: str) -> None:
        """Something is wrong with the message; the first thing found is kept."""
        if self.fault is None:
            self.fault = fault

    # reading

    def line(self, key: bytes) -> bytes:
        """The first line with this name as it stands; there must be one."""
        return self.lines[self.keys.index(key)]

    def value(self, key: bytes) -> bytes | None:
        """The first line with this name, unfolded, without the name."""
        try:
            line = self.lines[self.keys.index(key)]
        except ValueError:
            return None
        return _unfolded(line.partition(b":")[2])

    def first(self, key: bytes) -> bytes | None:
        """The topmost value of that name, where a line may hold several."""
        try:
            line = self.lines[self.keys.index(key)]
        except ValueError:
            return None
        return _unfolded(_first(line.partition(b":")[2])[0])

    def values(self, key: bytes) -> list[bytes]:
        """Every value of that name, those of one line separated."""
        found: list[bytes] = []
        for at, line in zip(self.keys, self.lines, strict=True):
            if at == key:
                found += _split(_unfolded(line.partition(b":")[2]))
        return found

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Every header with its long name, unfolded; the letters of a name as they arrived."""
        pairs = []
        for key, line in zip(self.keys, self.lines, strict=True):
            name, _, value = line.partition(b":")
            name = name.rstrip(b" \t")
            pairs.append((long_name(key) if len(name) == 1 else name, _unfolded(value)))
        return pairs

    # changing

    def pop_first(self, key: bytes) -> bytes | None:
        """Take away the topmost value of that name; other values on its line stay."""
        if key not in self.keys:
            return None
        at = self.keys.index(key)
        name, _, values = self.lines[at].partition(b":")
        first, rest = _first(values)
        if rest:
            self.lines[at] = b"%s: %s" % (name, rest.lstrip(b" \t\r\n"))
        else:
            del self.lines[at], self.keys[at]
        return _unfolded(first)

    def replace_first(self, key: bytes, value: bytes) -> None:
        """Write the topmost value of that name anew; other values on its line stay as they are."""
        at = self.keys.index(key)
        name, _, values = self.lines[at].partition(b":")
        _, rest = _first(values)
        self.lines[at] = b"%s: %s%s" % (name, value, b"," + rest if rest else b"")

    def push(self, key: bytes, value: bytes) -> None:
        """A new line above the topmost one of that name, or above all headers."""
        at = self.keys.index(key) if key in self.keys else 0
        self.keys.insert(at, key)
        self.lines.insert(at, b"%s: %s" % (long_name(key), value))

    def append(self, key: bytes, value: bytes) -> None:
        """A new line below the last one of that name, or below all headers."""
        at = len(self.keys)
        if key in self.keys:
            at -= self.keys[::-1].index(key)
        self.keys.insert(at, key)
        self.lines.insert(at, b"%s: %s" % (long_name(key), value))

    def remove_value(self, key: bytes, needle: bytes) -> None:
        """Take away the values of that name which contain the needle; other lines stay byte for byte."""
        for at in range(len(self.keys) - 1, -1, -1):
            if self.keys[at] != key or needle not in self.lines[at]:
                continue
            name, _, values = self.lines[at].partition(b":")
            kept = [value for value in _split(values) if needle not in value]
            if kept:
                self.lines[at] = b"%s: %s" % (name, b", ".join(kept))
            else:
                del self.lines[at], self.keys[at]

    def remove_prefixed(self, prefix: bytes) -> None:
        """Take away every header whose lower-case name begins so."""
        for at in range(len(self.keys) - 1, -1, -1):
            if self.keys[at].startswith(prefix):
                del self.lines[at], self.keys[at]

    def unfold_quoted(self) -> None:
        """Put each quoted string on one line, which means the same (RFC 3261 sections 7.3.1 and 25.1)."""
        if self.folded:
            self.lines = [_QUOTED.sub(_on_one_line, line) if b"\r\n" in line else line for line in self.lines]

    def to_bytes(self) -> bytes:
        """The datagram."""
        return b"\r\n".join((self.start, *self.lines, b"", self.body))


def _keys_of(lines: list[bytes]) -> list[bytes]:
    """The key of each line; b"" where there is no name."""
    keys = []
    for line in lines:
        name, colon, _ = line.partition(b":")
        keys.append(key_of(name) if colon else b"")
    return keys


def _joined(lines: list[bytes]) -> list[bytes]:
    """The lines with each folded header in one piece (RFC 3261 section 7.3.1)."""
    whole: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and whole:
            whole[-1] += b"\r\n" + line
        else:
            whole.append(line)
    return whole


def _unfolded(value: bytes) -> bytes:
    if b"\r\n" in value:
        value = _FOLD.sub(b" ", value)
    return value.strip(b" \t")


def _on_one_line(quoted: re.Match[bytes]) -> bytes:
    return _FOLD.sub(b" ", quoted[0]) if quoted[1] else quoted[0]


def _end_of_value(values: bytes, begin: int) -> int:
    """Where the value that begins there ends: at a comma, or at the end of the line."""
    found = _VALUE.match(values, begin)
    end = found.end() if found else begin
    return end if values[end : end + 1] in (b",", b"") else len(values)  # else a quote or bracket never closes


def _first(values: bytes) -> tuple[bytes, bytes]:
    """The first value of a line and what follows its comma."""
    if b"," not in values:
        return values, b""
    end = _end_of_value(values, 0)
    return values[:end], values[end + 1 :]


def _split(values: bytes) -> list[bytes]:
    if b"," not in values:
        return [values.strip(b" \t\r\n")]
    found = []
    begin = 0
    while begin < len(values):
        end = _end_of_value(values, begin)
        if value := values[begin:end].strip(b" \t\r\n"):
            found.append(value)
        begin = end + 1
    return found
