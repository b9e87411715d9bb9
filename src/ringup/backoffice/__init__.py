"""Staff's pages: the queue and the order workspace."""
