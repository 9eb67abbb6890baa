"""The custom effect: a user's GLSL snippet that changes the rasterised picture."""
