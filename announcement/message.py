"""Messages: what a caller hears, built in, typed for the speech synthesiser, or uploaded."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, TypeAlias


class Wording(NamedTuple):
    """One message in the two languages in which it is built in."""

    japanese: str
    english: str


BUILT_IN = MappingProxyType(
    {
        "closed": Wording(
            "お電話ありがとうございます。本日の営業時間は終了いたしました。"
            "恐れ入りますが、営業時間内におかけ直しください。",
            "Thank you for calling. Our office is closed now. "
            "Please call again during business hours.",
        ),
        "break": Wording(
            "お電話ありがとうございます。ただいま休憩時間です。"
            "恐れ入りますが、しばらくしてからおかけ直しください。",
            "Thank you for calling. We are taking a break. Please call again a little later.",
        ),
        "holiday": Wording(
            "お電話ありがとうございます。本日は祝日のため、休業しております。"
            "恐れ入りますが、翌営業日におかけ直しください。",
            "Thank you for calling. We are closed today for a public holiday. "
            "Please call again on our next business day.",
        ),
        "day-off": Wording(
            "お電話ありがとうございます。本日は休業日です。"
            "恐れ入りますが、翌営業日におかけ直しください。",
            "Thank you for calling. We are closed today. "
            "Please call again on our next business day.",
        ),
        "year-end": Wording(
            "お電話ありがとうございます。ただいま年末年始の休業期間中です。"
            "恐れ入りますが、休業期間が終わりましたらおかけ直しください。",
            "Thank you for calling. We are closed over the New Year. "
            "Please call again when the holidays are over.",
        ),
        "obon": Wording(
            "お電話ありがとうございます。ただいま夏季休業期間中です。"
            "恐れ入りますが、休業期間が終わりましたらおかけ直しください。",
            "Thank you for calling. We are closed for the summer holidays. "
            "Please call again when the holidays are over.",
        ),
        "event": Wording(
            "お電話ありがとうございます。本日は都合により、ただいま電話に出ることができません。"
            "恐れ入りますが、後ほどおかけ直しください。",
            "Thank you for calling. We cannot take your call for the moment. "
            "Please call again later.",
        ),
        "temporary": Wording(
            "お電話ありがとうございます。都合により、臨時に休業しております。"
            "恐れ入りますが、日を改めておかけ直しください。",
            "Thank you for calling. We are closed for the time being. "
            "Please call again another day.",
        ),
        "not-yet-open": Wording(
            "お電話ありがとうございます。"
            "ただいま、営業時間前です。"
            "恐れ入りますが、営業時間中に、あらためておかけ直しください。",
            "Thank you for calling. We are not open yet. Please call again during business hours.",
        ),
        "outside-hours": Wording(
            "お電話ありがとうございます。"
            "ただいまの時間は、営業時間外です。"
            "恐れ入りますが、営業時間中に、あらためておかけ直しください。",
            "Thank you for calling. "
            "You have reached us outside business hours. "
            "Please call again during business hours.",
        ),
        "lunch": Wording(
            "お電話ありがとうございます。"
            "ただいま、昼休みをいただいております。"
            "恐れ入りますが、午後に、あらためておかけ直しください。",
            "Thank you for calling. We are out for lunch. Please call again in the afternoon.",
        ),
        "emergency": Wording(
            "お電話ありがとうございます。"
            "ただいま、悪天候などの影響により、電話をお受けできません。"
            "ご迷惑をおかけいたしますが、後日、あらためておかけ直しください。",
            "Thank you for calling. "
            "We cannot take calls at the moment, because of the weather or an emergency. "
            "Please call again another day.",
        ),
    }
)
"""Messages that every calendar may name, by key."""


@dataclass(frozen=True, slots=True)
class TypedMessage:
    """A text that the synthesiser speaks."""

    key: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class UploadedMessage:
    """Audio that the customer gave; what it holds is checked when it is uploaded."""

    key: str
    audio: str
    """Its name in the store of audio."""


Message: TypeAlias = TypedMessage | UploadedMessage
"""A message of one's own."""


def prompt_name(key: str) -> str:
    """Return the name of the prompt that speaks a built-in message."""
    return key if key == "closed" else f"closed-{key}"
