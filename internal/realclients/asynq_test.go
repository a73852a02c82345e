package realclients

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/hibiken/asynq"
)

// asynq keeps its queues in some 50 scripts: every change of a task's state is one.
func TestAsynq(t *testing.T) {
	t.Parallel()
	each(t,
		section{"jobs", asynqJobs},
		section{"order", asynqOrder},
		section{"retries", asynqRetries},
		section{"schedule", asynqSchedule},
		section{"unique", asynqUnique},
		section{"groups", asynqGroups},
		section{"inspector", asynqInspector},
		section{"pause", asynqPause},
		section{"cancel", asynqCancel},
		section{"shutdown", asynqShutdown},
		section{"periodic", asynqPeriodic},
	)
}

// asynqUser is who enqueues tasks in a queue, and looks after them.
type asynqUser struct {
	connection asynq.RedisClientOpt
	queue      string
	client     *asynq.Client
	*asynq.Inspector
}

func useAsynq(t *testing.T, s *server, queue string) *asynqUser {
	u := &asynqUser{connection: asynq.RedisClientOpt{Addr: s.addr, ReadTimeout: giveUp}, queue: queue}
	u.client = asynq.NewClient(u.connection)
	t.Cleanup(func() { u.client.Close() })
	u.Inspector = asynq.NewInspector(u.connection)
	t.Cleanup(func() { u.Close() })
	return u
}

func (u *asynqUser) enqueue(t *testing.T, payload string, options ...asynq.Option) *asynq.TaskInfo {
	t.Helper()
	info, err := u.client.EnqueueContext(t.Context(), asynq.NewTask("work", []byte(payload)), append(options, asynq.Queue(u.queue))...)
	try(t, "enqueueing", err)
	return info
}

// work lets workers do the tasks of the queue, and returns how to end them. They look for tasks as often as they can, for
// their defaults are seconds, and try again at once.
func (u *asynqUser) work(t *testing.T, handler asynq.HandlerFunc, changes ...func(*asynq.Config)) (end func()) {
	t.Helper()
	config := asynq.Config{
		Concurrency:              4,
		Queues:                   map[string]int{u.queue: 1},
		TaskCheckInterval:        short,
		DelayedTaskCheckInterval: short,
		JanitorInterval:          short,
		RetryDelayFunc:           func(int, error, *asynq.Task) time.Duration { return 0 },
		Logger:                   complaints{t},
	}
	for _, change := range changes {
		change(&config)
	}
	workers := asynq.NewServer(u.connection, config)
	try(t, "starting workers", workers.Start(handler))
	t.Cleanup(workers.Shutdown)
	return workers.Shutdown
}

// complaints is a log in which an error, such as a script that fails, fails the test.
type complaints struct{ t *testing.T }

func (complaints) Debug(...any)       {}
func (complaints) Info(...any)        {}
func (complaints) Warn(...any)        {}
func (c complaints) Error(all ...any) { c.t.Error(all...) }
func (c complaints) Fatal(all ...any) { c.t.Error(all...) }

// info returns what is known of a task, and its state; 0 if there is no such task.
func (u *asynqUser) info(t *testing.T, id string) (*asynq.TaskInfo, asynq.TaskState) {
	t.Helper()
	info, err := u.GetTaskInfo(u.queue, id)
	if errors.Is(err, asynq.ErrTaskNotFound) {
		return nil, 0
	}
	try(t, "GetTaskInfo", err)
	return info, info.State
}

func (u *asynqUser) await(t *testing.T, id string, want asynq.TaskState) *asynq.TaskInfo {
	t.Helper()
	await(t, fmt.Sprint("the task is in state ", want), func() bool { _, state := u.info(t, id); return state == want })
	info, _ := u.info(t, id)
	return info
}

// counts returns how many tasks of the queue are in each state.
func (u *asynqUser) counts(t *testing.T) string {
	t.Helper()
	q, err := u.GetQueueInfo(u.queue)
	try(t, "GetQueueInfo", err)
	return fmt.Sprintf("pending %d, active %d, scheduled %d, retry %d, archived %d, completed %d, aggregating %d",
		q.Pending, q.Active, q.Scheduled, q.Retry, q.Archived, q.Completed, q.Aggregating)
}

func asynqJobs(t *testing.T, s *server) {
	const n = 100
	u := useAsynq(t, s, "jobs")
	var ids [n]string
	for i := range n {
		ids[i] = u.enqueue(t, strconv.Itoa(i), asynq.Retention(time.Hour)).ID
	}
	short := u.enqueue(t, "1", asynq.Retention(time.Second)).ID
	none := u.enqueue(t, "2").ID
	check(t, "the queue", u.counts(t), "pending 102, active 0, scheduled 0, retry 0, archived 0, completed 0, aggregating 0")
	u.work(t, func(_ context.Context, task *asynq.Task) error {
		v, err := strconv.Atoi(string(task.Payload()))
		fmt.Fprint(task.ResultWriter(), 2*v)
		return err
	})
	for i, id := range ids {
		if info := u.await(t, id, asynq.TaskStateCompleted); string(info.Result) != strconv.Itoa(2*i) {
			t.Errorf("task %d has the result %q", i, info.Result)
		}
	}
	u.await(t, none, 0)
	u.await(t, short, 0)
	check(t, "the queue", u.counts(t), "pending 0, active 0, scheduled 0, retry 0, archived 0, completed 100, aggregating 0")
	q, err := u.GetQueueInfo(u.queue)
	try(t, "GetQueueInfo", err)
	check(t, "processed and failed", [2]int{q.ProcessedTotal, q.FailedTotal}, [2]int{n + 2, 0})
}

// A worker takes what came first, and the more urgent queue before the other.
func asynqOrder(t *testing.T, s *server) {
	low, high := useAsynq(t, s, "low"), useAsynq(t, s, "high")
	for i := range 3 {
		low.enqueue(t, fmt.Sprint("low ", i))
		high.enqueue(t, fmt.Sprint("high ", i))
	}
	done := make(chan string, 6)
	low.work(t, func(_ context.Context, task *asynq.Task) error {
		done <- string(task.Payload())
		return nil
	}, func(c *asynq.Config) {
		c.Concurrency, c.StrictPriority, c.Queues = 1, true, map[string]int{"high": 2, "low": 1}
	})
	for _, want := range []string{"high 0", "high 1", "high 2", "low 0", "low 1", "low 2"} {
		check(t, "a task", receive(t, "a task", done), want)
	}
}

func asynqRetries(t *testing.T, s *server) {
	u := useAsynq(t, s, "retries")
	third := u.enqueue(t, "third", asynq.Retention(time.Hour)).ID
	never := u.enqueue(t, "never", asynq.MaxRetry(2), asynq.Retention(time.Hour)).ID
	hopeless := u.enqueue(t, "hopeless").ID
	end := u.work(t, func(ctx context.Context, task *asynq.Task) error {
		attempt, _ := asynq.GetRetryCount(ctx)
		switch payload := string(task.Payload()); {
		case payload == "third" && attempt == 2:
			return nil
		case payload == "hopeless":
			return fmt.Errorf("no use: %w", asynq.SkipRetry)
		default:
			return fmt.Errorf("%s fails, attempt %d", payload, attempt)
		}
	})
	info := u.await(t, third, asynq.TaskStateCompleted)
	check(t, "retries", info.Retried, 2)
	check(t, "the last error", info.LastErr, "third fails, attempt 1")
	info = u.await(t, never, asynq.TaskStateArchived)
	check(t, "retries", info.Retried, 2)
	check(t, "the last error", info.LastErr, "never fails, attempt 2")
	info = u.await(t, hopeless, asynq.TaskStateArchived)
	check(t, "retries", info.Retried, 0)
	q, err := u.GetQueueInfo(u.queue)
	try(t, "GetQueueInfo", err)
	check(t, "processed and failed", [2]int{q.ProcessedTotal, q.FailedTotal}, [2]int{7, 6})
	end()

	n, err := u.RunAllArchivedTasks(u.queue)
	try(t, "RunAllArchivedTasks", err)
	check(t, "tasks that run again", n, 2)
	u.work(t, func(context.Context, *asynq.Task) error { return nil })
	u.await(t, never, asynq.TaskStateCompleted)
	u.await(t, hopeless, 0)
}

func asynqSchedule(t *testing.T, s *server) {
	u := useAsynq(t, s, "schedule")
	later := u.enqueue(t, "later", asynq.ProcessIn(time.Hour))
	soon := u.enqueue(t, "soon", asynq.ProcessIn(time.Second))
	list, err := u.ListScheduledTasks(u.queue)
	try(t, "ListScheduledTasks", err)
	check(t, "what is scheduled", []string{list[0].ID, list[1].ID}, []string{soon.ID, later.ID})

	done := make(chan string, 2)
	u.work(t, func(_ context.Context, task *asynq.Task) error {
		done <- string(task.Payload())
		return nil
	})
	check(t, "a task", receive(t, "a task", done), "soon")
	if now := time.Now(); now.Unix() < soon.NextProcessAt.Unix() { // it counts in seconds
		t.Errorf("at %v what was for %v is done", now, soon.NextProcessAt)
	}
	u.await(t, later.ID, asynq.TaskStateScheduled)
	try(t, "UpdateTaskPayload", u.UpdateTaskPayload(u.queue, later.ID, []byte("changed")))
	try(t, "RunTask", u.RunTask(u.queue, later.ID))
	check(t, "a task", receive(t, "a task", done), "changed")
	u.await(t, later.ID, 0)
}

func asynqUnique(t *testing.T, s *server) {
	u := useAsynq(t, s, "unique")
	twice := func(want error, options ...asynq.Option) {
		t.Helper()
		_, err := u.client.Enqueue(asynq.NewTask("work", []byte("same")), append(options, asynq.Queue(u.queue))...)
		if !errors.Is(err, want) {
			t.Errorf("a second of its kind: %v, not %v", err, want)
		}
	}
	u.enqueue(t, "named", asynq.TaskID("name"))
	twice(asynq.ErrTaskIDConflict, asynq.TaskID("name"))
	first := u.enqueue(t, "same", asynq.Unique(time.Hour)).ID
	twice(asynq.ErrDuplicateTask, asynq.Unique(time.Hour))
	twice(asynq.ErrDuplicateTask, asynq.Unique(time.Hour), asynq.ProcessIn(time.Hour))
	twice(asynq.ErrDuplicateTask, asynq.Unique(time.Hour), asynq.Group("group"))
	u.enqueue(t, "another", asynq.Unique(time.Hour))
	try(t, "DeleteTask", u.DeleteTask(u.queue, first))
	second := u.enqueue(t, "same", asynq.Unique(time.Hour), asynq.Retention(time.Hour)).ID
	twice(asynq.ErrDuplicateTask, asynq.Unique(time.Hour))

	end := u.work(t, func(context.Context, *asynq.Task) error { return nil })
	u.await(t, second, asynq.TaskStateCompleted)
	end()
	u.enqueue(t, "same", asynq.Unique(time.Second)) // the one that is done does not count any more
	await(t, "its time is over", func() bool {
		_, err := u.client.Enqueue(asynq.NewTask("work", []byte("same")), asynq.Unique(time.Hour), asynq.Queue(u.queue))
		if err != nil && !errors.Is(err, asynq.ErrDuplicateTask) {
			t.Error(err)
		}
		return err == nil
	})
}

// Tasks of a group become one, when there are enough of them or no more come.
func asynqGroups(t *testing.T, s *server) {
	u := useAsynq(t, s, "groups")
	for _, id := range []string{"1", "2", "3", "4"} {
		u.enqueue(t, "task "+id, asynq.Group("group"), asynq.TaskID(id))
	}
	groups, err := u.Groups(u.queue)
	try(t, "Groups", err)
	check(t, "groups", []asynq.GroupInfo{*groups[0]}, []asynq.GroupInfo{{Group: "group", Size: 4}})
	check(t, "the queue", u.counts(t), "pending 0, active 0, scheduled 0, retry 0, archived 0, completed 0, aggregating 4")
	join := func(group string, tasks []*asynq.Task) *asynq.Task {
		payload := group + " of"
		for _, task := range tasks {
			payload += " " + string(task.Payload())
		}
		return asynq.NewTask("joined", []byte(payload))
	}
	done := make(chan string, 4)
	u.work(t, func(_ context.Context, task *asynq.Task) error {
		done <- string(task.Payload())
		return nil
	}, func(c *asynq.Config) {
		c.GroupAggregator, c.GroupMaxSize, c.GroupGracePeriod = asynq.GroupAggregatorFunc(join), 3, time.Second // the least it allows
	})
	joined := []string{receive(t, "a task", done), receive(t, "a task", done)}
	slices.Sort(joined) // the workers are several
	check(t, "the tasks", joined, []string{"group of task 1 task 2 task 3", "group of task 4"})
	await(t, "nothing is left", func() bool {
		return u.counts(t) == "pending 0, active 0, scheduled 0, retry 0, archived 0, completed 0, aggregating 0"
	})
}

func asynqInspector(t *testing.T, s *server) {
	u := useAsynq(t, s, "inspector")
	var ids []string
	for i := range 5 {
		ids = append(ids, u.enqueue(t, fmt.Sprint("task ", i)).ID)
	}
	later := u.enqueue(t, "later", asynq.ProcessIn(time.Hour)).ID
	grouped := u.enqueue(t, "grouped", asynq.Group("group")).ID
	u.enqueue(t, "grouped", asynq.Group("group"))
	check(t, "the queue", u.counts(t), "pending 5, active 0, scheduled 1, retry 0, archived 0, completed 0, aggregating 2")
	q, err := u.GetQueueInfo(u.queue)
	try(t, "GetQueueInfo", err)
	if q.MemoryUsage < 8*100 || q.MemoryUsage > 8*10000 || q.Latency <= 0 {
		t.Errorf("the queue takes %d bytes and waits for %v", q.MemoryUsage, q.Latency)
	}
	queues, err := u.Queues()
	try(t, "Queues", err)
	if !slices.Contains(queues, u.queue) {
		t.Errorf("the queues are %v", queues)
	}
	page, err := u.ListPendingTasks(u.queue, asynq.PageSize(2), asynq.Page(2))
	try(t, "ListPendingTasks", err)
	check(t, "the second page", []string{string(page[0].Payload), string(page[1].Payload)}, []string{"task 2", "task 3"})

	counted := func(what string, f func(string) (int, error), want int, then string) {
		t.Helper()
		n, err := f(u.queue)
		try(t, what, err)
		check(t, what, n, want)
		check(t, "after "+what, u.counts(t), then+", completed 0, aggregating 1")
	}
	try(t, "ArchiveTask", u.ArchiveTask(u.queue, ids[0]))
	try(t, "ArchiveTask", u.ArchiveTask(u.queue, later))
	try(t, "ArchiveTask", u.ArchiveTask(u.queue, grouped))
	counted("ArchiveAllPendingTasks", u.ArchiveAllPendingTasks, 4, "pending 0, active 0, scheduled 0, retry 0, archived 7")
	counted("RunAllArchivedTasks", u.RunAllArchivedTasks, 7, "pending 7, active 0, scheduled 0, retry 0, archived 0")
	try(t, "DeleteTask", u.DeleteTask(u.queue, ids[1]))
	if err := u.DeleteTask(u.queue, ids[1]); !errors.Is(err, asynq.ErrTaskNotFound) {
		t.Errorf("deleting a task again: %v", err)
	}
	if err := u.DeleteQueue(u.queue, false); !errors.Is(err, asynq.ErrQueueNotEmpty) {
		t.Errorf("deleting a queue with tasks: %v", err)
	}
	counted("DeleteAllPendingTasks", u.DeleteAllPendingTasks, 6, "pending 0, active 0, scheduled 0, retry 0, archived 0")
	n, err := u.RunAllAggregatingTasks(u.queue, "group")
	try(t, "RunAllAggregatingTasks", err)
	check(t, "tasks of the group", n, 1)
	try(t, "DeleteQueue", u.DeleteQueue(u.queue, true))
	if _, err := u.GetQueueInfo(u.queue); err == nil {
		t.Error("a queue is still there that was deleted")
	}
}

// Workers leave a queue alone that is paused, however urgent.
func asynqPause(t *testing.T, s *server) {
	urgent, other := useAsynq(t, s, "urgent"), useAsynq(t, s, "other")
	waiting := urgent.enqueue(t, "waiting").ID
	other.enqueue(t, "going on")
	try(t, "PauseQueue", urgent.PauseQueue(urgent.queue))
	done := make(chan string, 2)
	other.work(t, func(_ context.Context, task *asynq.Task) error {
		done <- string(task.Payload())
		return nil
	}, func(c *asynq.Config) {
		c.Concurrency, c.StrictPriority, c.Queues = 1, true, map[string]int{"urgent": 2, "other": 1}
	})
	check(t, "a task", receive(t, "a task", done), "going on")
	urgent.await(t, waiting, asynq.TaskStatePending)
	try(t, "UnpauseQueue", urgent.UnpauseQueue(urgent.queue))
	check(t, "a task", receive(t, "a task", done), "waiting")
}

func asynqCancel(t *testing.T, s *server) {
	u := useAsynq(t, s, "cancel")
	id := u.enqueue(t, "endless", asynq.MaxRetry(0)).ID
	u.work(t, func(ctx context.Context, _ *asynq.Task) error {
		<-ctx.Done()
		return ctx.Err()
	})
	u.await(t, id, asynq.TaskStateActive)
	await(t, "the workers subscribe", func() bool { return must(t, s.admin.PubSubNumSub(t.Context(), "asynq:cancel"))["asynq:cancel"] == 1 })
	await(t, "the worker is known with its task", func() bool { // they say so every five seconds
		all, err := u.Servers()
		try(t, "Servers", err)
		return len(all) == 1 && len(all[0].ActiveWorkers) == 1 && all[0].ActiveWorkers[0].TaskID == id
	})
	try(t, "CancelProcessing", u.CancelProcessing(id))
	check(t, "the last error", u.await(t, id, asynq.TaskStateArchived).LastErr, context.Canceled.Error())
}

// What a worker does not end in time it gives back.
func asynqShutdown(t *testing.T, s *server) {
	u := useAsynq(t, s, "shutdown")
	id := u.enqueue(t, "long").ID
	goOn := make(chan struct{})
	end := u.work(t, func(context.Context, *asynq.Task) error { <-goOn; return nil }, func(c *asynq.Config) { c.ShutdownTimeout = 1 })
	u.await(t, id, asynq.TaskStateActive)
	end()
	close(goOn)
	u.await(t, id, asynq.TaskStatePending)
	done := make(chan string, 1)
	u.work(t, func(_ context.Context, task *asynq.Task) error { done <- string(task.Payload()); return nil })
	check(t, "a task", receive(t, "a task", done), "long")
	u.await(t, id, 0)
}

func asynqPeriodic(t *testing.T, s *server) {
	u := useAsynq(t, s, "periodic")
	scheduler := asynq.NewScheduler(u.connection, &asynq.SchedulerOpts{HeartbeatInterval: time.Second, Logger: complaints{t}})
	entry, err := scheduler.Register("@every 1s", asynq.NewTask("tick", nil), asynq.Queue(u.queue))
	try(t, "Register", err)
	try(t, "Start", scheduler.Start())
	t.Cleanup(scheduler.Shutdown)
	done := make(chan string, 100)
	u.work(t, func(_ context.Context, task *asynq.Task) error { done <- task.Type(); return nil })
	for range 2 {
		check(t, "a task", receive(t, "a task", done), "tick")
	}
	await(t, "the entry is known", func() bool {
		all, err := u.SchedulerEntries()
		try(t, "SchedulerEntries", err)
		return len(all) == 1 && all[0].ID == entry && all[0].Spec == "@every 1s" && !all[0].Prev.IsZero()
	})
	await(t, "what the scheduler did is known", func() bool {
		events, err := u.ListSchedulerEnqueueEvents(entry)
		try(t, "ListSchedulerEnqueueEvents", err)
		return len(events) >= 2
	})
	scheduler.Shutdown()
	all, err := u.SchedulerEntries()
	try(t, "SchedulerEntries", err)
	check(t, "entries", len(all), 0)
}
