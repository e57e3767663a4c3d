// The choosers of the sidebar and the tabs open at a click only, since their state is told from outside. The keys that
// open such a list everywhere else are clicks here; the space bar once it is let go, or it would choose from the list.

if (!window.omExplorerKeys) {
  window.omExplorerKeys = true
  for (const [event, keys] of [["keydown", ["Enter", "ArrowDown", "ArrowUp"]], ["keyup", [" "]]]) {
    document.addEventListener(event, (e) => {
      const at = e.composedPath()[0]
      if (keys.includes(e.key) && at.getAttribute?.("role") === "combobox" && at.getAttribute("aria-expanded") === "false") {
        e.preventDefault()
        at.click()
      }
    }, true)
  }
}
