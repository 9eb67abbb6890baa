"""What the networks can do, measured: every number of the model card."""
