"""Contracts for tests: one that has everything, and random ones that keep every rule."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from provisioning.document import Tree

HASHES = {"MD5": "a" * 32, "SHA-256": "b" * 64}

RICH: Tree = {
    "name": "shop",
    "customer": "A Shop K.K.",
    "address": "1-1 Chiyoda, Tokyo",
    "max_calls": 5,
    "rejected": ["0398765432"],
    "reject_anonymous": True,
    "barring": {"international": False, "navi": True, "countries": ["US", "KR"]},
    "budget": {"domestic": {"calls_per_day": 100}, "abroad": {"yen_per_day": 0}},
    "id": [
        {
            "username": "u1",
            "ha1": HASHES,
            "extension": "101",
            "number": "05012340001",
            "display_name": "Front",
            "device": {"kind": "fixed", "maker": "grandstream", "mac": "000b82aabbcc"},
            "caller_id": "0312340001",
            "voicemail": {"delay": 20},
            "max_calls": 2,
        },
        {
            "username": "u2",
            "ha1": HASHES,
            "extension": "102",
            "number": "05012340002",
            "device": {"kind": "app", "called_display": "header"},
            "barring": {"countries": ["US", "TW"]},
            "flat_plan": True,
        },
    ],
    "representative": [
        {
            "number": "0312340001",
            "name": "Office",
            "when_full": "announcement",
            "assigned": [{"id": "u1", "rings": False}, {"id": "u2"}],
            "fax": {"mode": "shared", "mail": ["fax@example.jp"]},
            "after_hours": True,
            "port_in": {"in_service_from": "2027-01-31"},
        },
        {"number": "0312340002", "state": "pending", "port_in": {}},
    ],
}

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12)

NUMBER_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "voicemail": st.fixed_dictionaries({"delay": st.integers(1, 180)}),
        "fax": st.fixed_dictionaries(
            {"mail": st.just(["fax@example.jp"])}, optional={"mode": st.just("only")}
        ),
        "after_hours": st.booleans(),
        "port_in": st.one_of(
            st.just({}),
            st.dates().map(lambda day: {"in_service_from": max(day.isoformat(), "1900-01-01")}),
        ),
    },
)

ID_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "display_name": TEXT,
        "device": st.fixed_dictionaries(
            {"kind": st.sampled_from(["fixed", "ata", "app"])},
            optional={"model": TEXT, "mac": st.just("00:0b:82:12:34:56")},
        ),
        "barring": st.fixed_dictionaries(
            {}, optional={"international": st.booleans(), "countries": st.just(["US"])}
        ),
        "budget": st.fixed_dictionaries(
            {}, optional={"abroad": st.fixed_dictionaries({"calls_per_hour": st.integers(1, 9)})}
        ),
        "max_calls": st.integers(1, 9),
        "forward": st.fixed_dictionaries(
            {},
            optional={
                "busy": st.just("0398765432"),
                "no_answer": st.just("117"),
                "after": st.integers(1, 180),
            },
        ),
        "do_not_disturb": st.booleans(),
        "call_waiting": st.booleans(),
        "rejected": st.just(["+81398765432"]),
        "phonebook": st.booleans(),
    },
)


@st.composite
def contract_tables(draw: DrawFn) -> list[Tree]:
    """Draw the tables of a few contracts that keep every rule."""
    return [draw(_contract(position)) for position in range(draw(st.integers(0, 3)))]


@st.composite
def _contract(draw: DrawFn, position: int) -> Tree:
    ids = [
        {
            "username": f"c{position}-{each}",
            "ha1": HASHES,
            "extension": str(101 + each),
            "number": f"050123{position}000{each}",
            **draw(ID_OPTIONS),
            **draw(NUMBER_OPTIONS),
        }
        for each in range(draw(st.integers(1, 5)))
    ]
    names = [each["username"] for each in ids]
    count = draw(st.integers(0, len(ids))) if len(ids) > 1 else 0
    numbers = [
        {
            "number": f"03123{position}000{each}",
            "name": draw(TEXT),
            "use": "shop",
            "assigned": [
                {"id": name, "rings": draw(st.booleans())}
                for name in draw(st.lists(st.sampled_from(names), unique=True))
            ],
            **draw(NUMBER_OPTIONS),
        }
        for each in range(count)
    ]
    if numbers and numbers[0]["assigned"]:
        presenting = numbers[0]["assigned"][0]["id"]
        ids[names.index(presenting)]["caller_id"] = numbers[0]["number"]
    return {
        "name": f"c{position}",
        "customer": draw(TEXT),
        "suspended": draw(st.booleans()),
        "id": ids,
        "representative": numbers,
    }
