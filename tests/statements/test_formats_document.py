"""docs/formats.md says what the readers do with the samples today."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import formats_table  # noqa: E402


@pytest.mark.skipif(not formats_table.SAMPLES.is_dir(), reason="the sample files are not beside the project")
def test_the_counted_table_is_not_stale():
    text = formats_table.DOCUMENT.read_text("utf-8")
    held = text.split(formats_table.BEGIN)[1].split(formats_table.END)[0].strip()
    assert held == formats_table.table(), "python scripts/formats_table.py --write"


def test_the_limits_it_names_are_those_of_the_readers():
    from recon import archive
    from recon.statements.readers import records

    text = formats_table.DOCUMENT.read_text("utf-8")
    assert f"over {records.MAX_BYTES // 2**20} MB (invoices 20 MB)" in text
    assert f"{records.MAX_ELEMENTS // 1_000_000} million elements" in text
    assert f"over {archive.MAX_MEMBERS} files, {archive.MAX_UNPACKED // 2**20} MB" in text
