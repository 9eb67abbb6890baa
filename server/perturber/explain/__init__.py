"""Explaining networks: feature visualization and the pictures of classes."""
