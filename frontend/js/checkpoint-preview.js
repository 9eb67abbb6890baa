/**
 * While a checkpoint slider moves, the row below shows the shipped feature visualizations of each checkpoint at once.
 *
 * @typedef {import("./store.js").Store} Store
 */

/** The pictures of a variant's checkpoints, by address: asked once. @type {Map<string, Promise<any>>} */
const known = new Map();

/**
 * @param {Store} store
 * @param {HTMLElement} node holds the sliders
 * @param {{slot: string, features: import("./views/feature-row.js").FeatureRow}[]} rows
 */
export function followCheckpoints(store, node, rows) {
  const ask = (slot) => picturesOf(store, slot);
  // Asked for before the thumb moves, so that the first step shows something.
  const ahead = (event) => {
    const key = event.target.closest("[data-key$='.checkpoint']")?.dataset.key;
    if (key && store.get("view.featvis")) ask(key.replace(".checkpoint", ""));
  };
  node.addEventListener("pointerover", ahead);
  node.addEventListener("focusin", ahead);
  node.addEventListener("checkpointpreview", async (event) => {
    const { slot, checkpoint } = /** @type {CustomEvent} */ (event).detail;
    if (!store.get("view.featvis")) return;
    latest.set(slot, checkpoint);
    const pictures = (await ask(slot))[checkpoint];
    if (pictures && latest.get(slot) === checkpoint)
      rows.find((row) => row.slot === slot)?.features.preview(pictures);
  });
}

/** The checkpoint that each slot's thumb is at. @type {Map<string, number>} */
const latest = new Map();

/** @returns {Promise<Record<string, Record<string, string>>>} by checkpoint and unit */
function picturesOf(store, slot) {
  const query = new URLSearchParams({
    layer: store.get("view.layer"),
    units: store.get("view.units"),
    naive: String(store.get("view.naive")),
  });
  const address = `/api/feature-visualizations/${encodeURIComponent(store.get(`${slot}.variant`))}?${query}`;
  const asked = known.get(address) ?? fetchPictures(address);
  known.set(address, asked);
  return asked;
}

async function fetchPictures(address) {
  try {
    const answer = await fetch(address);
    if (answer.ok) return await answer.json();
  } catch {
    // No connection: the slider works without previews.
  }
  known.delete(address);
  return {};
}
