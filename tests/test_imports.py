"""The house's arrows: which folder may import which, and what models/ must not touch."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "models": set(),
    "datasets": set(),
    "evaluate": {"models", "datasets"},
    "train": {"models", "datasets", "evaluate"},
    "third_party": {"models", "datasets", "train"},
}
FILES = [path for folder in MAY_IMPORT for path in sorted((ROOT / folder).rglob("*.py"))]


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def folder_of(path):
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows(path):
    own = folder_of(path)
    for module in imported_modules(path):
        head, _, rest = module.partition(".")
        assert head not in MAY_IMPORT, f"{path}: write `from dpig.{module}`, not `{module}`"
        if head == "dpig":
            assert rest.split(".")[0] in MAY_IMPORT[own] | {own}, f"{path} imports {module}"


@pytest.mark.parametrize(
    "path", [path for path in FILES if folder_of(path) == "models"], ids=lambda path: path.name
)
def test_models_know_no_backend_and_no_files(path):
    heads = {module.partition(".")[0] for module in imported_modules(path)}
    assert not heads & {"tensorflow", "jax", "torch", "os", "pathlib", "io", "PIL", "h5py"}
    assert "open(" not in path.read_text()


def test_people_are_drawn_without_tensorflow():
    for name in ("people", "drawn_market", "draw"):
        modules = imported_modules(ROOT / "datasets" / f"{name}.py")
        assert not any(module.partition(".")[0] in ("tensorflow", "keras") for module in modules)


def test_every_folder_is_a_package():
    for folder in MAY_IMPORT:
        for path in (ROOT / folder).rglob("*.py"):
            assert (path.parent / "__init__.py").exists(), path


def test_no_drawer_and_no_module_that_hides_the_namespace():
    assert "utils" not in {path.stem for path in FILES}
    # A script run by its path puts its folder first: a dpig.py there would be taken for ours.
    with_scripts = {path.parent for path in FILES if "def run(" in path.read_text()}
    assert with_scripts
    assert not [folder for folder in with_scripts if (folder / "dpig.py").exists()]


def test_every_command_of_setup_py_has_its_module():
    tree = ast.parse((ROOT / "setup.py").read_text())
    scripts = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "SCRIPTS"
    )
    for module in scripts.values():
        path = ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py")
        assert "def run(" in path.read_text(), path
