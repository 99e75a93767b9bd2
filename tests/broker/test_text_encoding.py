from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generic_connector.broker.text_encoding import TextEncoding, choose_encoding, decode_text, encode_text

MODIFIED, UTF_8 = TextEncoding.MODIFIED_UTF_8, TextEncoding.UTF_8


@pytest.mark.parametrize(
    ("server", "encoding"),
    [
        ("ActiveMQ/5.17.2", MODIFIED),
        ("ActiveMQ/5.9.0", MODIFIED),
        ("ActiveMQ/5.18.5", MODIFIED),
        ("ActiveMQ/5.18.6", UTF_8),
        ("ActiveMQ/5.19.0", UTF_8),
        ("ActiveMQ/6.0.1", MODIFIED),
        ("ActiveMQ/6.1.3", MODIFIED),
        ("ActiveMQ/6.1.4", UTF_8),
        ("ActiveMQ/6.2.0-SNAPSHOT", UTF_8),
        ("ActiveMQ/7.0.0", UTF_8),
        ("ActiveMQ-Artemis/2.40.0 ActiveMQ Artemis Messaging Engine", UTF_8),
        ("", UTF_8),
    ],
)
def test_the_version_of_the_broker_decides(server: str, encoding: TextEncoding) -> None:
    assert choose_encoding(TextEncoding.AUTO, server) is encoding


def test_the_setting_overrides_the_version() -> None:
    assert choose_encoding(UTF_8, "ActiveMQ/5.17.2") is UTF_8


@pytest.mark.parametrize(
    ("text", "modified", "plain"),
    [
        ("a😀b", b"a\xed\xa0\xbd\xed\xb8\x80b", "a😀b".encode()),
        ("a\0b", b"a\xc0\x80b", b"a\xef\xbf\xbdb"),
        ("é漢", "é漢".encode(), "é漢".encode()),
        ("\ud83d\ude00", b"\xed\xa0\xbd\xed\xb8\x80", "😀".encode()),
        ("x\ud83d", b"x\xed\xa0\xbd", b"x\xef\xbf\xbd"),
        ("", b"", b""),
    ],
)
def test_the_bytes_of_texts(text: str, modified: bytes, plain: bytes) -> None:
    assert encode_text(text, MODIFIED) == modified
    assert encode_text(text, UTF_8) == plain


@given(st.text())
def test_texts_survive_and_never_hold_nul(text: str) -> None:
    """Modified UTF-8 keeps NUL as well; UTF-8 cannot."""
    assert decode_text(encode_text(text, MODIFIED)) == text
    assert decode_text(encode_text(text, UTF_8)) == text.replace("\0", "\ufffd")
    assert b"\0" not in encode_text(text, MODIFIED) + encode_text(text, UTF_8)


@given(st.text(st.characters(categories=["Cs", "Lu"])))
def test_encoding_never_raises(text: str) -> None:
    assert b"\0" not in encode_text(text, MODIFIED) + encode_text(text, UTF_8)


@given(st.binary())
def test_decoding_gives_proper_text_or_a_unicode_error(body: bytes) -> None:
    try:
        decode_text(body).encode()
    except UnicodeDecodeError as error:
        assert error.object  # noqa: PT017  # either outcome is right
