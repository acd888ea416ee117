"""What a person may demand of their data: a copy of it, and that it is not kept for ever."""
