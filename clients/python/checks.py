"""What the programs of this directory share. Each drives one application as its users do, against the server that REDIS_HOST
and REDIS_PORT name, prints a line per check, and exits with 1 if a check failed. It empties that server."""

import contextlib
import os
import sys
import time
import traceback

import redis

host, port = os.environ.get("REDIS_HOST", "127.0.0.1"), int(os.environ.get("REDIS_PORT", "6379"))
url = "redis://%s:%d" % (host, port)
connection = redis.Redis(host=host, port=port)

_checks = []
_failed = 0


def patience():
    """For how many seconds a check waits for what must come. None passes or fails by how long something took. Once a check
    has failed the rest, which may fail for the same reason, wait for a second only."""
    longest = float(os.environ.get("PATIENCE_MS", "60000")) / 1000
    return min(longest, 1) if _failed else longest


def check(run):
    _checks.append(run)
    return run


def equal(got, want):
    assert got == want, "got %r, want %r" % (got, want)


def until(what, holds):
    """Asks over and over until the answer is true, and returns it."""
    end = time.monotonic() + patience()
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError("still not: " + what)
        time.sleep(0.01)


def main(around=contextlib.nullcontext):
    """Runs all checks in their order, within what around returns."""
    connection.flushall()
    with around():
        _run()
    sys.exit(1 if _failed else 0)


def _run():
    global _failed
    for run in _checks:
        what = run.__name__.replace("_", " ")
        try:
            run()
            print("ok", what, flush=True)
        except Exception:
            _failed += 1
            print("FAILED %s: %s" % (what, traceback.format_exc()), flush=True)
