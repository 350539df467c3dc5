"""What JSON columns hold in the wild: texts that are not JSON, and ones that only look wrong."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """A text that is not JSON, a part of what should be said of it, and the byte of the fault."""

    name: str
    raw: bytes
    says: str
    offset: int | None


_CUT = "ends in the middle of a"
_NO_NAN = "has NaN or Infinity"
_PYTHON = "has Python's spelling"
_SURROGATE = "has a lone surrogate escape"
_UTF_8 = "is not UTF-8"
_COMMENT = "has a comment"
_SECOND = "has a second value after the first one ended"
_LAST_COMMA = "has a comma after the last item"
_PATH = "has a bare path where a value should be"
_WORD = "has a bare word where a value should be"
_LACKS_COMMA = "lacks a comma before the next item"
_LARGE = "has a number too large for a double"

FAULTS: list[Fault] = [
    # The table of findings.
    Fault("NaN", b"NaN", _NO_NAN, 0),
    Fault("Infinity", b"Infinity", _NO_NAN, 0),
    Fault("lone high surrogate", b'"\\ud800"', _SURROGATE, 1),
    Fault("byte order mark", b"\xef\xbb\xbf{}", "begins with a byte order mark", 0),
    Fault("trailing NUL", b'{"a":1}\0', "has a NUL byte after its end", 7),
    Fault("invalid UTF-8", b'{"a":"\xff"}', f"{_UTF_8}: byte 0xff", 6),
    Fault("depth 1025", b"[" * 1025 + b"]" * 1025, "is nested deeper than 1024", 1024),
    Fault("truncated", b'{"a":1', f"{_CUT}n object: 1 bracket is still open", 6),
    Fault("trailing comma", b'{"a":1,}', _LAST_COMMA, 6),
    Fault("Python repr", b"{'a': None}", _PYTHON, 1),
    # Nothing there.
    Fault("empty", b"", "is empty", None),
    Fault("white space", b" \t\r\n ", "is nothing but white space", None),
    Fault("run of NULs", b"\0" * 64, "is nothing but a run of 64 NUL bytes", 0),
    Fault("NULs before", b"\0\0{}", "has a run of 2 NUL bytes where a value", 0),
    Fault("NULs after", b"[1]\0\0\0", "has a run of 3 NUL bytes after its end", 3),
    Fault("NULs before a splice", b'{}\0\0{"a"', "has a run of 2 NUL bytes after its end", 2),
    Fault("NULs for a value", b'{"a":\0\0\0\0', "has a run of 4 NUL bytes where a value", 5),
    Fault("NULs in a string", b'{"a":"b\0\0"}', "has a run of 2 NUL bytes where the rest", 7),
    Fault("NULs between items", b"[1\0\0,2]", "has a run of 2 NUL bytes where a comma", 2),
    # Cut off.
    Fault("open object", b"{", f"{_CUT}n object", 1),
    Fault("open array", b'{"a":[1, 2', f"{_CUT}n array: 2 brackets are still open", 10),
    Fault("after a key", b'{"a"', f"{_CUT}n object", 4),
    Fault("after a colon", b'{"a":', f"{_CUT}n object", 5),
    Fault("after a comma", b"[1,", f"{_CUT}n array", 3),
    Fault("in a key", b'{"ab', f"{_CUT} string", 4),
    Fault("in a string", b'{"a":"x","b":"tr', f"{_CUT} string", 16),
    Fault("in a string with brackets", b'["]}', f"{_CUT} string", 4),
    Fault("after a backslash", b'"abc\\', f"{_CUT} string", 5),
    Fault("in an escape", b'"\\u12', f"{_CUT} string", 5),
    Fault("in a surrogate pair", b'"\\ud83d\\ude', f"{_CUT} string", 11),
    Fault("between surrogates", b'"\\ud83d', f"{_CUT} string", 7),
    Fault("in a word", b'{"ab":tru', f"{_CUT} word", 9),
    Fault("in a number", b"[1, 2.", f"{_CUT} number", 6),
    Fault("after a minus", b"[-", f"{_CUT} number", 2),
    Fault("in a character", b'["\xe2\x82', f"{_CUT} character", 2),
    # Two texts in one field.
    Fault("two objects", b'{"a":1}{"b":2}', _SECOND, 7),
    Fault("two lines", b'{"a":1}\n{"b":2}', _SECOND, 8),
    Fault("two strings", b'"a" "b"', _SECOND, 4),
    Fault("splice in a string", b'{"a":"tru{"b":2}', _LACKS_COMMA, 11),
    Fault("splice after a value", b'{"a":1{"b":2}', _LACKS_COMMA, 6),
    Fault("objects with a comma", b'{"a":1},{"b":2}', "goes on with ','", 7),
    Fault("closing bracket too many", b"[1]]", "has a ']' too many", 3),
    Fault("SUB at the end", b"{}\x1a", "goes on with U+001A", 2),
    Fault("hexadecimal", b"0x10", "goes on with 'x'", 1),
    # Commas, colons, brackets.
    Fault("comma missing in object", b'{"a":1 "b":2}', _LACKS_COMMA, 7),
    Fault("comma missing in array", b"[1 2]", _LACKS_COMMA, 3),
    Fault("comma last in array", b'["\xc3\xa9\xc3\xa9",]', _LAST_COMMA, 7),
    Fault("comma first", b"[,1]", "lacks a value before ','", 1),
    Fault("comma twice in object", b'{"a":1,,}', "where a key in double quotes", 7),
    Fault("value missing", b'{"a":}', "lacks a value before '}'", 5),
    Fault("colon missing", b'{"a" 1}', "has '1' where a colon should be", 5),
    Fault("equals sign", b'{"a"=1}', "has '=' where a colon should be", 4),
    Fault("semicolon", b'{"a":1;"b":2}', "has ';' where a comma", 6),
    Fault("mismatched bracket", b'{"a":[1}', "closes with '}' what another", 7),
    # Other languages than JSON.
    Fault("NaN in an array", b"[0.5, NaN]", _NO_NAN, 6),
    Fault("negative infinity", b"[1,-Infinity]", _NO_NAN, 3),
    Fault("Python None", b'{"a": None}', _PYTHON, 6),
    Fault("Python True", b"[True, False]", _PYTHON, 1),
    Fault("single quotes", b"['a']", _PYTHON, 1),
    Fault("JavaScript undefined", b'{"a":undefined}', _WORD, 5),
    Fault("key without quotes", b"{a:1}", "has a key without double quotes", 1),
    Fault("number as key", b"{1:2}", "has a key without double quotes", 1),
    Fault("comment before", b"// note\n{}", _COMMENT, 0),
    Fault("comment after", b"{} # note", _COMMENT, 3),
    Fault("bare path", b"/home/ada/notes.md", _PATH, 0),
    Fault("relative path", b"tests/test_api.py", _PATH, 0),
    Fault("Windows path", b"C:\\notes.md", _PATH, 0),
    Fault("bare word", b"hello", _WORD, 0),
    Fault("misspelt literal", b"[nul]", _WORD, 1),
    Fault("curly quotes", "{“a”:1}".encode(), "has U+201C where a key", 1),
    Fault("no-break space", b"\xc2\xa0{}", "has U+00A0 where a value", 0),
    Fault("markup", b"<html>", "has '<' where a value", 0),
    # Strings.
    Fault("raw line break", b'"a\nb"', "has a raw line break inside a string", 2),
    Fault("raw tab", b'["\t"]', "has the raw control character U+0009", 2),
    Fault("raw escape", b'"\x1b[31m"', "has the raw control character U+001B", 1),
    Fault("unknown escape", b'"\\x41"', "has an escape in a string", 1),
    Fault("escape of three digits", b'"\\u12G4"', "has an escape in a string", 1),
    Fault("lone low surrogate", b'{"x":"ab\\udc00"}', _SURROGATE, 8),
    Fault("surrogates reversed", b'"\\udc00\\ud800"', _SURROGATE, 1),
    Fault("surrogate in a key", b'{"\\ud800":1}', _SURROGATE, 2),
    Fault("surrogate as bytes", b'"\xed\xa0\x80"', _UTF_8, 1),
    Fault("Latin-1", b'"caf\xe9"', _UTF_8, 4),
    Fault("overlong NUL", b'"\xc0\x80"', f"{_UTF_8}: byte 0xc0", 1),
    Fault("UTF-16", b"\xff\xfe{\0}\0", f"{_UTF_8}: byte 0xff", 0),
    # Numbers.
    Fault("leading zero", b"[01]", "has a number with a leading zero", 1),
    Fault("leading plus", b"+1", "has a number that begins with '+'", 0),
    Fault("leading point", b".5", "has a number that begins with '.'", 0),
    Fault("point at the end", b"[1.]", "has a number that breaks off", 3),
    Fault("beyond a double", b'{"a":1e400}', _LARGE, 5),
    Fault("minus alone", b"[-]", "has a minus sign without digits", 1),
    Fault("fault after a long integer", b"[%s,]" % (b"9" * 30), _LAST_COMMA, 31),
    Fault("fault after a longer one", b"[%s,]" % (b"9" * 400), _LAST_COMMA, 401),
    Fault("long integer as key", b"{%s:1}" % (b"9" * 400), "has a key without double quotes", 1),
    Fault("long leading zero", b"0" * 30, "has a number with a leading zero", 0),
    # Depth.
    Fault("objects too deep", b'{"a":' * 1025, "is nested deeper than 1024", 5120),
    Fault("deep and open", b"[" * 1000, f"{_CUT}n array: 1000 brackets are still open", 1000),
    Fault("deep, dense and open", b"[1," * 300, f"{_CUT}n array: 300 brackets", 900),
    Fault("very deep and open", b"[" * 200_000, "is nested deeper than 1024", 1024),
]

BAD_JSON: list[tuple[str, bytes]] = [(fault.name, fault.raw) for fault in FAULTS]

ODD_BUT_VALID: list[tuple[str, bytes]] = [
    ("duplicate keys", b'{"a":1,"a":2}'),
    ("key order", b'{"b":1,"a":2,"":3}'),
    ("a trailing zero", b'{"price":1.10}'),
    ("more digits than a double holds", b"[0.1000000000000000055511151231257827]"),
    ("exponents", b"[1E5,1e+05,1.0e-7,0e0]"),
    ("negative zeros", b"[-0,-0.0]"),
    ("smallest double", b"[5e-324]"),
    ("underflow", b"[1e-400]"),
    ("largest 64-bit integer", b"[18446744073709551615]"),
    ("integer of 65 bits", b"[18446744073709551616]"),
    ("smallest 64-bit integer", b"[-9223372036854775808]"),
    ("negative integer beyond 64 bits", b'{"a":-9223372036854775809}'),
    ("integer of 400 digits", b"[%s]" % (b"7" * 400)),
    ("integer of 5,000 digits", b'{"a":{"b":%s}}' % (b"7" * 5000)),
    ("depth 1000", b"[" * 1000 + b"]" * 1000),
    ("depth 1024", b"[" * 1024 + b"]" * 1024),
    ("long integer at depth 1024", b"[" * 1024 + b"9" * 25 + b"]" * 1024),
    ("white space around", b' \t\r\n{ "a" : [ 1 , 2 ] }\n'),
    ("escaped NUL", b'"a\\u0000b"'),
    ("escaped surrogate pair", b'"\\ud83d\\ude00"'),
    ("escaped solidus", b'"\\/\\b\\f\\n\\r\\t"'),
    ("DEL and C1", b'"\x7f\xc2\x85"'),
    ("a noncharacter", b'"\xef\xbf\xbf"'),
    ("line separators", b'"\xe2\x80\xa8\xe2\x80\xa9"'),
    ("terminal escape", b'"\\u001b[31m"'),
    ("markup", b'{"note":"[/nope][@click=app.quit]x"}'),
    ("a null", b"null"),
    ("a boolean", b"true"),
    ("a number", b"5"),
    ("a string", b'"text"'),
    ("a digit string", b'"18446744073709551616"'),
    ("empty object", b"{}"),
    ("empty array", b"[]"),
    ("JSON in JSON", b'"{\\"a\\":1}"'),
]
