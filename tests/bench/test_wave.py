import pytest

from bench.wave import Compared, Wave


def test_a_cold_wave_counts_from_the_start_of_the_process_and_from_when_it_answers() -> None:
    cold = Compared(Wave(sends=100, seconds=3.0, computed=1.0, starting=1.0), alone=20.0, computed=1.0)

    assert cold.multiple == pytest.approx(1.5)
    assert cold.multiple_started == pytest.approx(1.0)
