import pytest

from bench.figures import Figure, document, percentile, spread, table


def test_a_goal_is_kept_up_to_its_value_and_missed_above() -> None:
    assert [Figure("p", "w", value, "ms", 20.0).verdict for value in (19.9, 20.0, 20.1)] == ["kept", "kept", "MISSED"]


def test_nothing_is_said_of_a_figure_without_a_goal() -> None:
    assert Figure("p", "w", 1e9, "ms").verdict == ""


@pytest.mark.parametrize(("share", "value"), [(50, 50.5), (95, 95.05), (99, 99.01)])
def test_percentiles_are_those_of_the_values(share: int, value: float) -> None:
    assert percentile([float(n) for n in range(1, 101)], share) == pytest.approx(value)


def test_one_value_is_all_its_percentiles() -> None:
    assert [figure.value for figure in spread("p", "w", [7.0])] == [7.0] * 3


def test_terminal_and_page_show_every_figure_with_its_goal() -> None:
    figures = (Figure("loop", "longest block", 61.0, "ms", 50.0), Figure("wave", "a wave", 1.1, "×"))

    assert "MISSED" in table(figures).splitlines()[0]
    assert "| loop | longest block | 61.0 ms | ≤ 50.0 | MISSED |" in document(figures, ["one machine"])
    assert "| wave | a wave | 1.10 × |  |  |" in document(figures, ["one machine"])
