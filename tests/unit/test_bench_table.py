"""How the comparison's rows are told."""

from bench.table import BEGIN, END, Row, markdown, picture, ratio, replace_between

OURS = Row("call", "Daihyo", "1000 calls/s", 0.5, "ms")
THEIRS = Row("call", "Sippy", "1000 calls/s", 4.0, "ms")
SLOWER = Row("call", "Sippy", "100 calls/s", 5.0, "ms")
ABSENT = Row("call", "Kamailio", "1000 calls/s", None, "ms", "not installed")


def test_a_ratio_is_to_ours_at_the_same_rate() -> None:
    assert ratio(THEIRS, [OURS, THEIRS]) == "8.00"
    assert ratio(SLOWER, [OURS, SLOWER]) == "-"


def test_a_peer_that_could_not_be_had_says_so_in_its_row() -> None:
    told = markdown([OURS, ABSENT], {"cores": "2"})
    assert "| call | Kamailio | 1000 calls/s | - | - | not installed |" in told


def test_the_table_is_replaced_between_its_markers_and_nothing_else() -> None:
    page = f"# Benchmarks\n\n{BEGIN}\nold\n{END}\n\nmore\n"
    assert replace_between(page, "new") == f"# Benchmarks\n\n{BEGIN}\nnew\n{END}\n\nmore\n"


def test_a_page_without_markers_gets_them_at_its_end() -> None:
    assert replace_between("# Benchmarks\n", "new") == f"# Benchmarks\n\n{BEGIN}\nnew\n{END}\n"


def test_the_picture_has_a_bar_for_each_value() -> None:
    drawn = picture([OURS, THEIRS, ABSENT])
    assert drawn.count("<rect x=") == 2
    assert "4.000 ms" in drawn
