/** How the instrument is doing: connection, frames per second, latency, stage timings, the running bar. */

import { copyText } from "../clipboard.js";
import { byId, element, setText } from "../dom.js";
import { explain } from "../tooltip.js";

const WORDS = { connecting: "Connecting", live: "Live", lost: "Lost", incompatible: "Reload" };
const WINDOW_MS = 1500;
const REFRESH_MS = 200;

export class StatusView {
  constructor() {
    /** Times of the last frames. @type {number[]} */
    this.frames = [];
    /** @type {Record<string, number>} */
    this.timing = {};
    this.latency = NaN;
    explain(byId("readout"), () => [element("strong", {}, "Last frame"), timingTable(this.timing)]);
    byId("readout").addEventListener("click", () =>
      copyText(JSON.stringify(this.timing), "Stage timings in milliseconds"),
    );
    setInterval(() => this.refresh(), REFRESH_MS);
  }

  /** @param {import("../connection.js").State} state @param {{retryAt?: number, reason?: string}} detail */
  connection(state, { retryAt, reason }) {
    const node = byId("connection");
    node.dataset.state = state;
    document.body.dataset.connection = state;
    setText(byId("connection-word"), WORDS[state]);
    if (state === "live") this.retryAt = undefined;
    if (state === "lost") this.retryAt = retryAt;
    // The banner stays through the attempts to reconnect; the first attempt of all is the loading panel's.
    byId("banner").hidden = state === "live" || (state === "connecting" && this.retryAt === undefined);
    byId("banner").dataset.state = state;
    if (state === "incompatible") {
      setText(byId("banner-title"), "This page is older than the server");
      setText(
        byId("banner-text"),
        `${reason ?? ""} Your settings are in the address and survive the reload.`.trim(),
      );
    } else {
      setText(
        byId("banner-title"),
        document.body.dataset.phase === "live" ? "Connection lost" : "The server does not answer",
      );
    }
    this.refresh();
  }

  /** @param {import("../protocol.js").Frame} frame @param {number | undefined} latency in milliseconds */
  frame(frame, latency) {
    this.frames.push(performance.now());
    if (this.frames.length > 64) this.frames.shift();
    this.timing = frame.timing;
    if (latency !== undefined) this.latency = latency;
  }

  /** @param {boolean} waiting whether a newer picture than the one shown is on its way */
  computing(waiting) {
    byId("scene").toggleAttribute("data-computing", waiting);
  }

  /** Texts change a few times a second, not with every frame: numbers that flicker can't be read. */
  refresh() {
    const now = performance.now();
    const recent = this.frames.filter((time) => now - time < WINDOW_MS);
    const rate = recent.length > 1 ? ((recent.length - 1) * 1000) / (recent.at(-1) - recent[0]) : NaN;
    const busy = recent.length > 1 && now - recent.at(-1) < 500;
    setText(byId("fps"), busy ? rate.toFixed(0) : "–");
    setText(byId("latency"), Number.isNaN(this.latency) ? "–" : this.latency.toFixed(0));
    if (byId("banner").dataset.state === "incompatible") return;
    const seconds = Math.ceil(((this.retryAt ?? now) - now) / 1000);
    setText(
      byId("banner-text"),
      seconds > 0
        ? `Trying again in ${seconds} s. Your settings are kept.`
        : "Trying again now. Your settings are kept.",
    );
  }
}

function timingTable(timing) {
  const rows = Object.entries(timing).map(([stage, milliseconds]) => {
    const words = stage.replace(/\d+$/, " $&");
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, words[0].toUpperCase() + words.slice(1)),
      element("td", {}, `${milliseconds.toFixed(1)} ms`),
    );
  });
  return element("table", { class: "timings" }, ...rows);
}
