"""Work in the background: one table of jobs, one claim code, one worker command."""
