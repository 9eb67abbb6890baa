/** One tooltip for the whole page, on hover and on keyboard focus, closed by Escape. */

import { element } from "./dom.js";

const DELAY_MS = 350;

const tooltip = element("div", { class: "tooltip", hidden: true, "aria-hidden": "true" });
let timer = 0;

/**
 * Explains `target`: on hover of `area` and on focus inside it. Screen readers get the text by `aria-describedby`
 * from the caller; the tooltip is for the eye.
 * @param {HTMLElement} area
 * @param {() => (string | Node)[]} content the tooltip's paragraphs
 */
export function explain(area, content) {
  const show = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => open(area, content()), DELAY_MS);
  };
  area.addEventListener(
    "pointerenter",
    (event) => event.pointerType === "mouse" && event.buttons === 0 && show(),
  );
  area.addEventListener("pointerleave", closeTooltip);
  area.addEventListener("pointerdown", closeTooltip);
  area.addEventListener("beforeinput", closeTooltip); // who types wants to see
  area.addEventListener(
    "focusin",
    (event) => /** @type {Element} */ (event.target).matches(":focus-visible:not(textarea)") && show(),
  );
  area.addEventListener("focusout", closeTooltip);
}

function closeTooltip() {
  clearTimeout(timer);
  tooltip.hidden = true;
}

/** @param {HTMLElement} area @param {(string | Node)[]} paragraphs */
function open(area, paragraphs) {
  if (!area.isConnected) return;
  if (!tooltip.isConnected) {
    document.body.append(tooltip);
    addEventListener("keydown", (event) => event.key === "Escape" && closeTooltip());
    addEventListener("scroll", closeTooltip, { capture: true, passive: true });
  }
  tooltip.replaceChildren(
    ...paragraphs.map((paragraph) =>
      typeof paragraph === "string" ? element("p", {}, paragraph) : paragraph,
    ),
  );
  tooltip.hidden = false;
  const around = area.getBoundingClientRect();
  const own = tooltip.getBoundingClientRect();
  const below = around.bottom + 6 + own.height < innerHeight;
  const top = below ? around.bottom + 6 : Math.max(4, around.top - own.height - 6);
  const left = Math.max(8, Math.min(around.left, innerWidth - own.width - 8));
  tooltip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}
