// Question marks: a button beside what it explains; one note for all buttons of a component, above everything else.

// notes : name -> HTML. read : hears the anchor of the equation that a note leads to. Returns the maker of buttons.
function explainer(model, root, notes, read) {
  const note = document.createElement("div")
  note.className = "note-box"
  note.popover = "manual"
  note.tabIndex = -1
  note.setAttribute("role", "dialog")
  root.append(note)
  let from = null
  function close(back) {
    if (!from) { return }
    from.setAttribute("aria-expanded", "false")
    if (back) { from.focus() }
    from = null
    note.hidePopover()
  }
  function open(button, name, about) {
    close(false)
    from = button
    note.innerHTML = `${notes[name]}<button type="button" class="close" aria-label="Close">×</button>`
    note.querySelector(".close").addEventListener("click", () => close(true))
    note.setAttribute("aria-label", about)
    button.setAttribute("aria-expanded", "true")
    note.showPopover()
    const b = button.getBoundingClientRect(), n = note.getBoundingClientRect()
    note.style.left = `${Math.max(8, b.left + n.width + 8 <= window.innerWidth ? b.left : Math.min(b.right, window.innerWidth - 8) - n.width)}px`
    note.style.top = `${Math.max(8, b.bottom + 6 + n.height <= window.innerHeight ? b.bottom + 6 : b.top - 6 - n.height)}px`
    note.focus({preventScroll: true})
  }
  note.addEventListener("click", (e) => {
    const link = e.target.closest("a[href^='#']")
    if (!link) { return }
    e.preventDefault()
    close(false)
    read(link.getAttribute("href").slice(1))
  })
  function outside(e) { if (from && !e.composedPath().includes(note) && !e.composedPath().includes(from)) { close(false) } }
  function escape(e) { if (from && e.key === "Escape") { e.stopPropagation(); close(true) } }
  document.addEventListener("pointerdown", outside, true)
  document.addEventListener("keydown", escape, true)
  model.on("remove", () => {
    document.removeEventListener("pointerdown", outside, true)
    document.removeEventListener("keydown", escape, true)
  })
  return (name, about, words = "") => {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "why"
    button.innerHTML = `<span aria-hidden="true">?</span>${words ? ` ${words}` : ""}`
    button.setAttribute("aria-label", `Explain ${about}`)
    button.setAttribute("aria-haspopup", "dialog")
    button.setAttribute("aria-expanded", "false")
    button.addEventListener("click", () => { if (from === button) { close(true) } else { open(button, name, about) } })
    return button
  }
}
