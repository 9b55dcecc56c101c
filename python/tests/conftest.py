"""What the tests share: floods in memory, each of its own, and in folders."""

import itertools

import pytest

import flashflood

_numbers = itertools.count()


@pytest.fixture
def flood():
    """A new flood in memory."""
    return flashflood.open(f"memory://test-{next(_numbers)}")


@pytest.fixture
def folder(tmp_path):
    """Where a flood in a folder can be."""
    return str(tmp_path / "flood")
