"""celery, with its defaults: messages by kombu's transport for Redis, results in Redis."""

import contextlib
import functools
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
from checks import check, connection, equal, host, main, patience, port, until

inspect = functools.partial(tasks.app.control.inspect, limit=1)  # there is one worker; without a limit they wait for more


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


def worker(*arguments, **environment):
    return running("worker", "--concurrency", "2", "--without-gossip", *arguments, **environment)


def ping():
    try:
        return tasks.app.control.ping(limit=1)
    except redis.ConnectionError:  # one of our own connections was cut, too
        return None


@contextlib.contextmanager
def ready():
    with worker():
        until("the worker is there", ping)
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
    (scheduled,) = until("known", inspect().scheduled).values()
    equal([one["request"]["id"] for one in scheduled], [later.id])
    later.revoke()
    until("revoked", lambda: later.id in next(iter(inspect().revoked().values())))
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
def a_task_that_is_terminated():
    endless = tasks.forever.delay()
    until("it runs", lambda: endless.id in [task["id"] for task in next(iter(inspect().active().values()))])
    endless.revoke(terminate=True)
    until_it_is(endless, "REVOKED")
    equal(get(tasks.add.delay(3, 4)), 7)


@check
def tasks_that_exclude_each_other():
    equal(get(celery.group(tasks.alone.s() for _ in range(20))()), [0] * 20)
    equal((connection.get("number"), connection.exists("lock")), (b"20", 0))


@check
def a_worker_whose_connections_are_cut():
    until("only what is for later is not done", lambda: connection.hlen("unacked") == 1)
    connection.client_kill_filter(_type="pubsub", skipme=True)
    connection.client_kill_filter(_type="normal", skipme=True)
    equal(get(tasks.add.delay(1, 2)), 3)
    until("it listens again", ping)


@check
def a_clock_that_ticks():
    with tempfile.TemporaryDirectory() as directory:
        with running("beat", "--schedule", directory + "/schedule", "--pidfile", ""):
            until("two ticks", lambda: int(connection.get("ticks") or 0) >= 2)


@check
def a_worker_that_dies():
    """What it did not finish, another does, which takes it from a sorted set under a lock."""
    settings = {"CELERY_DATABASE": "1", "CELERY_VISIBILITY": "1"}
    other = redis.Redis(host=host, port=port, db=1)
    app = celery.Celery(broker=tasks.database[:-1] + "1", backend=tasks.database[:-1] + "1")
    with worker(**settings):
        survivor = app.send_task("celery_tasks.survive")
        until("it runs", lambda: other.get("survivals") == b"1")
    equal(other.hlen("unacked"), 1)
    ((_, taken),) = other.zrange("unacked_index", 0, -1, withscores=True)
    until("it is late", lambda: time.time() > taken + 1)
    with worker(**settings):
        equal(get(survivor), 2)
        until("nothing is left", lambda: not other.exists("unacked", "unacked_index", "unacked_mutex"))


if __name__ == "__main__":
    main(ready)
