"""What stands in text for the characters that the text format itself needs.

`#` parts the fields of an event, `|` and `,` part the items of a list and `=` a call variable's name from its value.
Every other character is carried as it is, control characters too: they part nothing, and the broker's encoding
carries them. Text has no way back from a replacement; JSON carries every value unchanged.
Source: client-protocol.md section 2.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSettings:
    """How text events are written.

    hash_replacement: stands for `#` in every value. list_separator_replacement: stands for `|` and `,` in the items of
    a list. error_text: Error events carry the readable text as their fourth field.
    Raises ValueError when a replacement holds one of the characters that it has to keep out.
    """

    hash_replacement: str = "00100011"
    list_separator_replacement: str = " "
    error_text: bool = True

    def __post_init__(self) -> None:
        if any(character in self.hash_replacement for character in "#|,="):
            raise ValueError("the replacement of # must not hold #, |, a comma or =")
        if any(character in self.list_separator_replacement for character in "#|,="):
            raise ValueError("the replacement of list separators must not hold #, |, a comma or =")

    def value(self, text: str) -> str:
        """Give a value that is a field of its own."""
        return text.replace("#", self.hash_replacement)

    def item(self, text: str) -> str:
        """Give a value that is part of a list."""
        blank = self.list_separator_replacement
        return text.replace("|", blank).replace(",", blank).replace("#", self.hash_replacement)

    def name(self, text: str) -> str:
        """Give the name of a call variable; a `=` in it would move the border between name and value."""
        return self.item(text).replace("=", self.list_separator_replacement)
