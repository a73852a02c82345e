"""What the workers of rq_check.py do."""

import time

from rq import get_current_job


def add(a, b):
    return a + b


def fail():
    raise ValueError("on purpose")


def succeed_at(attempt):
    """Fails until it is run for the given time."""
    job = get_current_job()
    n = job.connection.incr("attempts:" + job.id)
    if n < attempt:
        raise ValueError("attempt %d" % n)
    return n


def progress():
    job = get_current_job()
    job.meta["progress"] = 100
    job.save_meta()


def forever():
    time.sleep(3600)


def told(job, connection, result, *args):
    connection.rpush("told", result)
