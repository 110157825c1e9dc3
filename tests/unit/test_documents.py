"""The documents' words hold: every file, folder and link that they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PLACES = (
    "switch/",
    "routing/",
    "media/",
    "announcement/",
    "provisioning/",
    "config/",
    "tests/",
    "docs/",
    "bench/",
    "tools/",
)


def named(text: str) -> set[str]:
    """Return the places that a document names: in backticks from the root, in links from itself."""
    quoted = (match.split()[0] for match in re.findall(r"`([^`\n]+)`", text))
    return {word for word in quoted if word.startswith(PLACES)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_place_that_a_document_names_exists(document: Path) -> None:
    missing = [place for place in named(document.read_text("utf-8")) if not list(ROOT.glob(place))]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text("utf-8"))
    missing = [link for link in links if not (document.parent / link).exists()]
    assert missing == []
