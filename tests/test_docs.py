"""What README, docs and help texts say: every flag, link and import of theirs exists."""

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = ("datasets", "evaluate", "train", "third_party")
SOURCES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
COMMAND = re.compile(r"(dpig-[a-z0-9-]+)((?:[ \n]+--[a-z0-9_]+(?:=[^\s`]+)?)+)")


@pytest.fixture(scope="module")
def flags():
    """Command -> names of its flags."""
    tree = ast.parse((ROOT / "setup.py").read_text())
    scripts = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "SCRIPTS"
    )
    return {
        name: {*importlib.import_module(module).FLAGS, "help"} for name, module in scripts.items()
    }


def test_every_flag_of_a_command_in_the_texts_exists(flags):
    unknown, checked = [], 0
    for path in [*PAGES, *SOURCES, ROOT / "Makefile"]:
        text = re.sub(r"\\\n\s*", " ", path.read_text())
        for command, words in COMMAND.findall(text):
            for name in re.findall(r"--([a-z0-9_]+)", words):
                checked += 1
                known = flags.get(command, {name})
                if not {name, name.removeprefix("no")} & known:
                    unknown.append(f"{path.relative_to(ROOT)}: {command} has no --{name}")
    assert not unknown and checked > 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page):
    prose = re.sub(r"```.*?```|`[^`]*`|^ {4}.*?$", "", page.read_text(), flags=re.S | re.M)
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose)
    there = [link for link in links if not link.startswith("http")]
    assert [link for link in there if not (page.parent / link).exists()] == []


def test_every_import_of_ours_in_the_texts_exists():
    blocks = [
        block
        for page in PAGES
        for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.S)
    ]
    statements = [node for block in blocks for node in ast.walk(ast.parse(block))]
    imports = [
        (node.module, alias.name)
        for node in statements
        if isinstance(node, ast.ImportFrom) and node.module.startswith("dpig.")
        for alias in node.names
    ]
    assert imports
    for module, name in imports:
        tree = ast.parse(ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py").read_text())
        defined = {getattr(node, "name", None) for node in ast.walk(tree)}
        assert name in defined, f"{module} has no {name}"
