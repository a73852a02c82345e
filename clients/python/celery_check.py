"""celery, with its defaults: messages by kombu's transport for Redis, results in Redis."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time

import celery
import redis
from celery.exceptions import TaskRevokedError

import celery_tasks as tasks
from checks import check, connection, equal, host, main, patience, port, until, url


@contextlib.contextmanager
def running(*arguments, **environment):
    """Runs one of celery's own programs, and ends it with all that it has started."""
    command = [sys.executable, "-m", "celery", "--app", "celery_tasks", *arguments, "--loglevel", "CRITICAL"]
    environment = {**os.environ, "C_FORCE_ROOT": "1", "PYTHONWARNINGS": "ignore", **environment}
    directory = os.path.dirname(os.path.abspath(__file__))
    program = subprocess.Popen(command, cwd=directory, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        yield program
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def worker(**environment):
    return running("worker", "--concurrency", "2", **environment)


# A database apart, in which a worker soon takes over what another does not finish.
apart = {"CELERY_DATABASE": "1", "CELERY_VISIBILITY": "1"}
other = celery.Celery(broker=url + "/1", backend=url + "/1")
connection_of_other = redis.Redis(host=host, port=port, db=1)


def ask(question, app=tasks.app):
    """Returns what the one worker answers to a question of celery inspect: nothing, if it does not within a second."""
    inspect = app.control.inspect(limit=1)  # without a limit it waits for more answers
    return next(iter((getattr(inspect, question)() or {}).values()), {})


@contextlib.contextmanager
def ready():
    with worker():
        until("the worker is there", lambda: ask("ping"))
        yield


def get(result, **options):
    return result.get(timeout=patience(), **options)


def until_it_is(result, state):
    until("the task is " + state, lambda: result.state == state)


@check
def tasks_and_their_results():
    results = [tasks.add.delay(i, i) for i in range(20)]
    equal([get(result) for result in results], [2 * i for i in range(20)])
    equal({result.state for result in results}, {"SUCCESS"})
    kept = connection.ttl("celery-task-meta-" + results[0].id)
    assert 80000 < kept <= 86400, kept
    results[0].forget()
    equal(results[0].state, "PENDING")
    equal(list(tasks.add.chunks(zip(range(6), range(6)), 3)().get(timeout=patience())), [[0, 2, 4], [6, 8, 10]])


@check
def chains_groups_and_chords():
    equal(get(celery.chain(tasks.add.s(1, 1), tasks.add.s(2), tasks.add.s(3))()), 7)
    group = celery.group(tasks.add.s(i, 1) for i in range(10))()
    equal((get(group), group.completed_count()), (list(range(1, 11)), 10))
    equal(get(celery.chord(tasks.add.s(i, i) for i in range(10))(tasks.total.s())), 90)
    both = celery.chain(celery.group(tasks.add.s(1, 1), tasks.add.s(2, 2)), tasks.total.s(), tasks.add.s(10))
    equal(get(both()), 16)
    broken = celery.chord([tasks.add.s(1, 1), tasks.fail.s()])(tasks.total.s())
    until_it_is(broken, "FAILURE")


@check
def a_task_that_fails():
    failed = tasks.fail.apply_async(link_error=tasks.told.s())
    error = get(failed, propagate=False)
    equal((type(error), str(error), failed.state), (ValueError, "on purpose", "FAILURE"))
    assert "ValueError: on purpose" in failed.traceback, failed.traceback
    until("who was to be told is", lambda: connection.lrange("told", 0, -1) == [b"on purpose"])


@check
def a_task_that_is_retried():
    equal(get(tasks.succeed_at.delay(3)), 3)
    failed = tasks.fail_thrice.delay()
    error = get(failed, propagate=False)
    equal((str(error), failed.state), ("attempt 3", "FAILURE"))


@check
def tasks_for_later():
    sent = time.time()
    later = tasks.forever.apply_async(countdown=3600)
    soon = tasks.now.apply_async(countdown=1)
    ran = get(soon)
    assert ran > sent + 0.9, ran - sent
    until("known", lambda: [task["request"]["id"] for task in ask("scheduled")] == [later.id])
    later.revoke()
    until("revoked", lambda: later.id in ask("revoked"))
    expired = tasks.add.apply_async((1, 1), expires=-1)
    error = get(expired, propagate=False)
    equal((type(error), expired.state), (TaskRevokedError, "REVOKED"))


@check
def a_queue_that_nobody_serves_yet():
    results = [tasks.add.apply_async((i, 1), queue="another") for i in range(5)]
    equal(connection.llen("another"), 5)
    tasks.app.control.add_consumer("another", reply=True, limit=1)
    equal([get(result) for result in results], [1, 2, 3, 4, 5])
    equal(connection.llen("another"), 0)
    tasks.app.control.cancel_consumer("another", reply=True, limit=1)
    tasks.add.apply_async((1, 1), queue="unserved")
    equal(tasks.app.amqp.queues.select_add("unserved").name, "unserved")
    with tasks.app.connection_for_write() as broker:
        equal(broker.default_channel.queue_purge("unserved"), 1)


@check
def a_worker_whose_connections_are_cut():
    until("only what is for later is not done", lambda: connection.hlen("unacked") == 1)
    connection.client_kill_filter(_type="pubsub", skipme=True)
    connection.client_kill_filter(_type="normal", skipme=True)
    equal(get(tasks.add.delay(1, 2)), 3)
    until("it listens again", listens)


def listens():
    with contextlib.suppress(redis.ConnectionError):  # our own connections were cut, too
        return ask("ping")


@check
def tasks_that_exclude_each_other():
    equal(get(celery.group(tasks.alone.s() for _ in range(20))()), [0] * 20)
    equal((connection.get("number"), connection.exists("lock")), (b"20", 0))


@check
def a_clock_that_ticks():
    with tempfile.TemporaryDirectory() as directory:
        with running("beat", "--schedule", directory + "/schedule", "--pidfile", ""):
            until("two ticks", lambda: int(connection.get("ticks") or 0) >= 2)


@check
def a_worker_that_dies():
    """What it did not finish, another does, which takes it from a sorted set under a lock."""
    with worker(**apart):
        survivor = other.send_task("celery_tasks.survive")
        until("it runs", lambda: connection_of_other.get("survivals") == b"1")
    equal(connection_of_other.hlen("unacked"), 1)
    ((_, taken),) = connection_of_other.zrange("unacked_index", 0, -1, withscores=True)
    until("it is late", lambda: time.time() > taken + 1)
    with worker(**apart):
        equal(get(survivor), 2)
        until("nothing is left", lambda: not connection_of_other.exists("unacked", "unacked_index", "unacked_mutex"))
        a_task_is_terminated()


def a_task_is_terminated():
    """The process that replaces the one that is ended inherits copies of the worker's connections. If those were cut
    afterwards the worker would die of it."""
    endless = other.send_task("celery_tasks.forever")
    until("it runs", lambda: endless.id in [task["id"] for task in ask("active", other)])
    endless.revoke(terminate=True)
    until_it_is(endless, "REVOKED")
    equal(get(other.send_task("celery_tasks.add", (3, 4))), 7)


if __name__ == "__main__":
    main(ready)
