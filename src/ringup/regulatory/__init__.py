"""Papers: whose they are, what a number needs, the documents, and how far the carrier's look is."""
