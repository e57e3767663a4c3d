// The last part of what fills a tab. It stands once the browser has built all that comes before it, and says so.

export function render({model}) {
  const root = document.createElement("span")
  function tell() {
    if (root.isConnected) { model.stands = true } else { setTimeout(tell, 20) }
  }
  setTimeout(tell, 20)
  return root
}
