from bot.forecast import by_default, measured, sentence


def test_the_pace_that_was_measured_tells_how_long_what_waits_will_take() -> None:
    found = measured(206, 5.0)

    assert (found.per_minute, found.minutes, found.long) == (12.0, 35, True)
    assert not measured(12, 5.0).long


def test_without_a_measure_synapses_own_limits_count() -> None:
    assert by_default(400).minutes == 66
    assert by_default(5).seconds == 0


def test_an_operator_is_told_of_the_units_or_of_a_hundred_where_there_are_none_yet() -> None:
    assert "400 units take about 66 minutes" in sentence(400)
    assert "100 units take about 16 minutes" in sentence(0)
