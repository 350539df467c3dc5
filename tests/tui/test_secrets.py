"""Secrets are found by their forms, ordinary text is left alone, and masking hides all of them."""

from __future__ import annotations

import base64
import json
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import CorruptJSON
from tui.json_lines import json_line
from tui.secrets import (
    find_secrets,
    is_secret_name,
    mask_field,
    mask_text,
    masked,
    may_hold_secrets,
)

R36 = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"

# Forms as their issuers document them, filled with made-up characters.
SECRETS = {
    "OpenAI, legacy": f"sk-{R36}{R36[:12]}",
    "OpenAI, project": f"sk-proj-{R36}_{R36}-x",
    "Anthropic": f"sk-ant-api03-{R36}-{R36}AA",
    "GitHub": f"ghp_{R36}",
    "GitHub, server": f"ghs_{R36}",
    "GitHub, fine-grained": f"github_pat_11AAAAAAA0{R36}",
    "GitLab": f"glpat-{R36[:20]}",
    "Slack": "xoxb-123456789012-abcdefGHIJ",
    "AWS": "AKIAIOSFODNN7EXAMPLE",
    "AWS, temporary": "ASIAIOSFODNN7EXAMPLE",
    "Google": f"AIza{R36[:35]}",
    "Google, OAuth": f"ya29.{R36}",
    "Stripe": f"sk_live_{R36[:24]}",
    "Hugging Face": f"hf_{R36[:34]}",
    "npm": f"npm_{R36}",
    "SendGrid": f"SG.{R36[:22]}.{R36}abcdefg",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "PEM": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nxyz\n-----END RSA PRIVATE KEY-----",
    "PEM, cut off": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA",
    "PGP": "-----BEGIN PGP PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK-----",
}
BEHIND_NAMES = {
    "password=hunter2": "hunter2",
    "PASSWORD = 'correct horse'": "correct horse",
    '"password": "hunter2"': "hunter2",
    '"db_password":"tr0ub4dor"': "tr0ub4dor",
    r'"{\"password\": \"hunter2\"}"': "hunter2",
    "export DB_PASSWORD=letmeinplease": "letmeinplease",
    "password: hunter2": "hunter2",
    "passwd=abcdef1": "abcdef1",
    "api_key: 0123456789abcdef": "0123456789abcdef",
    "apiKey='zzz999yyy888'": "zzz999yyy888",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": (
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    ),
    "Authorization: Bearer abcdef0123456789abcdef": "abcdef0123456789abcdef",
    "Authorization: Basic dXNlcjpwYXNz": "dXNlcjpwYXNz",
    "postgres://ada:s3cr3t@db/ledger": "s3cr3t",
    "token=abcd1234efgh": "abcd1234efgh",
    "client_secret: 'abcd-1234-efgh'": "abcd-1234-efgh",
    "token=8letters": "8letters",
}
ORDINARY = (
    "Use tabs. sure, just ship it",
    "pip install sk-learn-contrib and scikit-learn",
    "the task-list-2024-report-final-version-3 is done, so is sk-2024-report-final-version-3",
    "a risk-a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6 is none",
    "max_tokens: 4096, tokens=12, token: the",
    "The password: please choose a new one.",
    "Password: required. Forgot your password?",
    "password = None",
    "password: str",
    "password=os.environ['DB_PASSWORD']",
    "password = getpass.getpass()",
    "password=${DB_PASSWORD} and password=$PASS and password=<your-password>",
    "password: ********",
    '"password": "changeme"',
    "the secret: it is in how one asks",
    "secret = load_secret(name)",
    "token='7letter', secret='has no number', key='2 words or more'",
    "primary_key=customer_id_42, sort key: created_at_2024, cache_key='user-list'",
    "keyboard: dvorak2000, monkey=bananas1",
    "Bearer of good news, bearer authentication-mechanisms are many",
    "https://example.org:8443/path and http://localhost:8080/@x",
    "git@github.com:ledger/ledger.git, mailto:ada@example.org",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "018f2a4e-7c1b-7d2e-9a3f-0242ac120002",
    "hf_hub_download, ghp_short, AKIA, eyJ, xoxo-hugs",
    "AKIAB is a Kenyan word, ASIANPACIFICREGIONALS too",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
    "tests/tui/test_secrets.py::test_keys[sk-x]",
)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    "around", ["{}", "use {} here", '{{"a": "{}"}}', "a={};b", "({})\n", "{}\n"]
)
def test_a_secret_of_a_known_form_is_masked_whole(name: str, around: str) -> None:
    secret = SECRETS[name]
    text = around.format(secret)
    shown = mask_text(text)
    assert "[masked " in shown
    assert not any(secret[at : at + 8] in shown for at in range(4, len(secret) - 8))


@pytest.mark.parametrize("text", BEHIND_NAMES)
def test_what_stands_behind_the_name_of_a_secret_is_masked(text: str) -> None:
    shown = mask_text(f"before {text} after")
    assert BEHIND_NAMES[text] not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert mask_text(text) == text


def test_what_stands_between_two_secrets_is_shown() -> None:
    text = f"use {SECRETS['GitHub']} here and {SECRETS['AWS']} there"
    assert mask_text(text) == "use [masked GitHub token] here and [masked AWS key] there"


def test_masking_twice_changes_no_more() -> None:
    for text in (*SECRETS.values(), *BEHIND_NAMES):
        once = mask_text(text)
        assert mask_text(once) == once


@given(st.text(), st.text(), st.sampled_from(sorted(SECRETS.keys() - {"PEM, cut off"})))
def test_whatever_stands_around_it_no_secret_is_shown(before: str, after: str, name: str) -> None:
    secret = SECRETS[name]
    text = f"{before} {secret} {after}"
    found = find_secrets(text)
    assert secret not in mask_text(text)
    assert all(one.end <= two.start for one, two in pairwise(found))
    assert all(0 <= each.start < each.end <= len(text) for each in found)


@given(st.text(alphabet="abcdefghij \n.,", max_size=300))
def test_plain_words_are_never_masked(text: str) -> None:
    assert find_secrets(text) == []


def test_where_a_text_was_cut_off_the_beginning_of_a_secret_is_masked_too() -> None:
    assert mask_text("key ghp_a1B2", is_cut=True) == "key [masked key]"
    assert mask_text("key ghp_a1B2") == "key ghp_a1B2"
    assert mask_text("words and words", is_cut=True) == "words and words"


@pytest.mark.parametrize("text", [*SECRETS.values(), *BEHIND_NAMES])
def test_a_line_of_json_tells_whether_looking_is_worth_it(text: str) -> None:
    assert may_hold_secrets(json_line({"a": [text]}))
    assert not may_hold_secrets(json_line({"content": "turn 5", "details": {"tool": "pytest"}}))


@pytest.mark.parametrize("name", ["password", "dbPasswd", "Pass-Phrase", "pwd", "Authorization"])
def test_a_name_that_tells_a_secret_is_worth_looking(name: str) -> None:
    assert is_secret_name(name)
    assert may_hold_secrets(json_line({name: 1}))


def test_names_of_fields_tell_secrets() -> None:
    for name in ("password", "DB_PASSWORD", "apiKey", "client-secret", "access_token", "pwd"):
        assert is_secret_name(name), name
    for name in ("token", "tokens", "key", "primary_key", "secretary", "passed", "author", "pwd2x"):
        assert not is_secret_name(name), name


def test_a_record_is_masked_in_depth_and_stays_as_it_was() -> None:
    record: dict[str, Any] = {
        "content": f"use {SECRETS['GitHub']}",
        "details": {"password": "hunter2", "port": 5432, "pin": {"secret": 1234}, "ok": [True]},
        "metadata": {SECRETS["GitHub"]: "as a key", "passwords": ["a"], "api_key": None},
        "raw": b"\xff " + SECRETS["AWS"].encode(),
    }
    shown = masked(record)
    assert shown == {
        "content": "use [masked GitHub token]",
        "details": {
            "password": "[masked password]",
            "port": 5432,
            "pin": {"secret": "[masked password]"},
            "ok": [True],
        },
        "metadata": {"[masked GitHub token]": "as a key", "passwords": ["a"], "api_key": None},
        "raw": b"\xff [masked AWS key]",
    }
    assert "hunter2" in record["details"].values()


def test_bytes_that_an_archived_row_holds_as_base64_are_masked_too() -> None:
    secret = f"use {SECRETS['GitHub']}".encode()
    held = {"$memglass": "text", "base64": base64.b64encode(b"\xff " + secret).decode()}
    shown = masked({"data": {"content": held}})["data"]["content"]
    assert base64.b64decode(shown["base64"]) == b"\xff use [masked GitHub token]"
    assert shown["$memglass"] == "text"
    for other in (
        {"$memglass": "blob", "base64": base64.b64encode(b"\xff").decode()},
        {"$memglass": "blob", "base64": "no base64"},
        {"$memglass": "blob", "base64": 7},
        {"$memglass": ["blob"], "base64": "AA=="},
    ):
        assert masked([other]) == [other]


def test_what_names_tell_in_json_that_is_text_is_masked_as_where_it_is_decoded() -> None:
    text = '{"login": {"password": ["hunter2"], "port":5432}, "pin": {"secret": 1234}}'
    assert json.loads(mask_field("details", text)) == {
        "login": {"password": ["[masked password]"], "port": 5432},
        "pin": {"secret": "[masked password]"},
    }
    for sound in ('{"tokens":1.0,  "key":  null}', '["pass"', "[pass the salt]"):
        assert mask_field("details", sound) == sound


def test_bytes_under_a_name_that_tells_a_secret_are_masked() -> None:
    assert mask_field("password", b"hunter2") == b"[masked password]"
    assert mask_field("note", b"hunter2") == b"hunter2"


def test_a_corrupt_field_is_masked_and_stays_corrupt() -> None:
    corrupt = CorruptJSON(b'{"password": "hunter2"', "ends too early", 22)
    shown = mask_field("details", corrupt)
    assert isinstance(shown, CorruptJSON)
    assert b"hunter2" not in shown.raw
    assert shown.error == "ends too early"
    sound = CorruptJSON(b"{", "ends too early", 1)
    assert mask_field("details", sound) is sound


def test_values_nested_as_deep_as_json_can_be_are_masked() -> None:
    deep: object = SECRETS["GitHub"]
    for _ in range(1024):
        deep = [deep]
    shown = masked(deep)
    for _ in range(1024):
        shown = shown[0]
    assert shown == "[masked GitHub token]"


@pytest.mark.parametrize(
    "text",
    [
        ("sure, just ship it. " * 4000)[:65_536],
        ('{"token": "a", "key": [1, 2], "url": "https://a.b/c"}, ' * 2000)[:65_536],
        "sk-" * 21_845,
        "password=" * 7_281,
        "://" * 21_845,
        "-----BEGIN " * 5_957,
        "eyJ" * 21_845,
        "a" * 65_536,
    ],
    ids=lambda text: text[:12],
)
def test_no_text_keeps_the_search_for_secrets_busy(text: str) -> None:
    began = time.process_time()
    mask_text(text)
    assert time.process_time() - began < 1
