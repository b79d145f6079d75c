"""Work for many users at once: queues, worker processes, a cache of answers, long tasks."""
