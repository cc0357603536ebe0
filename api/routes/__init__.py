"""HTTP routes, one module a noun. A route translates: it calls a service and answers."""
