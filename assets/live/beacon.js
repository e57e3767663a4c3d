// The last part of what fills a tab. It stands once the browser has built all that comes before it, and says so.

// Where fingers scroll, a figure that is panned by default would hold the page: it is panned once its tool is chosen.
function letPass() {
  const figures = [...thePage().document._all_models.values()].filter((found) => found.type === "Figure")
  for (const {toolbar} of figures) { if (toolbar.active_drag === "auto") { toolbar.active_drag = null } }
}

export function render({model}) {
  const root = document.createElement("span")
  function tell() {
    if (!root.isConnected) { setTimeout(tell, 20); return }
    if (window.matchMedia("(pointer: coarse)").matches) { letPass() }
    nameThem()
    setTimeout(nameThem, 500) // the widgets of a tab are built one after the other
    model.stands = true
  }
  setTimeout(tell, 20)
  return root
}
