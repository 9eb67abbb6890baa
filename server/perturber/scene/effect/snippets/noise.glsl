// Noise: a fixed pattern of grey grain, up to 0.5 brighter or darker at 1.
uvec2 pixel = uvec2(uv * resolution);
uint hash = pixel.x * 1664525u + pixel.y * 1013904223u;
hash = (hash ^ (hash >> 16)) * 2246822519u;
hash = (hash ^ (hash >> 13)) * 3266489917u;
hash ^= hash >> 16;
color += value * (float(hash >> 8) / 16777215.0 - 0.5);
