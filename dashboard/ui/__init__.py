"""What pages are made of: the filter bar, cards, figures, tables, links and empty states."""
