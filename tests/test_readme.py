"""Prose is run: the blocks of README.md and of every page under docs/.

CONTRIBUTING.md says how a page is written. In short: ``python`` and ``console`` blocks run, in the page's order, in one
folder that holds `wiki.txt` and two small test sets; what is printed is compared where it is shown.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

import jari

CHECKOUT = Path(jari.__file__).parents[2]
PAGES = [page for page in (CHECKOUT / "README.md", *sorted(CHECKOUT.glob("docs/**/*.md"))) if page.exists()]
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
NOT_RUN = "<!-- not run: "


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    place: str  # "README.md:12"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page that are to be run."""
    lines = page.read_text(encoding="utf-8").splitlines()
    language, began, held = None, 0, []  # type: str | None, int, list[str]
    for number, line in enumerate(lines, start=1):
        fence = re.match(r"\s*```(\w*)", line)
        if language is None:
            if fence:
                language, began, held = fence[1], number, []
        elif fence:
            before = next((text for text in reversed(lines[: began - 1]) if text.strip()), "")
            if language in ("python", "console") and not before.startswith(NOT_RUN):
                yield Block(language, "\n".join(held) + "\n", f"{page.name}:{began}")
            language = None
        else:
            held.append(line)


def run_python(block: Block, names: dict[str, Any]) -> None:
    if ">>> " not in block.text:
        exec(compile(block.text, block.place, "exec"), names)
        return
    said: list[str] = []
    session = doctest.DocTestParser().get_doctest(block.text, names, block.place, block.place, 0)
    runner = doctest.DocTestRunner(optionflags=LOOSELY)
    runner.run(session, out=said.append, clear_globs=False)
    names.update(session.globs)
    assert runner.summarize(verbose=False).failed == 0, "".join(said)


def run_console(block: Block) -> None:
    """Run every ``$ command``; compare what it prints with the lines below it, if there are any."""
    here = Path(sys.executable).parent  # `jari` and `python` are those of this environment
    env = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        while command.endswith("\\"):
            more, _, shown = shown.partition("\n")
            command = command[:-1] + more.strip()
        ran = subprocess.run(
            ["bash", "-c", command], env=env, capture_output=True, encoding="utf-8", timeout=300, check=False
        )
        assert ran.returncode == 0, f"{block.place}: {command}\n{ran.stderr}"
        if shown.strip():
            agrees = doctest.OutputChecker().check_output(shown, ran.stdout, LOOSELY)
            assert agrees, f"{block.place}: {command}\nshown:\n{shown}\nprinted:\n{ran.stdout}"


def lay_out(folder: Path) -> None:
    """The files that pages speak of: a text whose answers are obvious, two test sets for it, and a table."""
    draw = Random(1)
    people = {"king": "man", "queen": "woman", "prince": "boy", "princess": "girl"}
    male, female = ("he", "his", "beard", "sword"), ("she", "her", "dress", "veil")
    royal, common = ("rules", "throne", "crown", "palace"), ("walks", "street", "house", "market")
    old, young = ("grey", "wise"), ("plays", "school")
    lines = []
    for _ in range(6000):
        person = draw.choice([*people, *people.values()])
        features = (
            royal if person in people else common,
            female if person in ("queen", "woman", "princess", "girl") else male,
            young if person in ("prince", "boy", "princess", "girl") else old,
        )
        words = [draw.choice(choice) for choice in features for _ in range(2)]
        words.append(person)
        draw.shuffle(words)
        lines.append(" ".join(["the", *words]))
    (folder / "wiki.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "pairs.tsv").write_text(
        "king\tqueen\t9\nking\tprince\t8\nking\tman\t7\nking\tgirl\t2\nqueen\tboy\t1\n", encoding="utf-8"
    )
    (folder / "questions.txt").write_text(
        ": family\nking queen man woman\nprince princess boy girl\nman king woman queen\n", encoding="utf-8"
    )
    worth = {"harbour": 3.0, "old town": 2.8, "suburb": 1.4, "village": 1.0}
    adverts = ["area,rooms,description,price"]
    for _ in range(400):
        area, rooms, word = draw.choice([*worth]), draw.randint(1, 5), draw.choice(["bright", "quiet", "dark", "damp"])
        price = 30 * worth[area] * (1 + rooms / 2) * (0.7 if word in ("dark", "damp") else 1) * draw.uniform(0.9, 1.1)
        adverts.append(f"{area},{rooms},a {word} flat with {rooms} rooms to let,{price:.2f}")
    (folder / "adverts.csv").write_text("\n".join(adverts) + "\n", encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.language == "python":
            run_python(block, names)
        else:
            run_console(block)


# ── a page that lies is noticed


def page_of(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


def test_blocks_are_found_where_they_are(tmp_path: Path) -> None:
    page = page_of(tmp_path, "```python\na = 1\n```\n\n<!-- not run: no GPU -->\n\n```python\nb\n```\n```sh\nls\n```\n")
    assert list(blocks(page)) == [Block("python", "a = 1\n", "page.md:1")]


def test_python_that_fails_is_seen() -> None:
    with pytest.raises(NameError, match="nowhere"):
        run_python(Block("python", "nowhere\n", "page.md:1"), {})
    with pytest.raises(AssertionError, match=r"Expected:\s+3\s+Got:\s+2"):
        run_python(Block("python", ">>> 1 + 1\n3\n", "page.md:1"), {})


def test_names_last_from_block_to_block() -> None:
    names: dict[str, Any] = {}
    run_python(Block("python", "a = 1\n", "page.md:1"), names)
    run_python(Block("python", ">>> b = a + 1\n>>> b\n2\n", "page.md:5"), names)
    run_python(Block("python", "assert b == 2\n", "page.md:9"), names)


def test_a_command_that_fails_or_prints_something_else_is_seen() -> None:
    run_console(Block("console", "$ echo one \\\n    two\none t...\n", "page.md:1"))
    with pytest.raises(AssertionError, match=r"page\.md:1: false"):
        run_console(Block("console", "$ false\n", "page.md:1"))
    with pytest.raises(AssertionError, match=r"shown:\s+two\s+printed:\s+one"):
        run_console(Block("console", "$ echo one\ntwo\n", "page.md:1"))
