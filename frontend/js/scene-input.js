/**
 * Mouse, touch and keys over the picture, as camera parameters. Dragging moves the object the way the hand goes,
 * so the camera goes the other way; the object stays centred because only angles change.
 *
 * @typedef {import("./store.js").Store} Store
 */

import { intoRange } from "./parameters.js";

const DEGREES_PER_PICTURE = 180; // a drag across the whole picture
const HALF_EXTENT = Math.tan((38 / 2) * (Math.PI / 180)); // of the picture at distance 1: camera.py's field of view
const KEY_DEGREES = 5;
const KEY_PAN = 0.05;
const KEY_DOLLY = 1.08;
const WHEEL_DOLLY = 0.0012;

/**
 * @param {HTMLElement} scene
 * @param {Store} store
 */
export function bindSceneInput(scene, store) {
  const camera = makeCamera(store);
  bindPointers(scene, camera);
  scene.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1);
      camera.from().dolly(Math.exp(Math.max(-240, Math.min(240, pixels)) * WHEEL_DOLLY));
    },
    { passive: false },
  );
  scene.addEventListener("dblclick", () => camera.reset());
  scene.addEventListener("contextmenu", (event) => event.preventDefault());
  scene.addEventListener("keydown", (event) => {
    if (handleKey(event, camera)) event.preventDefault();
  });
}

/** Moves relative to where the camera was when the gesture began: rounding never adds up. */
function makeCamera(store) {
  const keys = [...store.rows.keys()].filter((key) => key.startsWith("camera."));
  const round = (value, digits) => Number(value.toFixed(digits));
  const from = () => {
    const start = Object.fromEntries(keys.map((key) => [key, store.get(key)]));
    const set = (changes) => {
      store.set(
        Object.fromEntries(
          Object.entries(changes).map(([key, value]) => [key, intoRange(store.row(key), value)]),
        ),
      );
    };
    return {
      /** @param {number} right degrees that the object turns to the right @param {number} down degrees */
      rotate: (right, down) => {
        // A rolled picture lies turned under the hand: positive roll turns it clockwise.
        const roll = (start["camera.roll"] * Math.PI) / 180;
        const yaw = right * Math.cos(roll) + down * Math.sin(roll);
        const pitch = down * Math.cos(roll) - right * Math.sin(roll);
        set({
          "camera.yaw": round(start["camera.yaw"] - yaw, 1),
          "camera.pitch": round(start["camera.pitch"] + pitch, 1),
        });
      },
      /** @param {number} right in shares of the picture @param {number} down in shares of the picture */
      pan: (right, down) => {
        const scale = 2 * HALF_EXTENT * start["camera.distance"];
        set({
          "camera.pan_x": round(start["camera.pan_x"] - right * scale, 3),
          "camera.pan_y": round(start["camera.pan_y"] + down * scale, 3),
        });
      },
      /** @param {number} factor of the distance */
      dolly: (factor) => set({ "camera.distance": round(start["camera.distance"] * factor, 3) }),
    };
  };
  return { from, reset: () => store.reset(keys) };
}

/** One finger or the left button rotates; two fingers pinch and pan; middle, right or shift drag pans. */
function bindPointers(scene, camera) {
  /** @type {Map<number, {x: number, y: number}>} */
  const pointers = new Map();
  let gesture = () => {};
  const begin = (panning) => {
    gesture = startGesture(scene.clientWidth, camera.from(), pointers, panning);
  };
  scene.addEventListener("pointerdown", (event) => {
    scene.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    begin(event.button > 0 || event.shiftKey);
    scene.dataset.dragging = "yes";
  });
  scene.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    gesture();
  });
  const end = (/** @type {PointerEvent} */ event) => {
    if (!pointers.delete(event.pointerId)) return;
    if (pointers.size) begin(false);
    else delete scene.dataset.dragging;
  };
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) scene.addEventListener(name, end);
  // The middle button would start the browser's own scrolling.
  scene.addEventListener("mousedown", (event) => event.button > 0 && event.preventDefault());
}

/** A function that moves the camera by how far the pointers have come since now. */
function startGesture(size, move, pointers, panning) {
  const start = [...pointers.values()];
  const [startX, startY] = middle(start);
  return () => {
    const now = [...pointers.values()];
    const [x, y] = middle(now);
    const [right, down] = [(x - startX) / size, (y - startY) / size];
    if (now.length > 1) move.dolly(spread(start) / Math.max(8, spread(now)));
    if (now.length > 1 || panning) move.pan(right, down);
    else move.rotate(right * DEGREES_PER_PICTURE, down * DEGREES_PER_PICTURE);
  };
}

function middle(points) {
  const sum = points.reduce(([x, y], point) => [x + point.x, y + point.y], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

/** @param {{x: number, y: number}[]} points two of them */
function spread([first, second]) {
  return Math.hypot(first.x - second.x, first.y - second.y);
}

/** @returns {boolean} whether the key was the camera's */
function handleKey(event, camera) {
  const [right, down] =
    { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
  if (right === undefined || event.metaKey) return false;
  const move = camera.from();
  if (event.ctrlKey && event.shiftKey) move.pan(right * KEY_PAN, down * KEY_PAN);
  else if (event.ctrlKey || event.shiftKey) return false;
  else if (event.altKey && down) move.dolly(down < 0 ? 1 / KEY_DOLLY : KEY_DOLLY);
  else if (event.altKey) return false;
  else move.rotate(right * KEY_DEGREES, down * KEY_DEGREES);
  return true;
}
