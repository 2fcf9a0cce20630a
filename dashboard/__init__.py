"""The sales boss's cockpit: rooms from uploaded files to pages."""
