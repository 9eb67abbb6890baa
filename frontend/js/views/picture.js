/** The picture that the networks see, drawn without ever changing its place or size. */

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {(picture: import("../protocol.js").Buffer) => void}
 */
export function makePictureView(canvas) {
  const context = canvas.getContext("2d", { alpha: false });
  let image = context.createImageData(canvas.width, canvas.height);
  let pixels = new Uint32Array(image.data.buffer);
  return ({ shape: [height, width], data }) => {
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      image = context.createImageData(width, height);
      pixels = new Uint32Array(image.data.buffer);
    }
    for (let i = 0, j = 0; i < pixels.length; i += 1, j += 3) {
      pixels[i] = 0xff000000 | (data[j + 2] << 16) | (data[j + 1] << 8) | data[j];
    }
    context.putImageData(image, 0, 0);
  };
}
