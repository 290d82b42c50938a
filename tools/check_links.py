"""Check that every link within a built site leads somewhere, down to the heading.

::

    python tools/check_links.py build/docs
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a link to a page may end in behind its ``#``."""
    return frozenset(re.findall(r'\bid="([^"]+)"', page.read_text(encoding="utf-8")))


def leads_nowhere(page: Path, link: str) -> bool:
    """Whether a page's link is within the site, and its end is missing."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    end = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not end.exists():
        return True
    anchor = unquote(parts.fragment)
    return bool(anchor) and end.suffix == ".html" and anchor not in anchors(end)


def main() -> int:
    """Print the links that lead nowhere; the exit status is 1 if there are any."""
    root = Path(sys.argv[1])
    pages = [page for page in root.rglob("*.html") if "_static" not in page.parts]
    links = [
        (page, link)
        for page in pages
        for link in set(re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8")))
    ]
    broken = [(page, link) for page, link in links if leads_nowhere(page.resolve(), link)]
    for page, link in broken:
        print(f"{page.relative_to(root)}: {link}")
    print(f"{len(links)} links of {len(pages)} pages, {len(broken)} lead nowhere")
    return 1 if broken or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
