"""Which days to ask for, and when: a table of situations."""

from datetime import UTC, date, datetime, timedelta

import pytest

from recon.statements.window import due, fetch_window, newest_day

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sync_from", "watermark", "since", "gone_from"),
    [
        (date(2026, 1, 1), None, date(2026, 1, 1), date(2026, 1, 1)),  # first run
        (None, None, date(2024, 11, 22), date(2024, 11, 22)),  # first run, no start date: two years
        (None, date(2026, 11, 20), date(2026, 10, 27), date(2026, 11, 6)),  # later: the overlaps
        (date(2026, 1, 1), date(2026, 11, 20), date(2026, 10, 27), date(2026, 11, 6)),
        (date(2026, 11, 2), date(2026, 11, 20), date(2026, 11, 2), date(2026, 11, 6)),
        # never before the start date
        (date(2026, 11, 15), date(2026, 11, 20), date(2026, 11, 15), date(2026, 11, 15)),
        (date(2026, 11, 22), date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 22)),
        (date(2026, 1, 1), date(2025, 1, 1), date(2026, 1, 1), date(2026, 1, 1)),
    ],
)
def test_the_window_begins_where_it_should_and_ends_after_today(sync_from, watermark, since, gone_from):
    assert fetch_window(sync_from, watermark, TODAY) == (since, date(2026, 11, 23), gone_from)


def test_a_start_date_in_the_future_asks_for_nothing():
    window = fetch_window(date(2027, 1, 1), None, TODAY)
    assert window.since == window.until == date(2027, 1, 1)


def test_two_years_before_a_leap_day_is_a_day_that_exists():
    assert fetch_window(None, None, date(2028, 2, 29)).since == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("watermark", "booked", "newest"),
    [
        (None, [], None),
        (None, [date(2026, 11, 1), date(2026, 10, 1)], date(2026, 11, 1)),
        (date(2026, 11, 5), [date(2026, 11, 1)], date(2026, 11, 5)),  # never back
        (
            date(2026, 11, 5),
            [date(2027, 1, 1)],
            date(2026, 11, 5),
        ),  # a day to come must not skip those before it
    ],
)
def test_the_watermark_comes_from_the_data(watermark, booked, newest):
    assert newest_day(watermark, booked, TODAY) == newest


@pytest.mark.parametrize(
    ("last", "is_due"),
    [
        (None, True),
        (datetime(1970, 1, 1, tzinfo=UTC), True),  # the provider's word for never
        (NOW - timedelta(hours=6), False),
        (NOW - timedelta(hours=6, seconds=1), True),
        (NOW - timedelta(minutes=5), False),
        (datetime(2026, 11, 22, 5), True),  # noqa: DTZ001 - without a zone it is UTC
    ],
)
def test_data_older_than_six_hours_is_due(last, is_due):
    assert due(last, NOW) is is_due
