/** Copying text and pictures, and saying so. */

import { showMessage } from "./errors.js";

const DONE_SECONDS = 2.5;

/**
 * @param {string} text
 * @param {string} what for the message: "Link", "Prediction"
 */
export async function copyText(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    showMessage({ id: "copied", level: "info", title: `${what} copied`, text, seconds: DONE_SECONDS });
  } catch {
    // Without https only the machine's own page may write to the clipboard.
    showMessage({
      id: "copied",
      title: `${what} not copied`,
      text,
      advice: "The browser refused the clipboard; copy the text from here.",
    });
  }
}

/**
 * Saves a canvas as a PNG file.
 * @param {HTMLCanvasElement} canvas
 * @param {string} name
 */
export function savePicture(canvas, name) {
  canvas.toBlob((blob) => saveBlob(blob, name), "image/png");
}

/** Saves bytes as a file. @param {Blob} blob @param {string} name */
export function saveBlob(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** @param {HTMLCanvasElement} canvas */
export async function copyPicture(canvas) {
  try {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    showMessage({
      id: "copied",
      level: "info",
      title: "Picture copied",
      text: `${canvas.width} × ${canvas.height} pixels, as the networks see it.`,
      seconds: DONE_SECONDS,
    });
  } catch {
    showMessage({
      id: "copied",
      title: "Picture not copied",
      text: "The browser refused the clipboard.",
      advice: "Use Save instead.",
    });
  }
}
