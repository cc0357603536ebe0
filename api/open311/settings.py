"""What this town tells other systems by Open311."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings
from patrol.categories.answers import Asked
from patrol.categories.category import Category
from patrol.categories.tree import Categories


class Open311Settings(EnvironmentSettings):
    """`WANGGE_OPEN311_PUBLISH` is what anybody may read: `nothing`, `facts` (what, where, when, open or
    closed), `descriptions` too, with the numbers in them masked, or besides these `photos`, one of the
    handling of each closed case. Those about people are neither offered nor published, nor are those of
    `_UNLISTED`, separated by commas. `_JURISDICTION` is the jurisdiction_id; another one is refused.
    `_CONTACT` stands in the discovery document."""

    model_config = SettingsConfigDict(
        env_prefix="WANGGE_OPEN311_", env_ignore_empty=True, frozen=True
    )

    publish: Literal["nothing", "facts", "descriptions", "photos"] = "facts"
    unlisted: str = ""
    jurisdiction: str | None = Field(default=None, max_length=200)
    contact: str = Field(default="", max_length=500)
    language: Literal["zh", "en"] = "zh"

    def listed(self, categories: Categories) -> Mapping[str, Category]:
        """Those that are offered, by code."""
        unlisted = {code.strip() for code in self.unlisted.split(",")}
        return {
            each.code: each
            for each in categories.choice()
            if each.code not in unlisted and not each.is_about_people
        }

    @property
    def tells_descriptions(self) -> bool:
        return self.publish in ("descriptions", "photos")

    @property
    def shows_photos(self) -> bool:
        return self.publish == "photos"

    def title_of(self, titled: Category | Asked) -> str:
        return titled.title_zh if self.language == "zh" else titled.title_en
