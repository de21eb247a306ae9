/* Search without a server. A page that is opened from a folder may not start a worker, on which the theme's search runs.
   There the worker's script runs in a hidden frame instead, and messages are handed over. On a server nothing is changed. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      document.body.append(this.frame)
      const room = this.frame.contentWindow
      room.document.open() // without this some browsers throw the first, empty document away
      room.document.write("<!doctype html><title>search</title>")
      room.document.close()
      room.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      const script = room.document.createElement("script")
      script.src = new URL(url, document.baseURI)
      this.ready = new Promise(done => { script.onload = done })
      room.document.head.append(script)
    }
    postMessage(data) {
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })))
    }
    terminate() { this.frame.remove() }
  }
}
