"""The documents: the index names every page, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reneta.golden.config import REPO

DOCS = REPO / "docs"
PAGES = sorted([REPO / "README.md", *DOCS.rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def test_index_names_every_page() -> None:
    linked = set(LINK.findall((DOCS / "README.md").read_text(encoding="utf-8")))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert linked >= pages - {"README.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert not [link for link in links if not (page.parent / link).exists()]


def test_pages_that_sources_name_exist() -> None:
    folders = [
        REPO / name for name in ("rtl", "golden", "compiler", "sw_driver", "training", "verif", "scripts")
    ]
    files = [
        path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".sv", ".yaml"}
    ]
    texts = [path.read_text(encoding="utf-8") for path in files]
    named = {name for text in texts for name in re.findall(r"docs/\w+\.md", text)}
    assert named
    assert not [name for name in sorted(named) if not (REPO / name).is_file()]
