"""What is sealed is of no use without the key."""

from __future__ import annotations

import pytest

from generic_connector.store.records import encode
from generic_connector.store.sealing import Seal, new_key
from store.samples import AGENT, CUSTOMER, PASSWORD


def test_it_opens_with_its_key_and_shows_nothing() -> None:
    seal = Seal([new_key()])
    data = encode(AGENT)
    sealed = seal.seal(data)
    assert seal.open(sealed) == data
    assert seal.seal(data) != sealed
    assert not any(text.encode() in sealed for text in (PASSWORD, CUSTOMER, "1001"))


def test_a_new_key_opens_what_the_former_one_sealed() -> None:
    """And seals anew with the first."""
    former, new = new_key(), new_key()
    sealed = Seal([former]).seal(b"words")
    both = Seal([new, former])
    assert both.open(sealed) == b"words"
    assert Seal([new]).open(both.seal(b"more")) == b"more"


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data[:40] + b"A" + data[41:], lambda _: b""])
def test_what_was_changed_does_not_open(change) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    seal = Seal([new_key()])
    with pytest.raises(ValueError, match="another key, or was changed"):
        seal.open(change(seal.seal(b"words")))


def test_another_key_does_not_open() -> None:
    with pytest.raises(ValueError, match="another key"):
        Seal([new_key()]).open(Seal([new_key()]).seal(b"words"))


@pytest.mark.parametrize("keys", [[], ["geheim"], [new_key()[:-4]], ["\N{SNOWMAN}"]])
def test_what_is_no_key_is_refused(keys: list[str]) -> None:
    """In words that do not show it."""
    with pytest.raises(ValueError, match=r"no key|store-key") as error:
        Seal(keys)
    assert not any(key and key in str(error.value) for key in keys)
