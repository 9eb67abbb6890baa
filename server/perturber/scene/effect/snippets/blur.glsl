// Blur: a Gaussian, its standard deviation 0 to 4 pixels.
float sigma = max(4.0 * value, 0.01);
int radius = int(ceil(2.5 * sigma));
ivec2 pixel = ivec2(uv * resolution), last = ivec2(resolution) - 1;
vec3 sum = vec3(0.0);
float weights = 0.0;
for (int y = -radius; y <= radius; y++)
  for (int x = -radius; x <= radius; x++) {
    float weight = exp(-0.5 * float(x * x + y * y) / (sigma * sigma));
    sum += weight * texelFetch(image, clamp(pixel + ivec2(x, y), ivec2(0), last), 0).rgb;
    weights += weight;
  }
color = sum / weights;
