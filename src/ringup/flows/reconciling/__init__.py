"""Reconciliation: what each carrier says that we hold, beside what we believe to hold there."""
