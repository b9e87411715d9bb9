"""What happens to an order between its submit and its end."""
