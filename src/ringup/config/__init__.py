"""Settings, urls and the tables of strings that name adapters, jobs and schedules."""
