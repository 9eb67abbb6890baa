"""Post-processing and frequency decomposition of the rendered picture, in torch."""
