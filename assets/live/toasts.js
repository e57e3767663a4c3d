// Messages in the corner: each stays while it is pointed at or focused, and goes by itself, by its button, or by Escape.

const STAY = 15000
const ASK = 2000
const WORDS = {info: "Note", warning: "Note", error: "Error"}

export function render({model}) {
  const root = document.createElement("div")
  root.className = "toasts"
  let seen = 0

  function add({id, kind, text, button}, stays = Boolean(button)) {
    const said = text.replace(/[-−+]?\d[\d.]*(e[-+]?\d+)?/g, "#") // in a drag the same is said at every step, of other numbers
    for (const other of [...root.children]) { if (other.dataset.said === said) { other.remove() } }
    const toast = document.createElement("div")
    toast.className = `toast ${kind}`
    toast.dataset.said = said
    toast.setAttribute("role", kind === "error" ? "alert" : "status")
    toast.innerHTML = `<p><b></b> <span></span></p><button type="button" aria-label="Close this message">✕</button>`
    toast.querySelector("b").textContent = `${WORDS[kind] ?? "Note"}:`
    toast.querySelector("span").textContent = text
    let timer = 0
    const go = () => { clearTimeout(timer); toast.remove() }
    if (button) {
      const act = document.createElement("button")
      act.type = "button"; act.className = "act"; act.textContent = button
      act.addEventListener("click", () => { model.send_msg({pressed: id}); go() })
      toast.querySelector("p").after(act)
    }
    const stay = () => clearTimeout(timer)
    const leave = () => { stay(); if (!stays) { timer = setTimeout(go, STAY) } }
    toast.querySelector("button:not(.act)").addEventListener("click", go)
    toast.addEventListener("keydown", (e) => { if (e.key === "Escape") { go() } })
    for (const name of ["pointerenter", "focusin"]) { toast.addEventListener(name, stay) }
    for (const name of ["pointerleave", "focusout"]) { toast.addEventListener(name, leave) }
    root.append(toast)
    leave()
  }

  function update() {
    for (const message of model.messages) {
      if (message.id > seen) { seen = message.id; add(message) }
    }
  }

  // Without its server the page answers nothing any more. It is opened anew, by its address, once there is one again.
  let lost = false
  function gone() {
    if (lost) { return }
    lost = true
    add({kind: "error", text: "the server does not answer. What is on screen stays, but sliders and tabs do nothing; the page opens again as it is once the server is back."}, true)
    const again = setInterval(async () => {
      const answer = await fetch("static/js/bokeh.min.js", {method: "HEAD", cache: "no-store"}).catch(() => null)
      if (answer?.ok) { clearInterval(again); window.location.reload() }
    }, ASK)
  }
  for (const page of window.Bokeh.documents) { page.on_event("connection_lost", gone) }

  // From wherever the focus is, Escape takes the newest message away; what has a use for Escape itself goes first.
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && !e.defaultPrevented && root.isConnected) { root.lastElementChild?.remove() }
  })
  model.on("messages", update)
  update()
  return root
}
