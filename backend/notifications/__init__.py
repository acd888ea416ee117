"""What people are told when they are not looking: an inbox for each, and what reaches their live sockets."""
