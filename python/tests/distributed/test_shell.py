"""The examples for GNU parallel and for Slurm; of the latter there is no cluster here."""

import os
import pathlib
import shutil
import subprocess

import pytest

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"

needs_parallel = pytest.mark.skipif(not shutil.which("parallel"),
                                    reason="needs GNU parallel (tools/setup test installs it)")


@pytest.fixture(autouse=True)
def path(monkeypatch, tmp_path):
    """Where `flashflood` is; HOME is where parallel keeps what it likes to."""
    command = pathlib.Path(os.environ["FLASHFLOOD_COMMAND"])
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))


def run(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, **more)


def events_of(flood):
    return b"".join(bytes(event) + b"\n" for event in flood.replay())


@needs_parallel
def test_parallel(flood, url):
    done = run(EXAMPLES / "parallel.sh", url, 8)
    assert done.returncode == 0, done.stderr
    assert done.stdout == events_of(flood)


@needs_parallel
def test_parallel_with_a_command(flood, url):
    done = run(EXAMPLES / "parallel.sh", url, 8, "sed", "-n", "s/.*'S .*/& $HOME/p")
    assert done.returncode == 0, done.stderr
    wanted = [line + b" $HOME" for line in events_of(flood).splitlines() if b"'S " in line]
    assert done.stdout.splitlines() == wanted != []


@needs_parallel
def test_parallel_that_fails(flood, url):
    assert run(EXAMPLES / "parallel.sh", url + "-nothing", 8).returncode != 0
    assert run(EXAMPLES / "parallel.sh", url, 8, "false").returncode != 0
    usage = run(EXAMPLES / "parallel.sh")
    assert usage.returncode == 2 and b"examples/parallel.sh s3://" in usage.stderr


def test_slurm_array(flood, url, tmp_path, without_keys):
    splits, parts = tmp_path / "splits.ndjson", tmp_path / "parts"
    parts.mkdir()
    made = run("flashflood", "splits", "--store", url, "--count", 6, "--presign", "5m")
    splits.write_bytes(made.stdout)
    count = len(made.stdout.splitlines())
    assert count > 2, made.stderr
    with without_keys():
        for task in range(count + 1, 0, -1):
            done = run(EXAMPLES / "slurm-array.sh", splits, parts,
                       env={**os.environ, "SLURM_ARRAY_TASK_ID": str(task)})
            assert done.returncode == 0, done.stderr
            assert (b"no split" in done.stderr) == (task > count)
    files = sorted(parts.iterdir())
    assert b"".join(path.read_bytes() for path in files) == events_of(flood)
    assert len(files) == count


def test_slurm_array_without_slurm(tmp_path):
    done = run(EXAMPLES / "slurm-array.sh", "splits", "parts")
    assert done.returncode != 0 and b"sbatch" in done.stderr


def test_slurm_array_leaves_no_half_file(tmp_path):
    (tmp_path / "splits").write_text("damaged\n")
    done = run(EXAMPLES / "slurm-array.sh", tmp_path / "splits", tmp_path,
               env={**os.environ, "SLURM_ARRAY_TASK_ID": "1"})
    assert done.returncode != 0 and not list(tmp_path.glob("*.ndjson"))
