"""Pictures of what the page shows as PDF: the page writes SVG, the server draws it."""
