// Contrast: grey at 0, unchanged at 0.5, doubled at 1.
color = (color - 0.5) * (2.0 * value) + 0.5;
