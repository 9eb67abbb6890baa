// Posterise: 32 levels a channel at 0, 2 at 1.
float steps = floor(mix(31.0, 1.0, value) + 0.5);
color = floor(color * steps + 0.5) / steps;
