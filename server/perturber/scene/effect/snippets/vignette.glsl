// Vignette: darkens towards the corners, which are black at 1.
float distance = length(uv - 0.5) / length(vec2(0.5));
color *= 1.0 - value * smoothstep(0.3, 1.0, distance);
