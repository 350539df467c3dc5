"""Which characters words are made of, and which of the others a search can look for.

The tokenizer of the full text goes by its Unicode of 2012, and takes whatever is younger for
letters. What is said here goes by Unicode 18.0, in ranges as they stand between the brackets of a
regular expression.
"""

from __future__ import annotations

import re
from typing import Final

SOUNDS: Final = "\u0e01-\u0e46\u0e81-\u0ec6\u0edc-\u0edf\u1000-\u102a\u1780-\u17b3"
"""Letters of Thai and Lao, Myanmar and Khmer, which put no spaces between words."""

SPACELESS: Final = SOUNDS + (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b-\u309f\u30a1-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
"""Those and kana and Han; among them stand a few signs and marks."""

EMOJI: Final = (
    "\u231a-\u231b\u23e9-\u23f3\u2600-\u2767\u2794-\u27bf\u2b1b-\u2b1c\u2b50\u2b55\U0001f004"
    "\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f1e6-\U0001f1ff\U0001f300-\U0001f320"
    "\U0001f330-\U0001f335\U0001f337-\U0001f37c\U0001f380-\U0001f393\U0001f3a0-\U0001f3c4"
    "\U0001f3c6-\U0001f3ca\U0001f3e0-\U0001f3f0\U0001f400-\U0001f43e\U0001f440"
    "\U0001f442-\U0001f4f7\U0001f4f9-\U0001f4fc\U0001f500-\U0001f53d\U0001f540-\U0001f543"
    "\U0001f550-\U0001f567\U0001f5fb-\U0001f640\U0001f645-\U0001f64f\U0001f680-\U0001f6c5"
)
"""Emoji and the like that the tokenizer knows, and takes for what parts words."""

SIGNS: Final = (
    "\u058d-\u058e\u07fe-\u07ff\u0d4f\u20ba-\u20cf\u218a-\u218b\u23f4-\u23ff\u2427-\u2429"
    "\u2b4d-\u2b4f\u2b5a-\u2bff\u2e50-\u2e51\u2ffc-\u2fff\u31e4-\u31ef\u32ff\ufbc3-\ufbd2"
    "\ufd40-\ufd4f\ufd90-\ufd91\ufdc8-\ufdcf\ufdfe-\ufdff\U0001018c-\U0001018e"
    "\U0001019c-\U000101a0\U00010877-\U00010878\U00010ac8\U00010d8e-\U00010d8f"
    "\U00010ed1-\U00010ed8\U0001173f\U00011fd5-\U00011ff1\U00016b3c-\U00016b3f\U00016b45"
    "\U0001bc9c\U0001cc00-\U0001ccef\U0001ccfa-\U0001cefd\U0001cf50-\U0001cfc3"
    "\U0001d1de-\U0001d1ff\U0001d253-\U0001d25a\U0001d25d-\U0001d25e\U0001d260-\U0001d27f"
    "\U0001d800-\U0001d9ff\U0001da37-\U0001da3a\U0001da6d-\U0001da74\U0001da76-\U0001da83"
    "\U0001da85-\U0001da86\U0001db00-\U0001db1c\U0001e14f\U0001e2ff\U0001ecac\U0001ecb0\U0001ed2e"
    "\U0001f0bf-\U0001f0c0\U0001f0e0-\U0001f0ff\U0001f10d-\U0001f10f\U0001f12f"
    "\U0001f16c-\U0001f16f\U0001f19b-\U0001f1e5\U0001f23b\U0001f252-\U0001f2ff"
    "\U0001f321-\U0001f32f\U0001f336\U0001f37d-\U0001f37f\U0001f394-\U0001f39f\U0001f3c5"
    "\U0001f3cb-\U0001f3df\U0001f3f1-\U0001f3fa\U0001f43f\U0001f441\U0001f4f8"
    "\U0001f4fd-\U0001f4ff\U0001f53e-\U0001f53f\U0001f544-\U0001f54f\U0001f568-\U0001f5fa"
    "\U0001f641-\U0001f644\U0001f650-\U0001f67f\U0001f6c6-\U0001f6ff\U0001f774-\U0001fbef"
    "\U0001fbfa"
)
"""Signs that it takes for letters: currencies, emoji, arrows."""

SILENT: Final = (
    "\u0605\u061c-\u061d\u0888\u0890-\u0891\u08e2\u09fd\u0a76\u0c77\u0c84\u1b4e-\u1b4f"
    "\u1b7d-\u1b7f\u2066-\u2069\u2e3c-\u2e4f\u2e52-\u2e63\ua8fc\uab5b\uab6a-\uab6b\ue000-\uf8ff"
    "\ufbc2\U0001056f\U00010af0-\U00010af6\U00010b99-\U00010b9c\U00010d6e\U00010ead"
    "\U00010ec9-\U00010eca\U00010ed0\U00010f55-\U00010f59\U00010f86-\U00010f89\U000110cd"
    "\U00011174-\U00011175\U000111cd\U000111db\U000111dd-\U000111df\U00011238-\U0001123d"
    "\U000112a9\U000113d4-\U000113d8\U0001144b-\U0001144f\U0001145a-\U0001145d\U000114c6"
    "\U000115c1-\U000115d7\U00011641-\U00011643\U00011660-\U0001166c\U000116b9"
    "\U0001173c-\U0001173e\U0001183b\U00011944-\U00011946\U000119e2\U00011a3f-\U00011a46"
    "\U00011a9a-\U00011a9c\U00011a9e-\U00011aa2\U00011b00-\U00011b09\U00011be1"
    "\U00011c41-\U00011c45\U00011c70-\U00011c71\U00011ef7-\U00011ef8\U00011f43-\U00011f4f"
    "\U00011fff\U00012474\U00012ff1-\U00012ff2\U00013430-\U0001343f\U00016a6e-\U00016a6f"
    "\U00016af5\U00016b37-\U00016b3b\U00016b44\U00016d6d-\U00016d6f\U00016e97-\U00016e9a"
    "\U00016fe2\U0001bc9f-\U0001bca3\U0001da87-\U0001da8b\U0001e5ff\U0001e95e-\U0001e95f"
    "\U000f0000-\U0010ffff"
)
"""What else it takes for letters: punctuation, direction marks, private use."""

UNSAID: Final = (
    "\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7"
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7-\u06e8\u06ea-\u06ed"
    "\u0711\u0730-\u074a\u0897-\u089f\u08ca-\u08e1\u08e3-\u08ff\u180b-\u180d\u180f\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u200d\u20d0-\u20ff\ufb1e\ufe00-\ufe0f\ufe20-\ufe2f\U00010eab-\U00010eac"
    "\U00010efa-\U00010eff\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"
)
"""What says nothing within a word: accents that stand apart from their letters, the points of
Hebrew, Arabic and Syriac, what stretches letters, joins them or says how one is drawn, in which
colour of skin too, and the hyphens that show at the end of a line only."""

ACCENTED: Final = (
    "\u0386\u0388-\u0390\u03aa-\u03b0\u03ca-\u03ce\u03d3-\u03d4\u0401\u0451\u1f00-\u1ffc"
)
"""Letters that are written without their accents, too: those of Greek, as in capitals, and the `ё`
of Russian. Of Latin ones the tokenizer knows."""

MARKS: Final = (
    "\u05c8-\u05c9\u07a6-\u07b0\u07eb-\u07f3\u07fd\u0816-\u0819\u081b-\u0823\u0825-\u0827"
    "\u0829-\u082d\u0859-\u085b\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962-\u0963"
    "\u0981-\u0983\u09bc\u09be-\u09cd\u09d7\u09e2-\u09e3\u09fe-\u0a03\u0a3c-\u0a51\u0a70-\u0a71"
    "\u0a75\u0a81-\u0a83\u0abc\u0abe-\u0acd\u0ae2-\u0ae3\u0afa-\u0b03\u0b3c\u0b3e-\u0b57"
    "\u0b62-\u0b63\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c\u0c3e-\u0c56\u0c62-\u0c63"
    "\u0c81-\u0c83\u0cbc\u0cbe-\u0cd6\u0ce2-\u0ce3\u0cf3-\u0d03\u0d3b-\u0d3c\u0d3e-\u0d4d\u0d57"
    "\u0d62-\u0d63\u0d81-\u0d83\u0dca-\u0ddf\u0df2-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1"
    "\u0eb4-\u0ebc\u0ec8-\u0ece\u0f18-\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f3f\u0f71-\u0f84"
    "\u0f86-\u0f87\u0f8d-\u0fbc\u0fc6\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064"
    "\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u135d-\u135f\u1712-\u1715"
    "\u1732-\u1734\u1752-\u1753\u1772-\u1773\u17b4-\u17d3\u17dd\u1885-\u1886\u18a9\u1920-\u193b"
    "\u1a17-\u1a1b\u1a55-\u1a7f\u1b00-\u1b04\u1b34-\u1b44\u1b6b-\u1b73\u1b80-\u1b82\u1ba1-\u1bad"
    "\u1be6-\u1bf3\u1c24-\u1c37\u1cd0-\u1cd2\u1cd4-\u1ce8\u1ced\u1cf4\u1cf7-\u1cf9\u2cef-\u2cf1"
    "\u2d7f\u2de0-\u2dff\u302a-\u302f\u3099-\u309a\ua66f-\ua672\ua674-\ua67d\ua69e-\ua69f"
    "\ua6f0-\ua6f1\ua802\ua806\ua80b\ua823-\ua827\ua82c\ua880-\ua881\ua8b4-\ua8c5\ua8e0-\ua8f1"
    "\ua8ff\ua926-\ua92d\ua947-\ua953\ua980-\ua983\ua9b3-\ua9c0\ua9e5\uaa29-\uaa36\uaa43"
    "\uaa4c-\uaa4d\uaa7b-\uaa7d\uaab0\uaab2-\uaab4\uaab7-\uaab8\uaabe-\uaabf\uaac1\uaaeb-\uaaef"
    "\uaaf5-\uaaf6\uabe3-\uabea\uabec-\uabed\U000101fd\U000102e0\U00010376-\U0001037a"
    "\U00010a01-\U00010a0f\U00010a38-\U00010a3f\U00010ae5-\U00010ae6\U00010d24-\U00010d27"
    "\U00010d69-\U00010d6d\U00010ecb-\U00010ecf\U00010ef0-\U00010ef9\U00010f46-\U00010f50"
    "\U00010f82-\U00010f85\U00011000-\U00011002\U00011038-\U00011046\U00011070"
    "\U00011073-\U00011074\U0001107f-\U00011082\U000110b0-\U000110ba\U000110c2"
    "\U00011100-\U00011102\U00011127-\U00011134\U00011145-\U00011146\U00011173"
    "\U00011180-\U00011182\U000111b3-\U000111c0\U000111c9-\U000111cc\U000111ce-\U000111cf"
    "\U0001122c-\U00011237\U0001123e\U00011241\U000112df-\U000112ea\U00011300-\U00011303"
    "\U0001133b-\U0001133c\U0001133e-\U0001134d\U00011357\U00011362-\U00011374"
    "\U000113b8-\U000113d0\U000113d2\U000113e1-\U000113e2\U00011435-\U00011446\U0001145e"
    "\U000114b0-\U000114c3\U000115af-\U000115c0\U000115dc-\U000115dd\U00011630-\U00011640"
    "\U000116ab-\U000116b7\U0001171d-\U0001172b\U0001182c-\U0001183a\U00011930-\U0001193e"
    "\U00011940\U00011942-\U00011943\U000119d1-\U000119e0\U000119e4\U00011a01-\U00011a0a"
    "\U00011a33-\U00011a39\U00011a3b-\U00011a3e\U00011a47\U00011a51-\U00011a5b"
    "\U00011a8a-\U00011a99\U00011b60-\U00011b67\U00011c2f-\U00011c3f\U00011c92-\U00011cb6"
    "\U00011d31-\U00011d45\U00011d47\U00011d8a-\U00011d97\U00011df0\U00011ef3-\U00011ef6"
    "\U00011f00-\U00011f01\U00011f03\U00011f34-\U00011f42\U00011f5a\U00013440"
    "\U00013447-\U00013455\U0001611e-\U0001612f\U00016af0-\U00016af4\U00016b30-\U00016b36"
    "\U00016f4f\U00016f51-\U00016f92\U00016fe4-\U00016ff1\U0001bc9d-\U0001bc9e"
    "\U0001cf00-\U0001cf46\U0001d127-\U0001d128\U0001d165-\U0001d169\U0001d16d-\U0001d172"
    "\U0001d17b-\U0001d182\U0001d185-\U0001d18b\U0001d1aa-\U0001d1ad\U0001d242-\U0001d244"
    "\U0001d250-\U0001d252\U0001d25b-\U0001d25c\U0001d25f\U0001d280-\U0001d281"
    "\U0001da00-\U0001da36\U0001da3b-\U0001da6c\U0001da75\U0001da84\U0001da9b-\U0001daaf"
    "\U0001e000-\U0001e02a\U0001e08f\U0001e130-\U0001e136\U0001e2ae\U0001e2ec-\U0001e2ef"
    "\U0001e4ec-\U0001e4ef\U0001e5ee-\U0001e5ef\U0001e6e3\U0001e6e6\U0001e6ee-\U0001e6ef"
    "\U0001e6f5\U0001e8d0-\U0001e8d6\U0001e944-\U0001e94a"
)
"""Other marks, which belong to the letter before them: vowels of India, tones of Thailand."""

_ALL_HIGH: Final = "\U00010000-\U0010ffff"
_HIGH: Final = f"[{_ALL_HIGH}](?:-.)?"


def low_of(ranges: str) -> str:
    """Return those of some ranges that are not above U+FFFF, which `re` knows at once."""
    return re.sub(_HIGH, "", ranges)


def one_of(ranges: str) -> str:
    """Return a regular expression for one character of some ranges.

    Of characters above U+FFFF `re` goes through the ranges one by one, and would do so for each
    character below that is in none of them; here it does for those above only.
    """
    low = low_of(ranges)
    high = "".join(re.findall(_HIGH, ranges))
    return f"(?:[{low}{_ALL_HIGH}](?:(?<![{_ALL_HIGH}])|(?<=[{high}])))" if high else f"[{low}]"
