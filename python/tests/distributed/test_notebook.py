"""The notebook of the examples runs from beginning to end, and shows what its runs show."""

import pathlib

import nbformat
import pytest

from run_notebook import clean, run

PATH = pathlib.Path(__file__).parents[3] / "examples" / "flashflood.ipynb"
NEW = "run_notebook.py says how the outputs are made anew"


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path_factory):
    """Where Jupyter and matplotlib may keep what they like to."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(folder))
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(folder / name.lower()))


@pytest.fixture(scope="module")
def committed():
    return nbformat.read(PATH, as_version=4)


def shown(cell):
    """What a cell put out, as text; of a picture only that it is there."""
    told = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        told.append("picture" if "image/png" in data else output.get("text", data.get("text/plain")))
    return told


def code_of(notebook):
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


def test_the_committed_one_is_valid_and_clean(committed):
    nbformat.validate(committed)
    assert clean(nbformat.from_dict(committed)) == committed, NEW
    cells = code_of(committed).values()
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), NEW
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr", cell.id
    text = PATH.read_text()
    assert len(text) < 60_000
    assert not [word for word in ("127.0.0.1", "localhost", "/tmp", "/home") if word in text]


def test_in_a_bucket(committed):
    ran = code_of(run(PATH))
    for name, cell in code_of(committed).items():
        assert shown(ran[name]) == shown(cell), f"{name}: {NEW}"
    assert shown(ran["picture"]) == ["picture"]


def test_in_a_folder(committed, without_keys):
    with without_keys():
        ran = code_of(run(PATH))
    assert shown(ran["bucket-open"]) == ["This part needs a bucket: see above how to get one.\n"]
    for name, cell in code_of(committed).items():
        if name.startswith("bucket-"):
            assert name == "bucket-open" or not shown(ran[name])
        elif name != "setup":  # which says where it is
            assert shown(ran[name]) == shown(cell), name
