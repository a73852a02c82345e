# What the programs of this directory share. Each drives one application as its users do, against the server that REDIS_HOST
# and REDIS_PORT name, prints a line per check, and exits with 1 if a check failed. It empties that server.

require "redis"

Redis.silence_deprecations = true # there are hints for Sidekiq in it

ENV["REDIS_URL"] = "redis://#{ENV.fetch("REDIS_HOST", "127.0.0.1")}:#{ENV.fetch("REDIS_PORT", "6379")}"

module Checks
  @failed = 0

  class << self
    # How many seconds a check waits for what must come. None passes or fails by how long something took. Once a check has
    # failed the rest, which may fail for the same reason, wait for a second only.
    def patience
      longest = ENV.fetch("PATIENCE_MS", "60000").to_f / 1000
      @failed > 0 ? [longest, 1].min : longest
    end

    def run(what)
      yield
      puts "ok #{what}"
    rescue StandardError => error
      @failed += 1
      puts "FAILED #{what}: #{error.full_message(highlight: false)}"
    ensure
      $stdout.flush
    end

    def finish
      exit(@failed == 0)
    end
  end
end

SERVER = Redis.new

def equal(got, want)
  raise "got #{got.inspect}, want #{want.inspect}" unless got == want
end

# Asks over and over until the answer is true, and returns it.
def wait_until(what)
  give_up = Process.clock_gettime(Process::CLOCK_MONOTONIC) + Checks.patience
  until (answer = yield)
    raise "still not: #{what}" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > give_up
    sleep 0.01
  end
  answer
end
