"""The steps of runs, one file each."""
