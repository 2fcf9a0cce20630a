"""Charts: pure functions from columns to a figure in Plotly's schema; nothing here imports Plotly."""
