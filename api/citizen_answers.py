"""What is answered to people without an account: no names of the staff, nothing of others who report."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from api.case_answers import CaseFieldAnswer, CategoryFieldAnswer
from api.names import Names
from patrol.cases.actions import Action
from patrol.cases.case import Rating, State, Tier
from patrol.cases.duplicates import Duplicate
from patrol.categories.category import Category, PhotoNeed
from patrol.citizens.progress import EVENTS, STATES, By, Picture, Progress, Shown, Step, Words
from patrol.citizens.service import Receipt
from patrol.photos.photo import Photo

_OWN = Names(True)
"""Of what somebody wrote themselves."""


class PublicWords(BaseModel):
    zh: str
    en: str

    @classmethod
    def of(cls, words: Words) -> "PublicWords":
        return cls(zh=words.zh, en=words.en)


class PublicCategory(BaseModel):
    """`fields` are what is asked beside the description; `photos_needed` is how many photos there
    must be at least."""

    code: str
    title: PublicWords
    fields: list[CategoryFieldAnswer]
    photos_needed: int

    @classmethod
    def of(cls, category: Category) -> "PublicCategory":
        return cls(
            code=category.code,
            title=PublicWords(zh=category.title_zh, en=category.title_en),
            fields=[CategoryFieldAnswer.of(each) for each in category.fields],
            photos_needed=int(PhotoNeed.REPORT in category.photos),
        )


class PublicCategoryList(BaseModel):
    items: list[PublicCategory]


class PublicPhoto(BaseModel):
    """`taken_at`, `lon` and `lat` (WGS-84) are what the camera said, for whoever has sent it and nobody
    else; null where it said nothing."""

    id: UUID
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None

    @classmethod
    def of(cls, photo: Photo) -> "PublicPhoto":
        lon, lat = photo.position or (None, None)
        return cls(
            id=photo.id,
            width=photo.width,
            height=photo.height,
            taken_at=photo.taken_at,
            lon=lon,
            lat=lat,
        )


class PublicState(BaseModel):
    code: State
    words: PublicWords

    @classmethod
    def of(cls, state: State) -> "PublicState":
        return cls(code=state, words=PublicWords.of(STATES[state]))


class PublicDuplicate(BaseModel):
    """An open case of the same category. Its number does not let anybody follow it."""

    number: str
    distance_m: int
    category: str
    state: PublicState
    reported_at: datetime

    @classmethod
    def of(cls, duplicate: Duplicate, category: str) -> "PublicDuplicate":
        return cls(
            number=duplicate.number,
            distance_m=round(duplicate.distance_m),
            category=category,
            state=PublicState.of(duplicate.state),
            reported_at=duplicate.reported_at,
        )


class PublicDuplicateList(BaseModel):
    items: list[PublicDuplicate]


class PublicReceipt(BaseModel):
    """`follow_code` follows the report and is never shown again. `joined` is the number of the case that
    it became a part of."""

    number: Annotated[str, Field(examples=["AH20261127-0001"])]
    follow_code: Annotated[str, Field(examples=["7K3M-Q9XW-2TB4-H0EZ"])]
    state: PublicState
    reported_at: datetime
    joined: str | None

    @classmethod
    def of(cls, receipt: Receipt) -> "PublicReceipt":
        return cls(
            number=receipt.number,
            follow_code=receipt.code,
            state=PublicState.of(receipt.state),
            reported_at=receipt.reported_at,
            joined=receipt.joined,
        )


class PublicStep(BaseModel):
    """`tier` is how high up it was dealt with then. `note` and `rating` are the reporter's own."""

    action: Action
    words: PublicWords
    at: datetime
    by: By
    tier: Tier | None
    note: str | None
    rating: Rating | None

    @classmethod
    def of(cls, step: Step) -> "PublicStep":
        return cls(
            action=step.action,
            words=PublicWords.of(EVENTS[step.action]),
            at=step.at,
            by=step.by,
            tier=step.tier,
            note=step.note,
            rating=step.rating,
        )


class PublicPicture(BaseModel):
    """At GET /public/reports/{number}/photos/{id}, and /thumbnail."""

    id: UUID
    shows: Shown
    width: int
    height: int

    @classmethod
    def of(cls, picture: Picture) -> "PublicPicture":
        photo = picture.photo
        return cls(id=photo.id, shows=picture.shows, width=photo.width, height=photo.height)


class PublicReport(BaseModel):
    """`state` is that of the case that the report is dealt with in: another one where `joined` has its
    number. `answers` are what the reporter said in the fields of the category. `actions` is what the
    reporter may do now."""

    number: str
    state: PublicState
    category: str
    description: str
    answers: list[CaseFieldAnswer]
    lon: float
    lat: float
    reported_at: datetime
    closed_at: datetime | None
    joined: str | None
    rating: Rating | None
    events: list[PublicStep]
    photos: list[PublicPicture]
    actions: list[Action]

    @classmethod
    def of(cls, progress: Progress) -> "PublicReport":
        own = progress.own
        return cls(
            number=own.number,
            state=PublicState.of(progress.state),
            category=own.category,
            description=own.description,
            answers=[CaseFieldAnswer.of(each, _OWN) for each in progress.answers],
            lon=own.lon,
            lat=own.lat,
            reported_at=own.reported_at,
            closed_at=progress.closed_at,
            joined=progress.joined,
            rating=progress.rating,
            events=[PublicStep.of(step) for step in progress.steps],
            photos=[PublicPicture.of(picture) for picture in progress.pictures],
            actions=list(progress.actions),
        )
