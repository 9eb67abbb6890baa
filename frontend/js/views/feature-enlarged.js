/** One feature visualization, large; it keeps forming there. */

import { byId, element, icon, setText } from "../dom.js";

/** @type {{row: import("./feature-row.js").FeatureRow, name: string} | undefined} */
let open;

/**
 * @param {import("./feature-row.js").FeatureRow} row
 * @param {import("./feature-row.js").FeatureTile} tile
 */
export function openFeature(row, tile) {
  const dialog = byId("enlarged");
  open = { row, name: tile.name };
  const close = element(
    "button",
    { type: "button", class: "icon-button", "aria-label": "Close" },
    icon("close"),
  );
  close.addEventListener("click", () => dialog.close());
  const heading = element(
    "h2",
    { id: "enlarged-title" },
    element("span", { class: "chip" }, row.title),
    element("span", { class: "enlarged-unit" }, tile.name),
  );
  dialog.className = row.slot;
  dialog.replaceChildren(
    element("header", {}, heading, close),
    element("img", { class: "feature-large", alt: `Feature visualization of ${tile.name}` }),
    element("p", { class: "feature-facts" }),
  );
  dialog.addEventListener(
    "close",
    () => {
      open = undefined;
      tile.node.focus();
    },
    { once: true },
  );
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  dialog.showModal();
  refreshFeature(row);
}

/** Draws the enlarged picture anew, if one of `row` is open. @param {import("./feature-row.js").FeatureRow} row */
export function refreshFeature(row) {
  if (open?.row !== row) return;
  const dialog = byId("enlarged");
  const tile = row.tiles.find(({ name }) => name === open.name);
  if (!tile?.picture) {
    dialog.close();
    return;
  }
  const image = dialog.querySelector("img");
  if (image.getAttribute("src") !== tile.picture) image.src = tile.picture;
  setText(dialog.querySelector(".feature-facts"), facts(row, tile));
}

function facts(row, tile) {
  const { naive, diversity, state, step, steps, weights } = row.message;
  const form = naive
    ? "Naive parameterization: pixels"
    : "Fourier parameterization, decorrelated colour";
  const facets = diversity ? " · four facets" : "";
  const progress = state === "forming" || state === "paused" ? ` · step ${step} of ${steps}` : "";
  return `${form}${facets} · weights ${weights.slice(0, 8)}${tile.stale ? " · stale" : progress}`;
}
