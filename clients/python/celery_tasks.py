"""What the workers of celery_check.py do, and the application that they belong to."""

import os
import time

from celery import Celery

from checks import url

database = url + "/" + os.environ.get("CELERY_DATABASE", "0")
app = Celery("celery_tasks", broker=database, backend=database)
# When a task is given to another worker that one took and did not finish. Celery's own choice is an hour.
app.conf.broker_transport_options = {"visibility_timeout": int(os.environ.get("CELERY_VISIBILITY", "3600"))}
app.conf.beat_schedule = {"tick": {"task": "celery_tasks.tick", "schedule": 1}}


def server():
    return app.backend.client


@app.task
def add(a, b):
    return a + b


@app.task
def total(numbers):
    return sum(numbers)


@app.task
def fail():
    raise ValueError("on purpose")


@app.task
def note(key, what):
    server().rpush(key, what)


@app.task
def told(request, error, trace):
    note("told", str(error))


@app.task(bind=True, max_retries=3)
def succeed_at(self, attempt):
    """Fails until it is run for the given time."""
    if self.request.retries + 1 < attempt:
        raise self.retry(countdown=0, exc=ValueError("attempt %d" % (self.request.retries + 1)))
    return self.request.retries + 1


@app.task(autoretry_for=(ValueError,), default_retry_delay=0, max_retries=2)
def fail_thrice():
    raise ValueError("attempt %d" % server().incr("attempts"))


@app.task
def now():
    return time.time()


@app.task
def forever():
    time.sleep(3600)


@app.task
def alone():
    """Adds to a number by reading it and writing it back, under a lock."""
    with server().lock("lock", timeout=600, sleep=0.001):
        n = int(server().get("number") or 0)
        others = server().incr("inside") - 1
        server().set("number", n + 1)
        server().decr("inside")
    return others


@app.task(acks_late=True)
def survive():
    """Does not end the first time."""
    attempt = server().incr("survivals")
    if attempt == 1:
        time.sleep(3600)
    return attempt


@app.task
def tick():
    server().incr("ticks")
