// Edges: fades to half the length of Sobel's gradient, all of it at 1.
ivec2 pixel = ivec2(uv * resolution), last = ivec2(resolution) - 1;
vec3 across = vec3(0.0), up = vec3(0.0);
for (int y = -1; y <= 1; y++)
  for (int x = -1; x <= 1; x++) {
    vec3 seen = texelFetch(image, clamp(pixel + ivec2(x, y), ivec2(0), last), 0).rgb;
    across += float(x * (2 - abs(y))) * seen;
    up += float(y * (2 - abs(x))) * seen;
  }
color = mix(color, sqrt(across * across + up * up) / 2.0, value);
