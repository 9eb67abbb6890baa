/**
 * The websocket and its states. Everything that comes from the server passes through here.
 *
 * @typedef {"connecting" | "live" | "lost" | "incompatible"} State
 * @typedef {{onState: (state: State, detail: {retryAt?: number, reason?: string}) => void,
 *   onWelcome: (welcome: import("./protocol.js").Welcome) => void,
 *   onFrame: (frame: import("./protocol.js").Frame) => void,
 *   onLayer: (layer: import("./protocol.js").LayerMaps) => void,
 *   onFeatureVis: (row: import("./protocol.js").FeatureVis) => void,
 *   onError: (error: import("./protocol.js").ErrorMessage) => void,
 *   onNotice: (notice: import("./protocol.js").Notice) => void}} Handlers
 */

import { CLOSED_INCOMPATIBLE, PROTOCOL, decodeBinary, decodeMessage, encode } from "./protocol.js";

/** @type {Record<State, State[]>} */
const TRANSITIONS = {
  connecting: ["live", "lost", "incompatible"],
  live: ["lost", "incompatible"],
  lost: ["connecting"],
  incompatible: [],
};
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

/**
 * How long to wait before the next attempt: doubling, with jitter so that a restarted server is not stormed.
 * @param {number} attempt 0 for the first
 * @param {number} [random] in [0, 1)
 */
export function retryDelay(attempt, random = Math.random()) {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt) * (0.5 + 0.5 * random);
}

export class Connection {
  /** @param {string} url @param {Handlers} handlers */
  constructor(url, handlers) {
    this.url = url;
    this.handlers = handlers;
    /** @type {State} */
    this.state = "lost";
    this.attempt = 0;
    this.timer = 0;
    /** @type {WebSocket | undefined} */
    this.socket = undefined;
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => !document.hidden && this.retryNow());
  }

  open() {
    clearTimeout(this.timer);
    this.moveTo("connecting");
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => socket.send(encode.hello());
    socket.onmessage = (event) => socket === this.socket && this.receive(event.data);
    socket.onclose = (event) => socket === this.socket && this.closed(event);
    this.socket = socket;
  }

  /** Tries again at once if the connection is lost. */
  retryNow() {
    if (this.state === "lost" && this.socket) this.open();
  }

  /**
   * @param {number} revision
   * @param {Record<string, import("./parameters.js").Value>} values
   * @returns {boolean} whether the patch went out
   */
  sendPatch(revision, values) {
    if (this.state !== "live") return false;
    this.socket.send(encode.patch(revision, values));
    return true;
  }

  /** @param {"step" | "undo" | "reset" | "cancel"} action @param {number} [steps] */
  sendAttack(action, steps) {
    if (this.state === "live") this.socket.send(encode.attack(action, steps));
  }

  /** @param {Uint8ClampedArray} pixels of the webcam's square, four bytes each */
  sendWebcam(pixels) {
    if (this.state === "live") this.socket.send(encode.webcam(pixels));
  }

  /** Asks for all units of the shown layer. */
  sendLayer() {
    if (this.state === "live") this.socket.send(encode.layer());
  }

  /** @param {"play" | "pause"} action @param {string} slot */
  sendFeatureVis(action, slot) {
    if (this.state === "live") this.socket.send(encode.featurevis(action, slot));
  }

  /** Grants the server one frame. */
  sendReady() {
    if (this.state === "live") this.socket.send(encode.ready());
  }

  /** @param {string | ArrayBuffer} data */
  receive(data) {
    if (typeof data !== "string") {
      this.receiveBinary(data);
      return;
    }
    const message = decodeMessage(data);
    if (message.type === "welcome") this.welcomed(message);
    else if (message.type === "featurevis") this.handlers.onFeatureVis(message);
    else if (message.type === "notice") this.handlers.onNotice(message);
    else if (message.code === "version") this.refuse(message.message);
    else this.handlers.onError(message);
  }

  /** @param {ArrayBuffer} data */
  receiveBinary(data) {
    let message;
    try {
      message = decodeBinary(data);
    } catch (error) {
      this.sendReady(); // the next frame may be whole
      throw error;
    }
    if ("type" in message) this.handlers.onLayer(message);
    else this.handlers.onFrame(message);
  }

  /** @param {import("./protocol.js").Welcome} welcome */
  welcomed(welcome) {
    if (welcome.protocol !== PROTOCOL) {
      this.refuse(`This page speaks protocol ${PROTOCOL}, the server speaks ${welcome.protocol}.`);
      return;
    }
    this.attempt = 0;
    this.moveTo("live");
    this.handlers.onWelcome(welcome);
  }

  /** Page and server don't fit together; only a reload helps. @param {string} reason */
  refuse(reason) {
    if (this.state === "incompatible") return;
    this.moveTo("incompatible", { reason });
    this.socket.close();
  }

  /** @param {CloseEvent} event */
  closed(event) {
    if (this.state === "incompatible") return;
    if (event.code === CLOSED_INCOMPATIBLE) {
      this.refuse(event.reason || "The server speaks another version of the protocol.");
      return;
    }
    const delay = retryDelay(this.attempt++);
    this.moveTo("lost", { retryAt: performance.now() + delay, reason: event.reason });
    this.timer = window.setTimeout(() => this.retryNow(), delay);
  }

  /** @param {State} state @param {{retryAt?: number, reason?: string}} [detail] */
  moveTo(state, detail = {}) {
    if (!TRANSITIONS[this.state].includes(state))
      throw new Error(`connection: ${this.state} can't become ${state}`);
    this.state = state;
    this.handlers.onState(state, detail);
  }
}
