// The page that all stands in, as the browser holds it: whether it is dark is known here before the server hears of it.

function thePage() {
  return window.Bokeh.documents.flatMap((doc) => doc.roots()).map((root) => root.data).find((data) => data?.properties.theme_toggle)
}
