"""Own stock as CSV: read, compared, shown, and then carried out exactly as it was shown."""
