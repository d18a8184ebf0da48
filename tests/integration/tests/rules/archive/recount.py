"""Counts a poll's votes again from the Parquet files of its archive, by a reader that is not ours.

Usage: recount.py FILE...    where each file is one of polls/<poll_id>/, of a poll of one question.
Prints {"rows", "responses", "votes": [of each choice]} as JSON.
"""

import json
import pathlib
import sys

import pyarrow.compute as pc
import pyarrow.parquet as pq

COLUMNS = {
    "question": "int32",
    "voter": "extension<arrow.uuid>",
    "choices": "int64",
    "submitted_at": "timestamp[us, tz=UTC]",
    "digest": "int64",
    "event_order": "int64",
    "refused": "bool",
}


def main(paths):
    manifest = json.loads(next(path for path in paths if path.name == "manifest.json").read_text())
    choices = len(manifest["poll"]["questions"][0]["choices"])
    rows, responses, votes, last = 0, 0, [0] * choices, b""
    for path in sorted(path for path in paths if path.name.startswith("responses-")):
        file = pq.ParquetFile(path, arrow_extensions_enabled=True)
        columns = {field.name: str(field.type) for field in file.schema_arrow}
        assert columns == COLUMNS, columns
        assert file.metadata.metadata[b"pollster.poll_id"].decode() == manifest["poll"]["poll_id"]
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            rows += table.num_rows
            mask = table["choices"]
            responses += pc.sum(pc.not_equal(mask, 0)).as_py()
            for choice in range(choices):
                chosen = pc.equal(pc.bit_wise_and(pc.shift_right(mask, choice), 1), 1)
                votes[choice] += pc.sum(chosen).as_py()
            for voter in table["voter"].to_pylist():
                assert voter.bytes > last, "voters are sorted, each once"
                last = voter.bytes
            assert pc.min(table["submitted_at"]).as_py().year >= 2020
    print(json.dumps({"rows": rows, "responses": responses, "votes": votes}))


main([pathlib.Path(argument) for argument in sys.argv[1:]])
