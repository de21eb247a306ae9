"""What every room uses and that knows nothing of the model: arguments, numbers in words, commands for a shell."""
