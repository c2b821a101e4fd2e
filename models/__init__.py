"""Decisions: the plan as a Pyomo model solved by HiGHS, and the certificate that checks it."""
