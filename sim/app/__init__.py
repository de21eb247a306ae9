"""The cockpit: a web page on which levers are moved and outcomes redrawn; `airace app` serves it."""
