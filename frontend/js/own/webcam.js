/**
 * The webcam as the source of the picture: one frame of it for each frame that the server is granted.
 *
 * @typedef {import("../store.js").Store} Store
 */

import { showMessage } from "../errors.js";

const GREY = "rgb(128, 128, 128)";

export class Webcam {
  /**
   * @param {Store} store
   * @param {number} size of the square that the networks' picture has, in pixels
   * @param {(pixels: Uint8ClampedArray) => void} send takes size x size pixels, four bytes each
   */
  constructor(store, size, send) {
    this.store = store;
    this.size = size;
    this.send = send;
    this.canvas = new OffscreenCanvas(size, size);
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.playsInline = true;
    /** @type {MediaStream | undefined} */
    this.stream = undefined;
    this.asked = false;
    /** How many pictures went out since it started. */
    this.sent = 0;
    store.subscribe((changed) => changed.has("scene.source") && this.follow());
    this.follow();
  }

  get wanted() {
    return this.store.get("scene.source") === "webcam";
  }

  /** Whether the server can't have drawn a picture of it yet: the second goes out after the first was drawn. */
  get starting() {
    return this.wanted && this.sent < 2;
  }

  /** Starts and stops with the source. */
  async follow() {
    if (!this.wanted) {
      this.stop();
      return;
    }
    if (this.stream || this.asked) return;
    this.asked = true;
    try {
      await this.start();
      if (this.wanted) this.step();
      else this.stop();
    } catch (error) {
      this.stop();
      if (this.wanted) this.store.reset(["scene.source"]);
      showMessage({
        id: "webcam",
        title: "No webcam",
        text: reasonOf(error),
        advice: "The 3D scene is back. Allow the camera for this page, then choose Webcam again.",
      });
    } finally {
      this.asked = false;
    }
  }

  async start() {
    if (!navigator.mediaDevices) throw new Error("this browser gives the camera only to https and localhost");
    this.stream = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 } },
      audio: false,
    });
    this.video.srcObject = this.stream;
    await this.video.play();
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = undefined;
    this.sent = 0;
    this.video.srcObject = null;
  }

  /** Sends what the camera sees now, if it is shown. */
  step() {
    if (!this.wanted || !this.stream || !this.video.videoWidth) return;
    this.send(this.grab());
    this.sent += 1;
  }

  /** The central square, or the whole between grey bars. */
  grab() {
    const { videoWidth: width, videoHeight: height } = this.video;
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    const fit = this.store.get("scene.picture_fit") === "letterbox" ? Math.max : Math.min;
    const scale = this.size / fit(width, height);
    context.fillStyle = GREY;
    context.fillRect(0, 0, this.size, this.size);
    const [wide, high] = [width * scale, height * scale];
    context.drawImage(this.video, (this.size - wide) / 2, (this.size - high) / 2, wide, high);
    return context.getImageData(0, 0, this.size, this.size).data;
  }
}

function reasonOf(error) {
  const reasons = {
    NotAllowedError: "The browser does not allow this page the camera.",
    NotFoundError: "There is no camera on this machine.",
    NotReadableError: "Another program has the camera.",
  };
  return reasons[error.name] ?? error.message;
}
