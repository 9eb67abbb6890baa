"""What the `perturber` program can do, one file a command; `perturber.cli` reads the arguments."""
