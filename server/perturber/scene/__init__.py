"""3D scene: meshes, textures, camera, backgrounds, the renderer and its worker process."""
