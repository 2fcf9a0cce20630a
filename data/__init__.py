"""Demo firms: a simulated sales year, and the CRM exports that show it."""
