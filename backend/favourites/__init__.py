"""What people save, what they like, and what that lets us recommend."""
