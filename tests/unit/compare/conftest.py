import datetime as dt

import pytest


@pytest.fixture
def created():
    return dt.datetime(2026, 3, 9, 7, 5, 1)  # noqa: DTZ001  transport files know no time zone
