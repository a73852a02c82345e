# What the workers of sidekiq_check.rb do.

require "sidekiq"

# How often a worker looks for what is due, in seconds. Sidekiq's own choice is five, and fifteen before the first time.
Sidekiq.configure_server { Sidekiq.options[:poll_interval_average] = 0.1 }

class Note
  include Sidekiq::Job

  def perform(key, what)
    Sidekiq.redis { |redis| redis.rpush(key, what) }
  end
end

class Urgent < Note
  sidekiq_options queue: "critical"
end

# Fails until it is run for the given time.
class SucceedAt
  include Sidekiq::Job
  sidekiq_options retry: 5
  sidekiq_retry_in { 3600 }

  def perform(attempt)
    n = Sidekiq.redis { |redis| redis.incr("attempts") }
    raise "attempt #{n}" if n < attempt
  end
end

class Fail
  include Sidekiq::Job
  sidekiq_options retry: 0

  def perform
    raise ArgumentError, "on purpose"
  end
end

# Does not end the first time.
class Survive
  include Sidekiq::Job

  def perform
    sleep if Sidekiq.redis { |redis| redis.incr("survivals") } == 1
  end
end
