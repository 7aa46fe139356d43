import logging
import re

from gatewright.app.log import OneLineFormatter


def test_a_record_is_one_line_also_with_a_traceback():
    try:
        int("two\nlines")
    except ValueError as error:
        record = logging.LogRecord(
            "gatewright.x",
            logging.ERROR,
            __file__,
            1,
            "it %s",
            ("fai\nled",),
            (type(error), error, error.__traceback__),
        )
    line = OneLineFormatter("worker-1").format(record)
    assert re.match(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ERROR worker-1\[\d+\] gatewright\.x: it fai \| led \| ", line
    )
    assert line.endswith(r"ValueError: invalid literal for int() with base 10: 'two\nlines'")
    assert 1 == len(line.splitlines())
