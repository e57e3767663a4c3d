// Sliders with number boxes: one native range input a parameter, sent without debounce at the rate the hand moves.

function toSlider(item, v) { return item.log ? Math.log10(v) : v }
function fromSlider(item, s) { return item.log ? Number((10 ** s).toPrecision(3)) : s }
function shown(v, digits = 6) {
  const rounded = Number(Number(v).toPrecision(digits))
  return Math.abs(rounded) < 1e7 ? String(rounded) : rounded.toExponential().replace("e+", "e") // what a number box has room for
}

export function render({model}) {
  const root = document.createElement("div")
  root.className = "controls"
  let rows = {}

  // One message under way; what the hand does meanwhile waits in `next`, newest only, until the server has heard it.
  let sent = 0, underway = 0, next = null, late = 0
  function post(message) {
    underway = message.n = ++sent
    clearTimeout(late)
    late = setTimeout(heard, 500)
    model.send_msg(message)
  }
  function heard() {
    underway = 0
    if (next) { const message = next; next = null; post(message) }
  }
  function send(item, value) {
    const message = {name: item.name, value}
    if (underway && next && next.name !== item.name) { model.send_msg(next) }
    if (underway) { next = message } else { post(message) }
  }

  // Names and units are of files that anybody may have written: text, whatever they look like. (Hints and symbols
  // come as HTML, made of text by the server.)
  const plain = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

  function row(item) {
    const el = document.createElement("div")
    el.className = "row"
    const id = `p-${item.name.replace(/\W+/g, "-")}`
    el.innerHTML = `
      <div class="head">
        <span class="label" title="${item.doc}"><b>${plain(item.label ?? item.name)}</b>${item.symbol === item.label ? "" : ` <i>${item.symbol}</i>`}</span>
        ${item.wide == null ? "" : `<button type="button" class="hold wide">all</button>`}
        <button type="button" class="undo" title="Back to ${shown(item.default)}" aria-label="Reset ${plain(item.label ?? item.name)}">↺</button>
        <input class="number" type="text" inputmode="decimal" aria-label="${plain(item.label ?? item.name)} value">
        <span class="unit${item.unit.length > 6 ? " long" : ""}">${plain(item.unit)}</span>
      </div>
      <input class="slider" type="range" id="${id}" aria-label="${plain(item.label ?? item.name)}" title="${item.doc}" aria-describedby="${id}-doc">
      <span class="hidden" id="${id}-doc">${item.doc}</span>`
    const slider = el.querySelector(".slider"), number = el.querySelector(".number"), undo = el.querySelector(".undo")
    slider.min = toSlider(item, item.min); slider.max = toSlider(item, item.max)
    slider.step = "any" // any value can be shown; hand and keys move in steps of item.step
    let value = item.value, typing = false
    // What is found, not chosen, has as many digits as there is room for.
    function text(v) {
      let digits = item.hold ? 5 : 6
      while (item.hold && digits > 2 && shown(v, digits).length > 8) { digits -= 1 }
      return shown(v, digits)
    }
    function show(v) {
      if (item.hold && Math.abs(v) < 1e-9 * (item.max - item.min)) { v = 0 } // what is found in a gap is rounding
      value = v
      slider.value = toSlider(item, v)
      slider.setAttribute("aria-valuetext", `${shown(v)} ${item.unit}`)
      const share = 100 * (slider.value - slider.min) / (slider.max - slider.min)
      slider.style.setProperty("--share", `${share}%`)
      if (!typing) { number.value = text(v) }
      undo.hidden = Math.abs(v - item.default) <= 1e-9 * Math.max(1, Math.abs(item.default))
    }
    function move(s) {
      const low = toSlider(item, item.min), high = toSlider(item, item.max)
      const v = Math.min(item.max, Math.max(item.min, fromSlider(item, Math.min(high, Math.max(low, s)))))
      if (v !== value) { show(v); send(item, v) }
    }
    const stepped = (s) => Number((Math.round(s / item.step) * item.step).toPrecision(12))
    slider.addEventListener("input", () => move(stepped(Number(slider.value))))
    slider.addEventListener("keydown", (e) => {
      const steps = {ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10}[e.key]
      if (steps !== undefined) {
        // From between two steps a key leads to the next one; rounding of the value does not count as between.
        const at = toSlider(item, value) / item.step, near = Math.round(at)
        const on = Math.abs(at - near) < 0.3 ? near : steps > 0 ? Math.floor(at) : Math.ceil(at)
        move(Number(((on + steps) * item.step).toPrecision(12)))
      } else if (e.key === "Home") { move(toSlider(item, item.min)) } else if (e.key === "End") { move(toSlider(item, item.max)) } else { return }
      e.preventDefault()
      slider.dispatchEvent(new Event("moved"))
    })
    undo.addEventListener("click", () => { show(item.default); send(item, item.default); slider.focus() })
    const [least, most] = item.reach ?? [item.min, item.max]
    const commit = () => {
      const v = Number(number.value.replace("−", "-").replace(",", "."))
      if (number.value.trim() !== "" && Number.isFinite(v) && v >= least && v <= most) {
        number.removeAttribute("aria-invalid")
        if (v !== value) { show(v); send(item, v) }
      } else {
        number.setAttribute("aria-invalid", "true")
        model.send_msg({refused: `${item.label ?? item.name}: ${number.value || "nothing"} is not a number between ${shown(least)} and ${shown(most)} ${item.unit}`})
        number.value = text(value)
      }
    }
    number.addEventListener("input", () => { typing = true })
    number.addEventListener("change", () => { typing = false; commit() })
    number.addEventListener("blur", () => { typing = false; number.value = text(value); number.removeAttribute("aria-invalid") })
    show(item.value)
    const wide = el.querySelector(".wide")
    if (wide) {
      wide.title = item.wide ? "Back to the range of mu that the model opens with" : `Show the whole range of mu: ${shown(least)} to ${shown(most)} ${item.unit}`
      wide.setAttribute("aria-label", `Whole range of ${item.name}`)
      wide.setAttribute("aria-pressed", item.wide ? "true" : "false")
      wide.addEventListener("click", () => send({name: "wide"}, item.wide ? 0 : 1))
    }
    if (item.hold) {
      const hold = document.createElement("button")
      hold.type = "button"; hold.className = "hold"; hold.textContent = "hold"
      hold.title = "Hold this density: mu follows temperature and parameters"
      hold.setAttribute("aria-label", `Hold ${item.name}`)
      hold.setAttribute("aria-pressed", "false")
      undo.replaceWith(hold)
      hold.addEventListener("click", () => send({name: "hold"}, hold.getAttribute("aria-pressed") === "true" ? 0 : 1))
      rows.hold = {show: (v) => hold.setAttribute("aria-pressed", v ? "true" : "false")}
    }
    rows[item.name] = {el, show, slider}
    return el
  }

  function build() {
    const held = root.getRootNode().activeElement?.getAttribute("aria-label")
    rows = {}
    root.replaceChildren()
    for (const group of model.spec) {
      const box = document.createElement("fieldset")
      box.innerHTML = group.title && `<legend>${group.title}</legend>`
      for (const item of group.items) { box.append(row(item)) }
      root.append(box)
    }
    update()
    // Who changes what the sliders are by one of them keeps the focus.
    if (held) { root.querySelector(`[aria-label="${CSS.escape(held)}"]`)?.focus() }
  }

  function update() {
    for (const [name, v] of Object.entries(model.values)) {
      if (rows[name]) { rows[name].show(v) }
    }
  }

  model.on("msg:custom", (message) => {
    const {heard: count, follow} = message.data ?? message
    if (follow) { for (const [name, v] of Object.entries(follow)) { rows[name]?.show(v) } }
    if (count !== undefined && count === underway) { heard() }
  })
  model.on("spec", build)
  model.on("values", update)
  build()
  model.send_msg({opened: window.innerWidth}) // what followed before there was anything to move is sent again
  return root
}
