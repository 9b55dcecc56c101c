"""Runs a notebook from beginning to end, and keeps of it what is the same in every run.

    tools/s3-server run -- build/python-venv/bin/python python/tests/distributed/run_notebook.py FILE

writes the outputs into FILE: so examples/flashflood.ipynb is made after a change.
"""

import pathlib
import sys

import nbclient
import nbformat


def run(path):
    """The notebook with the outputs of a run in its folder. Fails where a cell does."""
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=120, record_timing=False,
        resources={"metadata": {"path": str(pathlib.Path(path).parent)}})
    client.execute()
    return clean(notebook)


def clean(notebook):
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    return notebook


def joined(outputs):
    """What was printed is one text, in however many parts it came."""
    kept = []
    for output in outputs:
        printed = output.output_type == "stream"
        if printed and kept and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    return kept


if __name__ == "__main__":
    nbformat.write(run(sys.argv[1]), sys.argv[1])
