/**
 * An edit as a small JSON file, the same that `server/perturber/nets/edit.py` reads and writes.
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./parameters.js").Value} Value
 */

import { saveBlob } from "./clipboard.js";
import { showMessage } from "./errors.js";
import { parseRange } from "./parameters.js";

const MAX_BYTES = 10_000;

/** The keys of a mode's settings, input to output. @param {Store} store @param {string} mode @returns {string[]} */
export const editKeys = (store, mode) =>
  [...store.rows.keys()].filter((key) => key.startsWith(`edit.${mode}.`));

const layerOf = (/** @type {string} */ key) => key.split(".").slice(2).join(".");

/** Of the keys, those of an architecture's groups. @param {string[]} keys @param {string[]} groups */
export const keysOf = (keys, groups) => keys.filter((key) => groups.includes(layerOf(key)));

/**
 * @param {Store} store
 * @param {string[]} groups what can be edited of Model 1
 * @returns {string} the edit as JSON; layers that aren't edited are left out
 */
export function writeEdit(store, groups) {
  const mode = store.get("edit.mode");
  const bases = mode === "mix" ? ["model1", "model2"] : ["model1"];
  const models = bases.map((slot) => [
    slot,
    { variant: store.get(`${slot}.variant`), checkpoint: store.get(`${slot}.checkpoint`) },
  ]);
  const edited = keysOf(editKeys(store, mode), groups).filter((key) => !store.isDefault(key));
  const setting = (key) => (mode === "mix" ? store.get(key) : parseRange(store.row(key), store.get(key)));
  const layers = Object.fromEntries(edited.map((key) => [layerOf(key), setting(key)]));
  return `${JSON.stringify({ mode, ...Object.fromEntries(models), layers }, null, 2)}\n`;
}

/**
 * The changes that an edit's JSON asks for.
 * @param {Store} store @param {string} text
 * @returns {Record<string, Value>}
 * @throws {Error} not an edit
 */
export function readEdit(store, text) {
  const edit = JSON.parse(text);
  if (edit?.mode !== "mix" && edit?.mode !== "prune")
    throw new Error("expected an edit with a mode, mix or prune");
  /** @type {Record<string, Value>} */
  const changes = { "edited.enabled": true, "edit.mode": edit.mode };
  for (const key of editKeys(store, edit.mode)) changes[key] = store.row(key).default;
  for (const slot of edit.mode === "mix" ? ["model1", "model2"] : ["model1"]) {
    if (typeof edit[slot] !== "object" || !edit[slot]) throw new Error(`expected an edit with a ${slot}`);
    changes[`${slot}.variant`] = edit[slot].variant;
    changes[`${slot}.checkpoint`] = edit[slot].checkpoint ?? 0;
  }
  for (const [layer, setting] of Object.entries(edit.layers ?? {})) {
    const key = `edit.${edit.mode}.${layer}`;
    if (!store.rows.has(key)) throw new Error(`${layer}: there is no such layer`);
    changes[key] = Array.isArray(setting) ? setting.join(",") : setting;
  }
  return changes;
}

/** @param {Store} store @param {string[]} groups */
export function saveEdit(store, groups) {
  saveBlob(new Blob([writeEdit(store, groups)], { type: "application/json" }), "edit.json");
}

/** Takes the edit of a file whole, or says why not. @param {Store} store @param {File} file */
export async function loadEdit(store, file) {
  try {
    if (file.size > MAX_BYTES) throw new Error(`expected at most ${MAX_BYTES} bytes, got ${file.size}`);
    store.set(readEdit(store, await file.text()));
  } catch (error) {
    showMessage({
      id: "edit-file",
      title: `${file.name} is not an edit`,
      text: error.message,
      advice: "Nothing was changed.",
    });
  }
}

/** Where the Edited Model's weights are. @param {Store} store @returns {string} */
export function weightsAddress(store) {
  const counts = (key) => /^(edit|model[12])\./.test(key) && !key.endsWith(".enabled");
  const pairs = Object.entries(store.difference()).filter(([key]) => counts(key));
  return `api/edited.safetensors?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}`;
}
