"""Find phrases that this project no longer uses, and print what to write instead.

::

    python tools/check_words.py

Covers the docs, the changelog's fragments, the examples, the benchmarks and the package.  A line
that contains ``words: ok`` is exempt.  CONTRIBUTING.md says how we write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WHERE = ("*.md", "docs/**/*.md", "docs/llms.txt", "changelog.d/*.md", "benchmarks/**/*.md")
CODE = ("sktransfer/**/*.py", "examples/**/*.py", "examples/**/*.rst", "benchmarks/**/*.py")
#: Files that quote the phrases, and what is generated.
EXEMPT = ("CONTRIBUTING.md", "docs/api/", "docs/auto_examples/", "docs/_outputs/")

#: What a phrase should be.  Patterns have no capital letters; spaces match line breaks as well.
INSTEAD = {
    r"answers? for rows": "predicts rows",
    r"rows? (that )?it has not seen": "held-out rows",
    r"rows? (that )?(they|it) had not seen": "held-out rows",
    r"gone on with": "resumed",
    r"goes on (from|where|with)": "resumes",
    r"go on (from|where|with|elsewhere)": "resume",
    r"(are|is|was|were|be|been|being) told": "gets, is given",
    r"told (of|by|from)": "predicted from, reported by",
    r"tells? of": "says about, predicts",
    r"tells? (little|nothing|more|less|enough) (of|about|apart)": "is not informative about",
    r"laid (on|upon|beside)": "applied to, compared with",
    r"beside": "next to, together with, compared with",
    r"trusts? each": "weights each",
    r"trusted as far as": "weighted by",
    r"held out in turn": "held out once each",
    r"rows held out": "held-out rows",
    r"of chance": "random",
    r"(drawn|draws?) (to|towards) (a|the|0|1|none|its) ?(mean|constant|prior)?": "shrunk to",
    r"pulled (back )?(to|towards)": "penalised by the distance to",
    r"pulls? (back )?(to|towards)": "penalises the distance to",
    r"(is|are|was|were|been) taught": "trained",
    r"have taught|has taught": "learned from",
    r"thaw(s|ed|ing)?": "unfreeze",
    r"mend(s|ed|ing)?": "fix",
    r"at the door": "before any work",
    r"seen through": "recognised",
    r"(to )?speak(s)? of": "describe",
    r"nothing to speak of": "little",
    r"weighs? (them|each|several|it|the|their|its) (by|with)": "weights ... by",
    r"weighed by": "weighted by",
    r"(the|its|their|whose|source's|finite|missing|same) answers": "predictions",
    r"for want of": "without",
    r"what came of it": "the result",
    r"no(thing)? (that )?(anybody|nobody) knows": "unknown",
    r"whose targets nobody knows": "without labels",
    r"nobody (knows|has given|would want)": "unknown, missing",
    r"worth having": "useful",
    r"that is wanted": "requested",
    r"moments and missing": "dates and missing",
    r"(source|target|estimator|encoder|transformer|step|scaler|network) knows": "has, stores",
    r"(sources|estimators|encoders|transformers|steps|networks) know": "have, store",
    r"says? (very )?(little|nothing|enough|less|more) (of|about)": "is not informative about",
    r"(rows|columns|texts|outputs|trees|network|source|table) says? (about|of)": "outputs",
    r"(source|target|node|tree)s? asks? (for|the|which)": "predicts, tests, requires",
    r"(earn|earns|earned) (no |its |their |little |less |more )?weight": "get weight",
    r"(source|target|network|model|row|table)s? believes?": "assumes, accepts",
    r"what (it|they) remembers?": "its state",
    r"cannot tell": "does not expose, cannot be determined",
    r"preprocessing said": "raised",
    r"asked for": "requested, expected, used",
    r"how alike": "how similar",
    r"counts? alike": "has the same weight",
    r"(nobody|anybody)": "no one; or say it without a person",
    r"stands? behind": "follows",
    r"(has|have|had) not seen": "was not fitted to; out-of-fold",
    r"seen from landmarks": "approximated from landmarks",
}
PATTERNS = [
    (re.compile(phrase.replace(" ", r"\s+") + r"\b"), instead)
    for phrase, instead in INSTEAD.items()
]


def files() -> Iterator[Path]:
    """The files to read, each once."""
    for pattern in (*WHERE, *CODE):
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(EXEMPT):
                yield path


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, phrase, and what to write instead."""
    lines, text = text.split("\n"), text.lower()
    for pattern, instead in PATTERNS:
        for match in pattern.finditer(text):
            number = text.count("\n", 0, match.start()) + 1
            begins = not text[: match.start()][-1:].isalnum()
            if begins and "words: ok" not in lines[number - 1]:
                yield number, " ".join(match[0].split()), instead


def main() -> int:
    """Print what was found; the exit status is 1 if anything was."""
    found = 0
    for path in files():
        for number, phrase, instead in findings(path.read_text(encoding="utf-8")):
            print(f"{path.relative_to(ROOT)}:{number}: {phrase!r}: write {instead!r}")
            found += 1
    if found:
        print(f"{found} phrases; CONTRIBUTING.md, 'How we write'", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
