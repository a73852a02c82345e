"""rq, with its defaults."""

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

from rq import Queue, Retry, Worker
from rq.command import send_shutdown_command, send_stop_job_command
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry, StartedJobRegistry
from rq.results import Result

import rq_jobs as jobs
from checks import check, connection, equal, main, patience, until, url

queue = Queue(connection=connection)


def work(**options):
    """Lets a worker do what there is to do."""
    Worker([queue], connection=connection).work(burst=True, logging_level="CRITICAL", **options)


@check
def jobs_and_their_results():
    done = [queue.enqueue(jobs.add, i, i) for i in range(10)]
    equal(len(queue), 10)
    equal(queue.job_ids, [job.id for job in done])
    work()
    equal([job.result for job in done], [2 * i for i in range(10)])
    equal({job.get_status(refresh=True) for job in done}, {JobStatus.FINISHED})
    equal(set(FinishedJobRegistry(queue=queue).get_job_ids()), {job.id for job in done})
    equal(len(queue), 0)


@check
def a_result_has_a_time_to_live():
    job = queue.enqueue(jobs.add, "a", "b", result_ttl=1000)
    gone = queue.enqueue(jobs.add, 1, 2, result_ttl=1)
    work()
    ttl = connection.ttl(job.key)
    assert 900 < ttl <= 1000, ttl
    equal(Result.fetch_latest(job).return_value, "ab")
    until("gone", lambda: not Job.exists(gone.id, connection=connection))


@check
def many_jobs_at_once():
    made = queue.enqueue_many([Queue.prepare_data(jobs.add, (i, 1)) for i in range(50)])
    equal(len(made), 50)
    work(max_jobs=10)
    equal(len(queue), 40)
    for job in Job.fetch_many(queue.job_ids, connection=connection):
        job.delete()
    equal(len(queue), 0)


@check
def queues_that_are_emptied_and_deleted():
    kept = Queue("kept", connection=connection)
    first, later = kept.enqueue(jobs.add, 1, 1), kept.enqueue_in(timedelta(hours=1), jobs.add, 2, 2)
    gone = [queue.enqueue(jobs.add, i, i) for i in range(10)]
    equal((queue.empty(), queue.empty()), (10, 0))
    equal([Job.exists(job.id, connection=connection) for job in gone], [False] * 10)
    equal((len(kept), Job.exists(later.id, connection=connection)), (1, True))
    kept.delete()
    equal((Job.exists(first.id, connection=connection), "kept" in [one.name for one in Queue.all(connection=connection)]), (False, False))
    later.delete()


@check
def a_job_at_the_front():
    behind, front = queue.enqueue(jobs.add, 1, 1), queue.enqueue(jobs.add, 2, 2, at_front=True)
    equal(queue.job_ids, [front.id, behind.id])
    work()


@check
def a_job_that_fails():
    job = queue.enqueue(jobs.fail)
    work()
    equal(job.get_status(), JobStatus.FAILED)
    assert "ValueError: on purpose" in job.exc_info, job.exc_info
    equal(job.latest_result().type, Result.Type.FAILED)
    failed = FailedJobRegistry(queue=queue)
    equal(failed.get_job_ids(), [job.id])
    failed.requeue(job)
    equal((failed.count, queue.job_ids), (0, [job.id]))
    work()
    equal(failed.get_job_ids(), [job.id])
    equal(len(job.results()), 2)


@check
def a_job_that_succeeds_when_it_is_retried():
    job = queue.enqueue(jobs.succeed_at, 3, retry=Retry(max=3))
    work()
    equal((job.get_status(), job.result), (JobStatus.FINISHED, 3))


@check
def a_job_that_is_retried_later():
    job = queue.enqueue(jobs.succeed_at, 2, retry=Retry(max=1, interval=1))
    work()
    equal(job.get_status(), JobStatus.SCHEDULED)
    equal(ScheduledJobRegistry(queue=queue).get_job_ids(), [job.id])
    retried = lambda: work(with_scheduler=True) or job.get_status() == JobStatus.FINISHED
    until("retried", retried)
    equal(job.result, 2)


@check
def jobs_for_later():
    now = datetime.now(timezone.utc)
    due = queue.enqueue_at(now - timedelta(seconds=1), jobs.add, 1, 2)
    later = queue.enqueue_in(timedelta(hours=1), jobs.add, 3, 4)
    registry = ScheduledJobRegistry(queue=queue)
    equal(registry.get_job_ids(), [due.id, later.id])
    assert registry.get_scheduled_time(later) > now
    work(with_scheduler=True)
    equal((due.result, later.result), (3, None))
    equal(registry.get_job_ids(), [later.id])
    later.cancel()
    equal((later.get_status(), registry.count), (JobStatus.CANCELED, 0))


@check
def a_job_that_waits_for_others():
    first, second = queue.enqueue(jobs.add, 1, 1), queue.enqueue(jobs.add, 2, 2)
    last = queue.enqueue(jobs.add, 3, 3, depends_on=[first, second])
    equal(last.get_status(), JobStatus.DEFERRED)
    equal({job.id for job in last.fetch_dependencies()}, {first.id, second.id})
    work()
    equal((last.get_status(), last.result), (JobStatus.FINISHED, 6))


@check
def callbacks_and_notes():
    connection.delete("told")
    queue.enqueue(jobs.add, 5, 6, on_success=jobs.told)
    noted = queue.enqueue(jobs.progress)
    work()
    equal(connection.lrange("told", 0, -1), [b"11"])
    equal(noted.get_meta(refresh=True), {"progress": 100})


@check
def a_worker_that_waits_for_jobs():
    command = [sys.executable, "-c", "from rq.cli import main; main()", "worker", "--url", url, "--name", "waiting", "--quiet"]
    worker = subprocess.Popen(command, cwd=os.path.dirname(os.path.abspath(__file__)))
    try:
        until("waiting", lambda: connection.info("clients")["blocked_clients"] == 1)
        equal([(one.name, one.get_state()) for one in Worker.all(connection=connection)], [("waiting", "idle")])
        job = queue.enqueue(jobs.add, 7, 8)
        until("done", lambda: job.get_status() == JobStatus.FINISHED)
        equal(job.result, 15)

        endless = queue.enqueue(jobs.forever)
        until("started", lambda: endless.get_status() == JobStatus.STARTED and endless.id in StartedJobRegistry(queue=queue))
        send_stop_job_command(connection, endless.id)
        until("stopped", lambda: endless.get_status() == JobStatus.STOPPED)

        until("waiting again", lambda: connection.info("clients")["blocked_clients"] == 1)
        for client in connection.client_list():
            if client["cmd"] == "blpop":
                connection.client_kill_filter(_id=client["id"])
        job = queue.enqueue(jobs.add, 9, 10)
        until("done by another connection", lambda: job.get_status() == JobStatus.FINISHED)

        until("listening", lambda: connection.pubsub_numsub("rq:pubsub:waiting") == [(b"rq:pubsub:waiting", 1)])
        send_shutdown_command(connection, "waiting")
        equal(worker.wait(patience()), 0)
        equal(Worker.all(connection=connection), [])
    finally:
        worker.kill()
        worker.wait()


if __name__ == "__main__":
    main()
