// Pixelate: cells of 1 pixel at 0, of 32 at 1; each has its mean colour.
int size = int(floor(1.0 + 31.0 * value + 0.5));
ivec2 pixel = ivec2(uv * resolution);
ivec2 start = pixel / size * size;
ivec2 end = min(start + size, ivec2(resolution));
vec3 sum = vec3(0.0);
for (int y = start.y; y < end.y; y++)
  for (int x = start.x; x < end.x; x++)
    sum += texelFetch(image, ivec2(x, y), 0).rgb;
ivec2 sides = end - start;
color = sum / float(sides.x * sides.y);
