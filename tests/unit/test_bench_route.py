"""How the bench's rows about routing join those of the comparison."""

import json

from bench.route import kept_rows, merged
from bench.swap import tables
from bench.table import Row, document
from provisioning.document import Terms, read

CALL = Row("call", "Daihyo", "1000 calls/s", 0.5, "ms")
OLD = Row("routing decision, out", "Daihyo", "100000 numbers", 40.0, "µs")
NEW = Row("routing decision, out", "Daihyo", "100000 numbers", 30.0, "µs")


def test_fresh_rows_take_the_place_of_those_of_the_same_work() -> None:
    assert merged([OLD, CALL], [NEW]) == [CALL, NEW]


def test_kept_rows_are_read_as_they_were_written() -> None:
    text = json.dumps(document([CALL, OLD], {"cores": "2"}))
    assert kept_rows(text) == ([CALL, OLD], {"cores": "2"})


def test_the_contracts_of_the_bench_keep_every_rule() -> None:
    made = read(tables(2, 5), Terms("bench", ("MD5", "SHA-256")))
    assert [len(contract.ids) for contract in made] == [5, 5]
