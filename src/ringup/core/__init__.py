"""The ground that every part stands on: money, keys, ids, failures, activity. Imports none of ours."""
