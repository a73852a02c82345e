# Sidekiq, with its defaults: what is due it takes from a sorted set by a script.

require_relative "checks"
require_relative "sidekiq_jobs"
require "sidekiq/api"
require "rbconfig"

LATER = 3600

# Runs Sidekiq's own program while the block runs.
def sidekiq(*arguments)
  command = [RbConfig.ruby, "/usr/bin/sidekiq", "--require", "./sidekiq_jobs.rb", *arguments]
  pid = Process.spawn(*command, chdir: __dir__, out: File::NULL, err: File::NULL)
  wait_until("it is known") { Sidekiq::ProcessSet.new.any? { |process| process["pid"] == pid } }
  yield pid
ensure
  begin
    Process.kill("KILL", pid)
    Process.wait(pid)
  rescue Errno::ESRCH, Errno::ECHILD # it has ended
  end
end

def noted(key)
  SERVER.lrange(key, 0, -1)
end

def check_queues
  Checks.run("queues") do
    ids = (1..3).map { |i| Note.perform_async("order", "default #{i}") }
    3.times { |i| Urgent.perform_async("order", "critical #{i + 1}") }
    queue = Sidekiq::Queue.new
    equal(queue.size, 3)
    equal(queue.map(&:jid), ids.reverse)
    equal(Sidekiq::Queue.all.map(&:name), %w[critical default])
    queue.find_job(ids[1]).delete
    equal(Sidekiq::Queue.new.map(&:jid), [ids[2], ids[0]])
    sidekiq("--concurrency", "1", "--queue", "critical", "--queue", "default") do
      wait_until("done") { noted("order").size == 5 }
    end
    equal(noted("order"), ["critical 1", "critical 2", "critical 3", "default 1", "default 3"])
    2.times { Note.perform_async("order", "never") }
    queue.clear
    equal([queue.size, Sidekiq::Queue.all.map(&:name).include?("default")], [0, false])
  end
end

def check_many
  Checks.run("many jobs at once") do
    Note.perform_bulk((1..100).map { |i| ["many", i] })
    20.times { |i| Note.perform_async("many", 101 + i) }
    wait_until("done") { noted("many").size == 120 }
    equal(noted("many").map(&:to_i).sort, (1..120).to_a)
    wait_until("counted") { Sidekiq::Stats.new.processed >= 120 } # they say so every five seconds
    equal(Sidekiq::Stats.new.failed, 0)
  end
end

def check_schedule
  Checks.run("jobs for later") do
    later = Note.perform_in(LATER, "scheduled", "later")
    due = Time.now.to_f + 1
    Note.perform_at(due, "scheduled", "soon")
    wait_until("done") { noted("scheduled") == ["soon"] }
    raise "too early" if Time.now.to_f < due
    scheduled = Sidekiq::ScheduledSet.new
    equal(scheduled.map(&:jid), [later])
    SERVER.script(:flush) # they load their script again
    scheduled.find_job(later).reschedule(Time.now)
    wait_until("done") { noted("scheduled") == %w[soon later] }
    equal(scheduled.size, 0)
    scheduled.find_job(Note.perform_in(LATER, "scheduled", "never")).delete
    scheduled.find_job(Note.perform_in(LATER, "scheduled", "by hand")).add_to_queue
    wait_until("done") { noted("scheduled") == ["soon", "later", "by hand"] }
  end
end

def check_retries
  Checks.run("jobs that fail") do
    SucceedAt.perform_async(3)
    retries = Sidekiq::RetrySet.new
    entry = wait_until("it failed") { retries.first }
    equal([entry["error_class"], entry["error_message"], entry["retry_count"]], ["RuntimeError", "attempt 1", 0])
    raise "it is retried at #{entry.at}" unless entry.at > Time.now + LATER / 2
    entry.retry
    entry = wait_until("it failed again") { retries.first }
    equal([entry["error_message"], entry["retry_count"]], ["attempt 2", 0]) # by hand does not count
    entry.reschedule(Time.now)
    wait_until("it succeeded") { SERVER.get("attempts") == "3" && Sidekiq::Stats.new.retry_size == 0 }

    Fail.perform_async
    dead = Sidekiq::DeadSet.new
    entry = wait_until("it is dead") { dead.first }
    equal([entry["error_class"], entry["error_message"]], ["ArgumentError", "on purpose"])
    entry.retry
    wait_until("it is dead again") { dead.first && dead.first["failed_at"] }
    dead.clear
    equal(Sidekiq::Stats.new.dead_size, 0)
  end
end

# Two take what is due from one set, and nobody takes what the other took.
def check_contention
  Checks.run("two who look for what is due") do
    due = Time.now
    200.times { |i| Sidekiq::ScheduledSet.new.schedule(due, Sidekiq::Client.new.send(:normalize_item, "class" => Note, "args" => ["due", i])) }
    wait_until("done") { Sidekiq::Stats.new.scheduled_size == 0 && noted("due").size >= 200 }
    equal(noted("due").map(&:to_i).sort, (0..199).to_a)
  end
end

def check_cut
  Checks.run("workers whose connections are cut") do
    SERVER.call(:client, :kill, :type, :normal, :skipme, :yes)
    Sidekiq.redis { |redis| wait_until("connected again") { redis.ping rescue nil } }
    Note.perform_async("cut", "still there")
    wait_until("done") { noted("cut") == ["still there"] }
  end
end

def check_shutdown
  Checks.run("a worker that is told to stop") do
    survivor = nil
    sidekiq("--concurrency", "1", "--timeout", "1") do |pid| # of several threads another may take what one gives back
      survivor = Survive.perform_async
      wait_until("it runs") { SERVER.get("survivals") == "1" }
      Process.kill("TERM", pid)
      wait_until("it has ended") { Process.wait(pid, Process::WNOHANG) }
    end
    equal(Sidekiq::Queue.new.map(&:jid), [survivor])
    sidekiq { wait_until("another does it") { SERVER.get("survivals") == "2" && Sidekiq::Queue.new.size == 0 } }
  end
end

SERVER.flushall
check_queues
sidekiq do
  check_many
  check_schedule
  check_retries
  sidekiq { check_contention }
  check_cut
end
check_shutdown
Checks.finish
