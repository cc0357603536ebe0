"""What something is called, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Title:
    zh: str
    en: str

    @classmethod
    def of_name(cls, name: str) -> "Title":
        """A name is the same in both."""
        return cls(zh=name, en=name)
